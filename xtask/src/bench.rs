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
    /// How fast the expression language is beside cel-go, in one run
    Cel {
        /// Further arguments of the bench, after --; `-- --help` lists them
        #[arg(last = true, value_name = "ARGS")]
        args: Vec<OsString>,
    },
}

pub(crate) fn run(workspace: &Workspace, bench: &Bench) -> Result<bool> {
    match bench {
        Bench::Node { args } => node(workspace, args),
        Bench::Cel { args } => cel(workspace, args),
    }
}

fn cel(workspace: &Workspace, args: &[OsString]) -> Result<bool> {
    let oracle = toolchain::oracle(workspace)?.context(toolchain::NO_GO)?;
    workspace.cargo().args(["build", "--release", "--package=plumbline-tests", "--bin=bench-cel"]).run()?;
    let bench = Cmd::new(workspace.target().join("release/bench-cel")).args(args);
    measure(bench.env("PLUMBLINE_ORACLE", oracle).dir(&workspace.root))
}

fn node(workspace: &Workspace, args: &[OsString]) -> Result<bool> {
    let bpf = toolchain::compiler(workspace)?;
    toolchain::packages()?;
    toolchain::mounts()?;
    let agent = artifacts::agent(workspace, &bpf)?;
    let sample = artifacts::sample(workspace)?;
    bpf.apply(workspace.cargo()).args(["build", "--release", "--package=plumbline-tests", "--bins"]).run()?;
    let _lock = workspace.agent_lock()?;
    let settings = [
        ("PLUMBLINE_AGENT", agent),
        ("PLUMBLINE_SAMPLE", sample),
        ("PLUMBLINE_LOCK", workspace.inner_lock()),
    ];
    let settings = settings.map(|(name, path)| format!("{name}={}", path.display()));
    let node = Cmd::root("env")?.args(settings).arg(workspace.target().join("release/bench-node")).args(args);
    measure(node.dir(&workspace.root))
}

fn measure(bench: Cmd) -> Result<bool> {
    bench.announce();
    let status = bench.into_inner().status().context("cannot start the bench")?;
    Ok(status.success())
}
