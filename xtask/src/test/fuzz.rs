//! A short run of every fuzz target: enough to find what a change broke, not what nobody has thought of.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::sh::Cmd;
use crate::stage::{Outcome, Tally};
use crate::toolchain::{self, Bpf};
use crate::workspace::Workspace;

const SECONDS_EACH: u32 = 20;

/// An input that takes longer, in a build with all its checks, is a fault; so is one for which this much memory is
/// taken, the sanitizer's own included.
const LIMITS: [&str; 2] = ["-timeout=10", "-rss_limit_mb=1024"];

const QUIET: [&str; 2] = ["-verbosity=0", "-print_funcs=0"];

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
    replay(workspace, bpf, target)?;
    // What earlier runs found worth keeping is where this one starts.
    let corpus = workspace.cache.join("fuzz").join(target);
    std::fs::create_dir_all(&corpus).with_context(|| format!("cannot make {}", corpus.display()))?;
    let run = fuzz(workspace, bpf, "run")?.arg(target).arg(&corpus);
    let mut run = run.arg("--").arg(format!("-max_total_time={SECONDS_EACH}")).args(QUIET).args(LIMITS);
    if let Some(dictionary) = dictionary(workspace, target) {
        run = run.arg(format!("-dict={}", dictionary.display()));
    }
    run.hint(format!(
        "the input is in tests/fuzz/artifacts/{target}; the command above with it runs it again"
    ))
    .run()
}

/// Runs the inputs that once mattered, each by itself: a fuzzer given files runs them and nothing else.
fn replay(workspace: &Workspace, bpf: &Bpf, target: &str) -> Result<()> {
    let folder = workspace.root.join("tests/fuzz/kept").join(target);
    let kept = files(&folder)?;
    if kept.is_empty() {
        return Ok(());
    }
    let run = fuzz(workspace, bpf, "run")?.arg(target).args(kept).arg("--").args(QUIET).args(LIMITS);
    run.hint(format!("an input of {} fails again; the last one named is it", folder.display())).run()
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
    let sources = files(&workspace.root.join("tests/fuzz/fuzz_targets"))?;
    let sources = sources.iter().filter(|path| path.extension().is_some_and(|kind| kind == "rs"));
    Ok(sources.filter_map(|path| path.file_stem()?.to_str().map(str::to_owned)).collect())
}

/// The files in a folder, in the order of their names; none where there is no folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let cannot = || format!("cannot read {}", folder.display());
    let entries = std::fs::read_dir(folder).with_context(cannot)?;
    let mut files: Vec<_> =
        entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>().with_context(cannot)?;
    files.sort();
    Ok(files)
}
