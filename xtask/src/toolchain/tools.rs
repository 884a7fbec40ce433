//! Cargo tools at one version each, in the cache and not among the user's own.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Done;
use crate::sh::Cmd;
use crate::workspace::Workspace;

/// A program from the crate registry. Two versions, or two sets of features, never share a folder.
#[derive(Debug)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
    /// Told apart from other builds of the same version.
    variant: &'static str,
    options: &'static [&'static str],
}

pub(super) const CARGO_DENY: Tool =
    Tool { name: "cargo-deny", version: "0.20.2", variant: "", options: &["--locked"] };

pub(super) const CARGO_FUZZ: Tool =
    Tool { name: "cargo-fuzz", version: "0.13.2", variant: "", options: &["--locked"] };

/// The LLVM that it is built with must be no older than the compiler's, or it cannot read the bitcode.
pub(super) const BPF_LINKER: Tool = Tool {
    name: "bpf-linker",
    version: "0.13.0",
    variant: "-llvm-22",
    options: &["--no-default-features", "--features", "llvm-22"],
};

impl Tool {
    pub(super) fn program(&self, workspace: &Workspace) -> PathBuf {
        self.folder(workspace).join("bin").join(self.name)
    }

    /// The tool as a command of the workspace, installed if it is not there.
    pub(super) fn ensure(&self, workspace: &Workspace) -> Result<(Cmd, Done)> {
        let program = self.program(workspace);
        let done = if program.is_file() {
            Done::Already(self.version.to_owned())
        } else {
            self.install(workspace, |cargo| cargo)?;
            Done::Made(format!("{} in {}", self.version, self.folder(workspace).display()))
        };
        Ok((Cmd::new(program).dir(&workspace.root), done))
    }

    pub(super) fn install(&self, workspace: &Workspace, with: impl FnOnce(Cmd) -> Cmd) -> Result<()> {
        let cargo = workspace.cargo().args(["install", self.name, "--version", self.version]);
        let cargo = cargo.args(self.options).arg("--root").arg(self.folder(workspace));
        let cargo =
            cargo.hint("if a crate could not be fetched, run this again when the registry can be reached");
        let cargo = with(cargo);
        cargo.announce();
        cargo.run_quietly()
    }

    fn folder(&self, workspace: &Workspace) -> PathBuf {
        Path::new(&workspace.cache).join(format!("{}-{}{}", self.name, self.version, self.variant))
    }
}
