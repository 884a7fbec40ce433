//! The programs that verbs run, built by cargo.

use std::path::PathBuf;

use anyhow::Result;

use crate::toolchain::Bpf;
use crate::workspace::Workspace;

/// plumb-agent, with its eBPF programs inside.
pub(crate) fn agent(workspace: &Workspace, bpf: &Bpf) -> Result<PathBuf> {
    bpf.apply(workspace.cargo()).args(["build", "--release", "--package=plumbline-agent"]).run()?;
    Ok(agent_path(workspace))
}

/// plumb-agent whose programs say what they saw: for tests, so not optimised, as the unit tests' build is.
pub(crate) fn diagnosing_agent(workspace: &Workspace, bpf: &Bpf) -> Result<PathBuf> {
    let build = ["build", "--package=plumbline-agent", "--features=ebpf-log"];
    bpf.apply(workspace.cargo()).args(build).run()?;
    Ok(workspace.target().join("debug/plumb-agent"))
}

/// The program that runs inside containers: static, for an image that holds nothing else.
pub(crate) fn sample(workspace: &Workspace) -> Result<PathBuf> {
    let build = workspace.cargo().args(["build", "--release", "--package=plumbline-tests", "--bin=sample"]);
    build.args(["--target", &triple()]).env("RUSTFLAGS", "-C target-feature=+crt-static").run()?;
    Ok(sample_path(workspace))
}

pub(crate) fn agent_path(workspace: &Workspace) -> PathBuf {
    workspace.target().join("release/plumb-agent")
}

pub(crate) fn sample_path(workspace: &Workspace) -> PathBuf {
    workspace.target().join(triple()).join("release/sample")
}

/// This machine's target. Named to cargo, so that its flags are not the build scripts' as well.
fn triple() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}
