//! The conformance verb: others' suites of tests, from a folder that is named.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use crate::sh::Cmd;
use crate::workspace::Workspace;

#[derive(Debug, Subcommand)]
pub(crate) enum Conformance {
    /// Runs every *.jsonl in DIR as tests of the Common Expression Language
    ///
    /// A line is a test of cel-spec's suite as JSON. The last line is "N passed, N failed, N skipped", after the name
    /// of each test that failed.
    Cel {
        /// The folder of tests
        dir: PathBuf,
    },
}

pub(crate) fn run(workspace: &Workspace, conformance: &Conformance) -> Result<bool> {
    let Conformance::Cel { dir } = conformance;
    // What is built runs in the same folder as this program.
    workspace.cargo().args(["build", "--package=plumbline-tests", "--bin=conformance"]).run()?;
    let runner = Cmd::new(workspace.target().join("debug/conformance")).arg("cel").arg(dir);
    let status = runner.into_inner().status().context("cannot start the runner")?;
    match status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => bail!("the suite in {} could not be run, see above ({status})", dir.display()),
    }
}
