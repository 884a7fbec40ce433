//! What this machine gives, and the sentence that says what it lacks.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cgroup::Hierarchies;

/// Why a test cannot run here.
pub type Lacking = String;

/// The programs that a test on this kernel runs.
#[derive(Debug, Clone)]
pub struct Programs {
    /// `plumb-agent`.
    pub agent: PathBuf,
    /// `sample`, linked statically.
    pub sample: PathBuf,
}

impl Programs {
    /// Finds the agent and the sample: by `$PLUMBLINE_AGENT` and `$PLUMBLINE_SAMPLE`, else in the target folder.
    pub fn find() -> Result<Self, Lacking> {
        let agent = named("PLUMBLINE_AGENT", &["plumb-agent"])?;
        let target = format!("{}-unknown-linux-gnu", env::consts::ARCH);
        let static_sample = format!("../{target}/release/sample");
        Ok(Self { agent, sample: named("PLUMBLINE_SAMPLE", &[&static_sample])? })
    }
}

/// What every test that loads the agent needs.
pub fn ready_for_agent() -> Result<Programs, Lacking> {
    if !nix::unistd::Uid::effective().is_root() {
        return Err("not root: loading eBPF programs needs uid 0".to_owned());
    }
    if !Path::new("/sys/kernel/btf/vmlinux").exists() {
        return Err("no /sys/kernel/btf/vmlinux: this kernel is built without BTF".to_owned());
    }
    Hierarchies::mounted().map_err(|cause| format!("{cause:#}"))?;
    Programs::find()
}

/// The path of `program` if it is on PATH.
pub fn program(name: &str) -> Result<PathBuf, Lacking> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| format!("{name} is not installed"))
}

/// A command for another program of this crate, built beside the test or bench that runs now.
pub fn beside(name: &str) -> Result<Command, Lacking> {
    named("", &[name]).map(Command::new)
}

/// The file that the environment names, else the first of `places` that is there, relative to the folder that
/// cargo put this crate's programs in.
fn named(variable: &str, places: &[&str]) -> Result<PathBuf, Lacking> {
    if let Some(path) = env::var_os(variable).filter(|_| !variable.is_empty()) {
        let path = PathBuf::from(path);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(format!("{variable} names {}, which is no file", path.display()))
        };
    }
    let own = env::current_exe().map_err(|cause| format!("find this program: {cause}"))?;
    let folders = own.ancestors().skip(1).take(2);
    folders
        .flat_map(|folder| places.iter().map(move |place| folder.join(place)))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| format!("{} is not built (`cargo xtask test` builds it)", places.join(" or ")))
}
