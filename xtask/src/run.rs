//! The run verb: the agent against this machine's containers, or against the sample's.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::artifacts;
use crate::sample;
use crate::sh::{Cmd, Privilege, privilege};
use crate::toolchain;
use crate::workspace::Workspace;

#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// Start containers of our own, three of which do what none should, and end: 0 if exactly the expected alerts
    /// came, else 1
    #[arg(long)]
    sample: bool,
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

pub(crate) fn run(workspace: &Workspace, args: &RunArgs) -> Result<bool> {
    if args.sample {
        return if args.built { sample::run(workspace) } else { build_and_sample(workspace) };
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
pub(crate) fn build_and_sample(workspace: &Workspace) -> Result<bool> {
    let bpf = toolchain::compiler(workspace)?;
    toolchain::packages()?;
    toolchain::mounts()?;
    artifacts::agent(workspace, &bpf)?;
    artifacts::sample(workspace)?;
    if privilege() == Privilege::Root {
        return sample::run(workspace);
    }
    let this = std::env::current_exe().context("cannot tell the path of xtask")?;
    // sudo clears the environment; this much of it the other one needs.
    let settings = [("PLUMBLINE_CACHE", workspace.cache.clone()), ("CARGO_TARGET_DIR", workspace.target())];
    let settings = settings.map(|(name, value)| format!("{name}={}", value.display()));
    let again = Cmd::root("env")?.args(settings).arg(this).args(["run", "--sample", "--built"]);
    again.announce();
    let status = again.into_inner().status().context("cannot start sudo")?;
    Ok(status.success())
}
