//! The bench verb: builds what is measured, and the bench, and runs that as root.

use std::ffi::OsString;

use anyhow::{Context, Result};
use clap::Subcommand;

use crate::artifacts;
use crate::sh::Cmd;
use crate::toolchain;
use crate::workspace::Workspace;

#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// What the agent costs on this machine: an exec storm, redis with the agent on and off, memory, CPU
    Node {
        /// Further arguments of the bench, after --; `-- --help` lists them
        #[arg(last = true, value_name = "ARGS")]
        args: Vec<OsString>,
    },
}

pub(crate) fn run(workspace: &Workspace, bench: &Bench) -> Result<bool> {
    let Bench::Node { args } = bench;
    let bpf = toolchain::compiler(workspace)?;
    toolchain::packages()?;
    toolchain::mounts()?;
    let agent = artifacts::agent(workspace, &bpf)?;
    let sample = artifacts::sample(workspace)?;
    bpf.apply(workspace.cargo()).args(["build", "--release", "--package=plumbline-tests", "--bins"]).run()?;
    let _lock = workspace.agent_lock()?;
    let settings = [("PLUMBLINE_AGENT", agent), ("PLUMBLINE_SAMPLE", sample)];
    let settings = settings.map(|(name, path)| format!("{name}={}", path.display()));
    let node = Cmd::root("env")?.args(settings).arg(workspace.target().join("release/bench-node")).args(args);
    let node = node.dir(&workspace.root);
    node.announce();
    let status = node.into_inner().status().context("cannot start the bench")?;
    Ok(status.success())
}
