//! Setting up: each step looks first, makes only what is not there, and says which it was.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::sh::{Cmd, dim};
use crate::workspace::Workspace;

pub(crate) use bpf::Bpf;
pub(crate) use oracle::NO_GO;

mod bpf;
mod containerd;
mod mounts;
mod oracle;
mod packages;
mod tools;

/// How a step found things, in words for the reader.
#[derive(Debug)]
enum Done {
    Already(String),
    Made(String),
}

/// Every step. All are tried, so that one run tells all that is wrong; true when none failed.
pub(crate) fn all(workspace: &Workspace) -> bool {
    let steps = [
        compiler(workspace).map(drop),
        packages(),
        mounts(),
        cargo_deny(workspace).map(drop),
        cargo_fuzz(workspace).map(drop),
        oracle(workspace).map(drop),
        containerd(workspace).map(drop),
    ];
    let failures = steps.into_iter().filter_map(Result::err).map(|error| eprintln!("error: {error:#}"));
    failures.count() == 0
}

/// The compiler and the linker of crate agent-ebpf.
pub(crate) fn compiler(workspace: &Workspace) -> Result<Bpf> {
    step("eBPF compiler", || bpf::find_or_make(workspace))
}

/// The programs from the distribution that tests and the sample run.
pub(crate) fn packages() -> Result<()> {
    step("packages", || packages::ensure(packages::TESTS).map(|done| ((), done)))
}

/// The kernel's file systems that the agent reads or pins into.
pub(crate) fn mounts() -> Result<()> {
    step("mounts", || mounts::ensure().map(|done| ((), done)))
}

pub(crate) fn cargo_deny(workspace: &Workspace) -> Result<Cmd> {
    step("cargo-deny", || tools::CARGO_DENY.ensure(workspace))
}

pub(crate) fn cargo_fuzz(workspace: &Workspace) -> Result<Cmd> {
    step("cargo-fuzz", || tools::CARGO_FUZZ.ensure(workspace))
}

/// The program that is asked what cel-go makes of an expression; none where there is no Go to build it.
pub(crate) fn oracle(workspace: &Workspace) -> Result<Option<PathBuf>> {
    step("oracle", || oracle::find_or_make(workspace))
}

/// The folder of a containerd for the tests; none where there is no Go to build it.
pub(crate) fn containerd(workspace: &Workspace) -> Result<Option<PathBuf>> {
    step("containerd", || containerd::find_or_make(workspace))
}

fn step<T>(name: &str, make: impl FnOnce() -> Result<(T, Done)>) -> Result<T> {
    let (made, done) = make().with_context(|| format!("set-up of {name}"))?;
    match done {
        Done::Already(what) => eprintln!("{}", dim(&format!("{name}: ok, there already ({what})"))),
        Done::Made(what) => eprintln!("{name}: done ({what})"),
    }
    Ok(made)
}
