//! The policies of a run: those that ship, and one that blocks.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::sh::Cmd;

/// The name of the policy that blocks.
pub(crate) const DENIED: &str = "no-programs-in-volumes";

/// Copies the policies that ship into `folder` and adds one that is about these containers and no other on this machine:
/// what it blocks is killed.
pub(crate) fn make(folder: &Path, shipped: &Path, ids: &[&str]) -> Result<PathBuf> {
    let policies = folder.join("policies");
    Cmd::new("cp").arg("-r").args([shipped, &policies]).run_quietly()?;
    let file = policies.join(DENIED).with_extension("yaml");
    fs::write(&file, blocking(ids).to_string())
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(policies)
}

fn blocking(ids: &[&str]) -> Value {
    json!({
        "apiVersion": "plumbline.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {"name": DENIED},
        "spec": {
            "title": "This container of the sample must not run programs in volumes",
            "severity": "High",
            "remediation": "Build the program into the image.",
            "action": "Block",
            "match": {"events": {"kinds": ["Exec"]}},
            "params": {"containers": ids},
            "matchConditions": [{"name": "here", "expression": "container.id in params.containers"}],
            "validations": [{
                "name": "volume",
                "expression": "event.executable.origin != 'Volume'",
                "message": "a program in a volume was run",
            }],
        },
    })
}
