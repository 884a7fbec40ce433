//! A storm of execs, or a fork bomb under `pids.max`, that keeps an exact count of what it caused.
//!
//! The process that is started stays outside the control group, so nothing that it does itself is counted. The
//! result is one line of JSON on standard output; `execs`, `forks` and `exits` are what happened inside the group.

use anyhow::Result;
use clap::{Parser, Subcommand};

mod bomb;
mod exec;
mod worker;

#[derive(Debug, Parser)]
#[command(about = "Causes execs, forks and exits inside a control group and counts them")]
struct Options {
    #[command(subcommand)]
    storm: Storm,
}

#[derive(Debug, Subcommand)]
enum Storm {
    /// Runs a program that exits at once, as fast as the machine can
    Exec(exec::Options),
    /// Forks until `pids.max` refuses, and goes on for a while
    Forkbomb(bomb::Options),
    /// One of the processes that `exec` starts
    #[command(hide = true)]
    Worker(worker::Options),
}

fn main() -> Result<()> {
    match Options::parse().storm {
        Storm::Exec(options) => exec::run(&options),
        Storm::Forkbomb(options) => bomb::run(&options),
        Storm::Worker(options) => worker::run(&options),
    }
}
