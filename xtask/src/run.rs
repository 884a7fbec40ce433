//! The run verb: the agent against this machine's containers, or against the sample's.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::artifacts;
use crate::sample::{self, Sample};
use crate::sh::{Cmd, Privilege, privilege};
use crate::toolchain;
use crate::workspace::Workspace;

#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// Start containers of our own, most of which do what none should, and end: 0 if exactly the expected alerts
    /// came, else 1
    #[arg(long)]
    sample: bool,
    /// Let them do only what is ordinary, of fifteen kinds, and end: 0 if nothing was told, else 1
    #[arg(long, requires = "sample")]
    quiet: bool,
    /// Add one that is not ordinary: it must fail then
    #[arg(long, hide = true, requires = "quiet")]
    but_one: bool,
    /// Folder of Pods and their controllers that say what is declared [default: an empty one in the cache]
    #[arg(long, value_name = "DIR", conflicts_with = "sample")]
    declarations: Option<PathBuf>,
    /// Further arguments of `plumb-agent run`, after --
    #[arg(last = true, value_name = "ARGS", conflicts_with = "sample")]
    agent_args: Vec<OsString>,
    /// Agent and sample are built already; used when this starts itself again through sudo
    #[arg(long, hide = true, requires = "sample")]
    built: bool,
}

impl RunArgs {
    fn which(&self) -> Sample {
        match (self.quiet, self.but_one) {
            (false, _) => Sample::Loud,
            (true, false) => Sample::Quiet,
            (true, true) => Sample::QuietButOne,
        }
    }
}

pub(crate) fn run(workspace: &Workspace, args: &RunArgs) -> Result<bool> {
    if args.sample {
        let sample = args.which();
        return if args.built { sample::run(workspace, sample) } else { build_and_sample(workspace, sample) };
    }
    let agent = artifacts::agent(workspace, &toolchain::compiler(workspace)?)?;
    toolchain::mounts()?;
    let none_declared = workspace.cache.join("declarations");
    std::fs::create_dir_all(&none_declared).context("cannot make an empty folder of declarations")?;
    let run =
        Cmd::root(&agent)?.dir(&workspace.root).args(["run", "--policies", "policies", "--declarations"]);
    let run = run.arg(args.declarations.as_ref().unwrap_or(&none_declared));
    let run = run.args(["--output", "-", "--format", "text"]).args(&args.agent_args);
    run.announce();
    // In this process's place, so that signals reach it and its exit code is ours.
    Err(run.into_inner().exec()).with_context(|| format!("cannot start {}", agent.display()))
}

/// Builds as who calls, and runs as root.
pub(crate) fn build_and_sample(workspace: &Workspace, sample: Sample) -> Result<bool> {
    let bpf = toolchain::compiler(workspace)?;
    toolchain::packages()?;
    toolchain::mounts()?;
    artifacts::agent(workspace, &bpf)?;
    artifacts::sample(workspace)?;
    if privilege() == Privilege::Root {
        return sample::run(workspace, sample);
    }
    let this = std::env::current_exe().context("cannot tell the path of xtask")?;
    // sudo clears the environment; this much of it the other one needs.
    let settings = [("PLUMBLINE_CACHE", workspace.cache.clone()), ("CARGO_TARGET_DIR", workspace.target())];
    let settings = settings.map(|(name, value)| format!("{name}={}", value.display()));
    let again =
        Cmd::root("env")?.args(settings).arg(this).args(["run", "--sample", "--built"]).args(flags(sample));
    again.announce();
    let status = again.into_inner().status().context("cannot start sudo")?;
    Ok(status.success())
}

/// By what `run` tells which sample it is to start.
fn flags(sample: Sample) -> &'static [&'static str] {
    match sample {
        Sample::Loud => &[],
        Sample::Quiet => &["--quiet"],
        Sample::QuietButOne => &["--quiet", "--but-one"],
    }
}
