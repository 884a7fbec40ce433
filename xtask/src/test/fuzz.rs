//! A short run of every fuzz target: enough to find what a change broke, not what nobody has thought of.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::sh::Cmd;
use crate::stage::{Outcome, Tally};
use crate::toolchain::{self, Bpf};
use crate::workspace::Workspace;

const SECONDS_EACH: u32 = 20;

/// Counts each target as a test. One that fails does not stop the others.
pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let targets = targets(workspace)?;
    if targets.is_empty() {
        return Ok(Outcome::Skipped("no targets yet".to_owned()));
    }
    let bpf = toolchain::compiler(workspace)?;
    fuzz(workspace, &bpf, "build")?.run()?;
    let mut tally = Tally::default();
    for target in targets {
        match fuzz_one(workspace, &bpf, &target) {
            Ok(()) => tally.passed += 1,
            Err(error) => {
                eprintln!("error: {error:#}");
                tally.failed += 1;
            }
        }
    }
    Ok(Outcome::Ran(tally))
}

fn fuzz_one(workspace: &Workspace, bpf: &Bpf, target: &str) -> Result<()> {
    // What earlier runs found worth keeping is where this one starts.
    let corpus = workspace.cache.join("fuzz").join(target);
    std::fs::create_dir_all(&corpus).with_context(|| format!("cannot make {}", corpus.display()))?;
    let run = fuzz(workspace, bpf, "run")?.arg(target).arg(&corpus);
    let mut run =
        run.arg("--").arg(format!("-max_total_time={SECONDS_EACH}")).args(["-verbosity=0", "-print_funcs=0"]);
    if let Some(dictionary) = dictionary(workspace, target) {
        run = run.arg(format!("-dict={}", dictionary.display()));
    }
    run.hint(format!(
        "the input is in tests/fuzz/artifacts/{target}; the command above with it runs it again"
    ))
    .run()
}

/// The words that a target's inputs consist of: `expression.dict` is that of `expression` and of `expression_check`.
fn dictionary(workspace: &Workspace, target: &str) -> Option<PathBuf> {
    let family = target.split('_').next().unwrap_or(target);
    Some(workspace.root.join(format!("tests/fuzz/{family}.dict"))).filter(|path| path.is_file())
}

/// cargo-fuzz with the pinned compiler: its flags are unstable ones, which RUSTC_BOOTSTRAP opens, and the sanitizer's
/// library comes with stable too.
fn fuzz(workspace: &Workspace, bpf: &Bpf, verb: &str) -> Result<Cmd> {
    let fuzz = bpf.apply(toolchain::cargo_fuzz(workspace)?).args([verb, "--fuzz-dir", "tests/fuzz"]);
    Ok(fuzz.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", workspace.target().join("fuzz")))
}

fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.root.join("tests/fuzz/fuzz_targets");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut targets = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "rs") {
            targets.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
        }
    }
    targets.sort();
    Ok(targets)
}
