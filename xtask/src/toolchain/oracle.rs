//! The other judge of the expression language: a Go program, built into the cache.

use std::path::PathBuf;

use anyhow::Result;

use super::Done;
use crate::sh::{Cmd, which};
use crate::workspace::Workspace;

/// Why there is no oracle on a machine.
pub(crate) const NO_GO: &str = "needs Go, to build the oracle (tests/oracle): it is not installed";

pub(super) fn find_or_make(workspace: &Workspace) -> Result<(Option<PathBuf>, Done)> {
    let Some(go) = which("go") else {
        return Ok((None, Done::Already("none: Go is not installed".to_owned())));
    };
    let program = workspace.cache.join("oracle/oracle");
    // Go's own cache makes this quick when nothing changed.
    let build = Cmd::new(go).args(["build", "-trimpath", "-o"]).arg(&program).arg(".");
    let build = build.dir(workspace.root.join("tests/oracle"));
    let build = build.hint("if a module could not be fetched, run this again when Go's proxy can be reached");
    build.announce();
    build.run_quietly()?;
    let made = Done::Made(program.display().to_string());
    Ok((Some(program), made))
}
