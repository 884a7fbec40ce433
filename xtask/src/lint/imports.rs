//! Which crate may import which. What the table does not allow is refused.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::metadata;
use crate::workspace::Workspace;

const PREFIX: &str = "plumbline-";

/// A workspace crate and those that it may import; `build` is for its build script only.
struct Rule {
    krate: &'static str,
    may: &'static [&'static str],
    build: &'static [&'static str],
}

/// Crates without a rule (tests aside) import no crate of the workspace.
const RULES: &[Rule] = &[
    Rule { krate: "agent-ebpf", may: &["agent-common"], build: &[] },
    Rule { krate: "policy", may: &["cel"], build: &[] },
    Rule { krate: "proto", may: &["policy"], build: &[] },
    Rule { krate: "trail", may: &["policy"], build: &[] },
    Rule { krate: "sinks", may: &["policy"], build: &[] },
    Rule { krate: "agent", may: &["agent-common", "policy", "proto", "sinks"], build: &["agent-ebpf"] },
    Rule { krate: "controller", may: &["policy", "proto", "trail", "sinks"], build: &[] },
    Rule { krate: "cli", may: &["policy", "proto", "trail"], build: &[] },
];

/// Anything is open to tests, and tests to nothing.
const TESTS: &str = "tests";

/// What loads programs into the kernel belongs to the agent alone.
const LOADERS: &[&str] = &["aya", "aya-build", "aya-log", "aya-obj"];

/// The core takes time as an argument and does no IO: no runtime, no system calls, no network.
const CORE: &[&str] = &["cel", "policy"];
const IO: &[&str] = &[
    "async-std",
    "futures",
    "hyper",
    "libc",
    "mio",
    "nix",
    "reqwest",
    "rustix",
    "smol",
    "socket2",
    "tempfile",
    "tokio",
    "tonic",
    "ureq",
];

pub(super) fn lint(workspace: &Workspace) -> Result<()> {
    let metadata = metadata(workspace)?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let mut broken: Vec<_> = packages.iter().flat_map(broken_rules).collect();
    for package in packages {
        let manifest = package["manifest_path"].as_str().context("a package without a manifest")?;
        let text = std::fs::read_to_string(manifest).with_context(|| format!("cannot read {manifest}"))?;
        if !opts_into_lints(&text) {
            broken.push(format!("{} does not opt into [workspace.lints]", name(package)));
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    bail!("import rules broken (xtask/src/lint/imports.rs has the table):\n  {}", broken.join("\n  "))
}

fn name(package: &Value) -> &str {
    let name = package["name"].as_str().unwrap_or_default();
    name.strip_prefix(PREFIX).unwrap_or(name)
}

/// What a package of `cargo metadata` imports and may not, one sentence each.
fn broken_rules(package: &Value) -> Vec<String> {
    let importer = name(package);
    let dependencies = package["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
    let broken = dependencies.iter().filter_map(|dependency| {
        let imported = dependency["name"].as_str()?;
        let kind = dependency["kind"].as_str().unwrap_or("normal");
        why_not(importer, imported, kind).map(|why| format!("{importer} imports {imported} ({kind}): {why}"))
    });
    broken.collect()
}

fn why_not(importer: &str, imported: &str, kind: &str) -> Option<&'static str> {
    if let Some(imported) = imported.strip_prefix(PREFIX) {
        return match imported {
            TESTS => Some("nothing imports tests"),
            _ if importer == TESTS || may(importer, imported, kind) => None,
            _ => Some("not among the crates that it may import"),
        };
    }
    if LOADERS.contains(&imported) && importer != "agent" {
        return Some("only agent links aya");
    }
    // A property test of the core may well write a file.
    if IO.contains(&imported) && CORE.contains(&importer) && kind != "dev" {
        return Some("the core does no IO");
    }
    None
}

fn may(importer: &str, imported: &str, kind: &str) -> bool {
    let rule = RULES.iter().find(|rule| rule.krate == importer);
    rule.is_some_and(|rule| rule.may.contains(&imported) || kind == "build" && rule.build.contains(&imported))
}

fn opts_into_lints(manifest: &str) -> bool {
    let section = manifest.lines().skip_while(|line| line.trim() != "[lints]").skip(1);
    section.take_while(|line| !line.starts_with('[')).any(|line| line.replace(' ', "") == "workspace=true")
}

#[cfg(test)]
mod tests;
