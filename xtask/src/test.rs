//! The test verb: every stage that this machine can run, from formatting to containers.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::artifacts;
use crate::lint;
use crate::run;
use crate::sample::Sample;
use crate::sh::{Cmd, Privilege, privilege};
use crate::stage::{Outcome, Report, Tally, check};
use crate::toolchain;
use crate::workspace::Workspace;

mod fuzz;

/// Crates whose tests are no unit tests: the kernel half, and those that need a kernel.
const NOT_UNIT: [&str; 4] = ["--exclude", "plumbline-agent-ebpf", "--exclude", "plumbline-tests"];
const TESTS: &str = "--package=plumbline-tests";

/// Runs every stage, and returns false when one failed.
pub(crate) fn run(workspace: &Workspace) -> bool {
    let mut report = Report::default();
    report.stage("toolchain", || match toolchain::all(workspace) {
        true => check(Ok(())),
        false => bail!("the set-up is not complete, see above"),
    });
    lint::stages(workspace, &mut report);
    // Unit and property tests, and those of the shipped policies.
    report.stage("unit", || {
        let ran = cargo_test(workspace, |cargo| Ok(cargo.arg("--workspace").args(NOT_UNIT)))?;
        Ok(ran.without_skipped())
    });
    report
        .stage("unit (tests)", || cargo_test(workspace, |cargo| Ok(cargo.args([TESTS, "--lib", "--bins"]))));
    report.stage("unit (root)", || unit_as_root(workspace));
    report.stage("fuzz", || fuzz::run(workspace));
    report.stage("conformance", || conformance(workspace));
    report.stage("differential", || differential(workspace));
    report.stage("node", || node(workspace));
    report.stage("sample", || sample(workspace, Sample::Loud));
    report.stage("sample (quiet)", || sample(workspace, Sample::Quiet));
    report.finish()
}

/// Unit tests that ask this kernel something, each marked as ignored with what it needs.
fn unit_as_root(workspace: &Workspace) -> Result<Outcome> {
    if let Some(reason) = cannot_be_root() {
        return Ok(Outcome::Skipped(reason));
    }
    let _lock = workspace.agent_lock()?;
    cargo_test(workspace, |cargo| {
        Ok(as_root(cargo.args(["--package=plumbline-agent", "--lib", "--", "--ignored"])))
    })
}

/// The specification's own tests of the expression language.
fn conformance(workspace: &Workspace) -> Result<Outcome> {
    cargo_test(workspace, |cargo| Ok(cargo.args([TESTS, "--test=conformance"])))
}

/// The expression language against cel-go.
fn differential(workspace: &Workspace) -> Result<Outcome> {
    let Some(oracle) = toolchain::oracle(workspace)? else {
        return Ok(Outcome::Skipped(toolchain::NO_GO.to_owned()));
    };
    cargo_test(workspace, |cargo| {
        Ok(cargo.args([TESTS, "--release", "--test=differential"]).env("PLUMBLINE_ORACLE", &oracle))
    })
}

/// The agent on this machine's kernel.
fn node(workspace: &Workspace) -> Result<Outcome> {
    if let Some(reason) = cannot_be_root() {
        return Ok(Outcome::Skipped(reason));
    }
    let bpf = toolchain::compiler(workspace)?;
    let agent = artifacts::agent(workspace, &bpf)?;
    let diagnosing = artifacts::diagnosing_agent(workspace, &bpf)?;
    let sample = artifacts::sample(workspace)?;
    // Without it, the tests that need it say so; why it could not be made, the toolchain's stage does.
    let containerd = toolchain::containerd(workspace).ok().flatten();
    let _lock = workspace.agent_lock()?;
    cargo_test(workspace, |cargo| {
        let cargo = cargo.args([TESTS, "--release", "--test=node"]);
        let cargo = as_root(cargo).env("PLUMBLINE_AGENT", &agent).env("PLUMBLINE_SAMPLE", &sample);
        let cargo = cargo.env("PLUMBLINE_DIAGNOSING_AGENT", &diagnosing);
        let cargo = cargo.env("PLUMBLINE_LOCK", workspace.inner_lock());
        Ok(match &containerd {
            Some(folder) => cargo.env("PLUMBLINE_CONTAINERD", folder),
            None => cargo,
        })
    })
}

fn sample(workspace: &Workspace, sample: Sample) -> Result<Outcome> {
    if let Some(reason) = cannot_be_root() {
        return Ok(Outcome::Skipped(reason));
    }
    match run::build_and_sample(workspace, sample)? {
        true => check(Ok(())),
        false => bail!("the sample did not go as it must, see above"),
    }
}

fn cannot_be_root() -> Option<String> {
    let none = privilege() == Privilege::None;
    none.then(|| "needs root, to load programs into the kernel; there is no sudo here".to_owned())
}

/// Lets cargo, which runs as who calls, start the test itself as root.
fn as_root(cargo: Cmd) -> Cmd {
    if privilege() == Privilege::Root {
        return cargo;
    }
    let runner = format!("CARGO_TARGET_{}_UNKNOWN_LINUX_GNU_RUNNER", std::env::consts::ARCH.to_uppercase());
    cargo.env(&runner, "sudo -E")
}

/// `cargo test`, its output passed on and its tests counted.
fn cargo_test(workspace: &Workspace, with: impl FnOnce(Cmd) -> Result<Cmd>) -> Result<Outcome> {
    let bpf = toolchain::compiler(workspace)?;
    let cargo = bpf.apply(workspace.cargo()).args(["test", "--no-fail-fast"]);
    let cargo = with(cargo)?;
    cargo.announce();
    let line = cargo.line();
    let (reader, writer) = std::io::pipe().context("cannot make a pipe")?;
    let mut command = cargo.into_inner();
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    // The command keeps the pipe's other end, and with it the reader waiting.
    drop(command);
    let tally = pass_on_and_count(BufReader::new(reader), &mut std::io::stdout())?;
    let status = child.wait()?;
    // Tests that failed are counted; a failure without one is a build's, or a crash.
    if !status.success() && tally.failed == 0 {
        bail!("`{line}` failed ({status}), and not by a test that was counted");
    }
    Ok(Outcome::Ran(tally))
}

fn pass_on_and_count(mut output: impl BufRead, to: &mut impl Write) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        tally.add(counted(&String::from_utf8_lossy(&line)).unwrap_or_default());
        line.clear();
    }
    Ok(tally)
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; ...`, as libtest and those that mimic it write it.
fn counted(line: &str) -> Option<Tally> {
    let (_, counts) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
    let count = |what: &str| {
        let part = counts.split(';').map(str::trim).find(|part| part.ends_with(what))?;
        part.split_once(' ')?.0.parse().ok()
    };
    Some(Tally { passed: count("passed")?, failed: count("failed")?, skipped: count("ignored")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_summed_over_test_binaries() {
        let output = "running 2 tests\ntest a ... ok\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.03s\n\
            test result: FAILED. 4 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
        let mut passed_on = Vec::new();
        let tally = pass_on_and_count(output.as_bytes(), &mut passed_on).unwrap();
        assert_eq!(passed_on, output.as_bytes());
        assert_eq!(tally, Tally { passed: 6, failed: 1, skipped: 2 });
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(counted("test results: 3 passed; 0 failed; 0 ignored"), None);
        assert_eq!(counted("test result: who knows"), None);
    }
}
