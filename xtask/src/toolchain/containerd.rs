//! A real containerd for the tests, from its Go modules: built into the cache, anew only when what pins it changes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Done;
use crate::sh::{Cmd, which};
use crate::workspace::Workspace;

/// containerd, its shim and its client; and our own program that asks over CRI.
const PROGRAMS: [(&str, &str); 4] = [
    ("containerd", "github.com/containerd/containerd/v2/cmd/containerd"),
    ("containerd-shim-runc-v2", "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2"),
    ("ctr", "github.com/containerd/containerd/v2/cmd/ctr"),
    ("cri", "."),
];
/// What the programs are made of, below the module's folder.
const SOURCES: [&str; 3] = ["go.mod", "go.sum", "main.go"];

/// The folder of the programs; none where there is no Go to build them.
pub(super) fn find_or_make(workspace: &Workspace) -> Result<(Option<PathBuf>, Done)> {
    let (module, folder) = (workspace.root.join("tests/cluster"), workspace.cache.join("containerd"));
    let sources = sources(&module)?;
    if is_of(&folder, &sources) {
        let there = Done::Already(folder.display().to_string());
        return Ok((Some(folder), there));
    }
    let Some(go) = which("go") else {
        return Ok((None, Done::Already("none: Go is not installed".to_owned())));
    };
    for (program, package) in PROGRAMS {
        let build = Cmd::new(&go).args(["build", "-trimpath", "-o"]).arg(folder.join(program)).arg(package);
        let build = build.dir(module.clone());
        let build =
            build.hint("if a module could not be fetched, run this again when Go's proxy can be reached");
        build.announce();
        build.run_quietly()?;
    }
    std::fs::write(record(&folder), sources).context("cannot note what containerd was built from")?;
    let made = Done::Made(folder.display().to_string());
    Ok((Some(folder), made))
}

/// All that the programs depend on, but for the compiler.
fn sources(module: &Path) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for file in SOURCES.map(|file| module.join(file)) {
        all.extend(std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(all)
}

/// Where it is kept of what the programs were built.
fn record(folder: &Path) -> PathBuf {
    folder.join("built-from")
}

/// Whether all programs are there and were built from this. It is noted last, so that no half-built set counts.
fn is_of(folder: &Path, sources: &[u8]) -> bool {
    std::fs::read(record(folder)).is_ok_and(|built| built == sources)
        && PROGRAMS.iter().all(|(program, _)| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_count_only_with_the_sources_that_they_were_built_from() {
        let folder = std::env::temp_dir().join(format!("plumbline-containerd-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(record(&folder), "v1").unwrap();
        assert!(!is_of(&folder, b"v1"), "the programs are not there");
        for (program, _) in PROGRAMS {
            std::fs::write(folder.join(program), "").unwrap();
        }
        assert!(is_of(&folder, b"v1"));
        assert!(!is_of(&folder, b"v2"));
        for file in PROGRAMS.map(|(program, _)| folder.join(program)).into_iter().chain([record(&folder)]) {
            std::fs::remove_file(file).unwrap();
        }
        std::fs::remove_dir(folder).unwrap();
    }
}
