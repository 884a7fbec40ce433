//! What this machine gives, and the sentence that says what it lacks.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::cgroup::Hierarchies;

/// Why a test cannot run here. A test that returns it is counted as ignored, not as failed and not as passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking(String);

impl Lacking {
    /// What is lacking, as a sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Lacking {}

/// Says what is lacking.
pub(crate) fn lacking<T>(sentence: impl Into<String>) -> Result<T, Lacking> {
    Err(Lacking::new(sentence))
}

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
        let static_sample = format!("../{}-unknown-linux-gnu/release/sample", env::consts::ARCH);
        Ok(Self {
            agent: named("PLUMBLINE_AGENT").unwrap_or_else(|| built("plumb-agent"))?,
            sample: named("PLUMBLINE_SAMPLE").unwrap_or_else(|| built(&static_sample))?,
        })
    }
}

/// The agent whose programs say what they saw: by `$PLUMBLINE_DIAGNOSING_AGENT`.
pub fn diagnosing_agent() -> Result<PathBuf, Lacking> {
    named("PLUMBLINE_DIAGNOSING_AGENT").unwrap_or_else(|| {
        lacking("no agent built with feature ebpf-log: PLUMBLINE_DIAGNOSING_AGENT names none")
    })
}

/// What every test that loads the agent needs.
pub fn ready_for_agent() -> Result<Programs, Lacking> {
    if !nix::unistd::Uid::effective().is_root() {
        return lacking("not root: loading eBPF programs needs uid 0");
    }
    if !Path::new("/sys/kernel/btf/vmlinux").exists() {
        return lacking("no /sys/kernel/btf/vmlinux: this kernel is built without BTF");
    }
    Hierarchies::mounted().or_else(|cause| lacking(format!("{cause:#}")))?;
    Programs::find()
}

/// The path of `program` if it is on PATH.
pub fn program(name: &str) -> Result<PathBuf, Lacking> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
        .map_or_else(|| lacking(format!("{name} is not installed")), Ok)
}

/// A command for another program of this crate, built beside the test or bench that runs now.
pub fn beside(name: &str) -> Result<Command, Lacking> {
    built(name).map(Command::new)
}

/// The kernel and the processors of this machine, for figures that were measured on it.
pub fn description() -> anyhow::Result<String> {
    let kernel =
        std::fs::read_to_string("/proc/sys/kernel/osrelease").context("read the kernel's release")?;
    let processors = std::fs::read_to_string("/proc/cpuinfo").context("read /proc/cpuinfo")?;
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("a processor that does not say its name", |(_, model)| model.trim());
    let count = std::thread::available_parallelism()?;
    Ok(format!("Linux {}, {count} processors ({model})", kernel.trim()))
}

/// What a process has in memory now.
pub fn resident_bytes(pid: u32) -> anyhow::Result<u64> {
    status_bytes(pid, "VmRSS:")
}

/// The most that a process had in memory.
pub fn peak_resident_bytes(pid: u32) -> anyhow::Result<u64> {
    status_bytes(pid, "VmHWM:")
}

/// What of a process's resident memory is mapped from `name`, from the text of `/proc/PID/smaps`.
pub fn mapped_bytes(pid: u32, name: &str) -> anyhow::Result<u64> {
    Ok(mapped_in(&std::fs::read_to_string(format!("/proc/{pid}/smaps"))?, name))
}

/// How many descriptors a process has open.
pub fn descriptors(pid: u32) -> anyhow::Result<usize> {
    let folder = format!("/proc/{pid}/fd");
    Ok(std::fs::read_dir(&folder).with_context(|| format!("read {folder}"))?.count())
}

fn mapped_in(smaps: &str, name: &str) -> u64 {
    let (mut wanted, mut kibibytes) = (false, 0);
    for line in smaps.lines() {
        // A mapping's first line begins with its addresses, the others with a field's name.
        match line.strip_prefix("Rss:") {
            Some(resident) if wanted => {
                kibibytes += resident.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0);
            }
            Some(_) => {}
            None if line.split(' ').next().is_some_and(|first| !first.ends_with(':')) => {
                wanted = line.ends_with(name);
            }
            None => {}
        }
    }
    kibibytes << 10
}

fn status_bytes(pid: u32, field: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.trim().strip_suffix(" kB")?.parse::<u64>().ok())
        .with_context(|| format!("no {field} in the status of {pid}"))?;
    Ok(kibibytes * 1024)
}

/// The file that the environment names, if it names one.
fn named(variable: &str) -> Option<Result<PathBuf, Lacking>> {
    let path = PathBuf::from(env::var_os(variable)?);
    Some(if path.is_file() {
        Ok(path)
    } else {
        lacking(format!("{variable} names {}, which is no file", path.display()))
    })
}

/// A file in the folder that cargo put this program in, or in the one above, where a test's programs are.
fn built(place: &str) -> Result<PathBuf, Lacking> {
    let own = env::current_exe().or_else(|cause| lacking(format!("find this program: {cause}")))?;
    let mut folders = own.ancestors().skip(1).take(2).map(|folder| folder.join(place));
    folders
        .find(|candidate| candidate.is_file())
        .map_or_else(|| lacking(format!("{place} is not built (`cargo xtask test` builds it)")), Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_of_one_mapping_is_told_from_the_others() {
        let smaps = "7f0-7f1 r--s 00000000 00:0e 1   anon_inode:bpf-map\nSize: 8 kB\nRss:   4 kB\nVmFlags: rd sh\n\
                     7f1-7f2 rw-p 00000000 00:00 0\nRss:  100 kB\n\
                     7f2-7f3 rw-s 00001000 00:0e 1   anon_inode:bpf-map\nRss:   8 kB\n";
        assert_eq!(mapped_in(smaps, "anon_inode:bpf-map"), 12 << 10);
    }
}
