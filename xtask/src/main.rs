//! The project's verbs. Each sets up what it needs first, so that a fresh clone needs no other command.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

mod lint;
mod sh;
mod stage;
mod toolchain;
mod workspace;

/// Sets up, builds, runs and tests Plumbline.
///
/// Every verb first makes sure of what it needs (a compiler for the eBPF programs, packages, mounts) and says
/// what it does. Tools go into $PLUMBLINE_CACHE (default: plumbline in the user's cache folder), never into the
/// clone. What needs root asks through sudo.
///
/// Exit codes: 0 all well; 1 something failed; 2 a setting was wrong, or the set-up could not be made.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
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
    /// Checks format, clippy, documentation, licences, file sizes and which crate imports which
    Lint,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// True when all went well, false when something that was looked at failed.
fn run(args: &Args) -> Result<bool> {
    let workspace = Workspace::find()?;
    match args.verb {
        Verb::Toolchain => Ok(toolchain::all(&workspace)),
        Verb::Lint => Ok(lint::run(&workspace)),
    }
}
