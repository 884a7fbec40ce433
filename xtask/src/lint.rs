//! The lint verb: format, clippy, documentation, licences, and the rules that no other tool knows.

use anyhow::{Context, Result};

use crate::sh::Cmd;
use crate::stage::{Outcome, Report, check};
use crate::toolchain;
use crate::workspace::Workspace;

mod imports;
mod sizes;

/// The kernel half's crate and its target.
const EBPF: [&str; 4] =
    ["--package=plumbline-agent-ebpf", "--target=bpfel-unknown-none", "-Zbuild-std=core", "--release"];

/// Runs every lint, and returns false when one failed.
pub(crate) fn run(workspace: &Workspace) -> bool {
    let mut report = Report::default();
    stages(workspace, &mut report);
    report.finish()
}

pub(crate) fn stages(workspace: &Workspace, report: &mut Report) {
    report.stage("fmt", || check(workspace.cargo().args(["fmt", "--all", "--check"]).run()));
    report.stage("imports", || check(imports::lint(workspace)));
    report.stage("sizes", || check(sizes::lint(workspace)));
    report.stage("clippy", || clippy(workspace));
    report.stage("clippy ebpf", || clippy_ebpf(workspace));
    report.stage("doc", || doc(workspace));
    report.stage("deny", || deny(workspace, &["licenses", "bans", "sources"]));
    report.stage("advisories", || advisories(workspace));
}

fn clippy(workspace: &Workspace) -> Result<Outcome> {
    let bpf = toolchain::compiler(workspace)?;
    let clippy = bpf.apply(workspace.cargo()).args(["clippy", "--all-targets", "--", "-D", "warnings"]);
    clippy.run()?;
    // What the default features leave out.
    let diagnosing = ["clippy", "--package=plumbline-agent", "--features=ebpf-log", "--", "-D", "warnings"];
    check(bpf.apply(workspace.cargo()).args(diagnosing).run())
}

/// The kernel half under its own compiler; where that came without clippy, its warnings only.
fn clippy_ebpf(workspace: &Workspace) -> Result<Outcome> {
    let bpf = toolchain::compiler(workspace)?;
    let cargo = || {
        let toolchain = format!("+{}", bpf.toolchain);
        let cargo = bpf.apply(workspace.cargo()).arg(toolchain).env("RUSTC_BOOTSTRAP", "1");
        cargo.env("CARGO_TARGET_DIR", workspace.target().join("lint-ebpf"))
    };
    if cargo().args(["clippy", "--version"]).succeeds() {
        return check(cargo().arg("clippy").args(EBPF).args(["--", "-D", "warnings"]).run());
    }
    eprintln!(
        "toolchain {} has no clippy (Debian: rust-web-clippy): only the compiler's warnings are looked at",
        bpf.toolchain
    );
    check(cargo().arg("check").args(EBPF).env("RUSTFLAGS", "-D warnings").run())
}

/// The documentation that a contributor reads: of private items too, so links to them are fine.
fn doc(workspace: &Workspace) -> Result<Outcome> {
    let bpf = toolchain::compiler(workspace)?;
    let doc = bpf.apply(workspace.cargo()).args(["doc", "--no-deps", "--document-private-items", "--quiet"]);
    check(doc.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links").run())
}

fn deny(workspace: &Workspace, what: &[&str]) -> Result<Outcome> {
    let deny = toolchain::cargo_deny(workspace)?.args(["--all-features", "check"]).args(what);
    check(deny.hint("deny.toml says what is allowed; an exception there needs its reason").run())
}

/// Known vulnerabilities. Their database is fetched from the network, which a machine need not have.
fn advisories(workspace: &Workspace) -> Result<Outcome> {
    let fetch = toolchain::cargo_deny(workspace)?.args(["fetch", "db"]);
    if let Err(error) = fetch.run_quietly() {
        let why = error.to_string();
        let why = why
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with("fatal:"))
            .unwrap_or("cargo deny fetch failed");
        return Ok(Outcome::Skipped(format!("the advisory database cannot be reached ({why})")));
    }
    deny(workspace, &["--disable-fetch", "advisories"])
}

/// Files that git tracks, or would, with this ending.
fn files(workspace: &Workspace, ending: &str) -> Result<Vec<String>> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let names = Cmd::new("git").dir(&workspace.root).args(list).read()?;
    Ok(names.split('\0').filter(|name| name.ends_with(ending)).map(str::to_owned).collect())
}

/// What cargo knows of the workspace's own crates.
fn metadata(workspace: &Workspace) -> Result<serde_json::Value> {
    let json = workspace.cargo().args(["metadata", "--no-deps", "--format-version=1", "--offline"]).read()?;
    serde_json::from_str(&json).context("cargo metadata wrote no JSON")
}
