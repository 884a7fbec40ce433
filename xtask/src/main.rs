//! The project's verbs. Each sets up what it needs first, so that a fresh clone needs no other command.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::bench::Bench;
use crate::conformance::Conformance;
use crate::run::RunArgs;
use crate::workspace::Workspace;

mod artifacts;
mod bench;
mod conformance;
mod interrupt;
mod lint;
mod run;
mod sample;
mod sh;
mod stage;
mod test;
mod toolchain;
mod workspace;

const EXAMPLES: &str = "\
Examples:
  cargo xtask run --sample            see it at work, on containers that it starts itself
  cargo xtask run --sample --quiet    see it silent, on containers that do ordinary things
  cargo xtask run                     watch the containers of this machine
  cargo xtask test                    everything that this machine can test
  cargo xtask conformance cel DIR     the tests of the expression language's specification that DIR holds
  cargo xtask bench node -- --quick   whether the bench runs, in a tenth of the time
  cargo xtask bench cel               the expression language beside cel-go";

/// Sets up, builds, runs and tests Plumbline.
///
/// Every verb first makes sure of what it needs (a compiler for the eBPF programs, packages, mounts) and says
/// what it does. Tools go into $PLUMBLINE_CACHE (default: plumbline in the user's cache folder), never into the
/// clone. What needs root asks through sudo.
///
/// Exit codes: 0 all well; 1 something failed; 2 a setting was wrong, or the set-up could not be made.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, after_long_help = EXAMPLES)]
struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Finds or makes everything that building and testing need
    ///
    /// The eBPF compiler is the first of these that works: an installed nightly with rust-src; Debian's
    /// rustc-web, linked into rustup as "bpf". It works when bpf-linker can read its bitcode, which is tried.
    Toolchain,
    /// Builds the agent and runs it against the containers of this machine
    ///
    /// Every alert is shown as text. What the containers' Pods declare is read from --declarations; a container
    /// without a Pod is judged on what can be known of it.
    Run(RunArgs),
    /// Checks format, clippy, documentation, licences, file sizes and which crate imports which
    Lint,
    /// Runs every test that this machine can run
    ///
    /// A stage that fails does not stop the others. What cannot run here is counted as skipped, with the reason. The
    /// last line is "N passed, N failed, N skipped".
    Test,
    /// Runs others' tests of what they specify
    ///
    /// Fails where one of them does; exits with 2 where the tests cannot be read.
    #[command(subcommand)]
    Conformance(Conformance),
    /// Measures what the project costs, held against its budgets
    #[command(subcommand)]
    Bench(Bench),
}

fn main() -> ExitCode {
    match start(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// True when all went well, false when something that was looked at failed.
fn start(args: &Args) -> Result<bool> {
    let workspace = Workspace::find()?;
    match &args.verb {
        Verb::Toolchain => Ok(toolchain::all(&workspace)),
        Verb::Run(args) => run::run(&workspace, args),
        Verb::Test => Ok(test::run(&workspace)),
        Verb::Conformance(suite) => conformance::run(&workspace, suite),
        Verb::Bench(bench) => bench::run(&workspace, bench),
        Verb::Lint => Ok(lint::run(&workspace)),
    }
}
