//! The policies of a run: those that ship, and two that block.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::act::Denied;
use super::scene::Scene;
use crate::sh::Cmd;

/// The names of the policies that block.
pub(crate) const NO_PROGRAMS: &str = "no-programs-in-volumes";
pub(crate) const NO_CONNECTIONS: &str = "no-undeclared-connections";

/// Copies the policies that ship into `folder` and adds those that are about containers of this run and no other on this
/// machine.
pub(crate) fn make(folder: &Path, shipped: &Path, scene: &Scene) -> Result<PathBuf> {
    let policies = folder.join("policies");
    Cmd::new("cp").arg("-r").args([shipped, &policies]).run_quietly()?;
    let programs = no_programs(&scene.denied(Denied::Programs));
    let connections = no_connections(&scene.denied(Denied::Connections));
    for (name, policy) in [(NO_PROGRAMS, programs), (NO_CONNECTIONS, connections)] {
        let file = policies.join(name).with_extension("yaml");
        fs::write(&file, policy.to_string()).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(policies)
}

fn no_programs(ids: &[&str]) -> Value {
    let about = json!({
        "title": "This container of the sample must not run programs in volumes",
        "remediation": "Build the program into the image.",
        "match": {"events": {"kinds": ["Exec"]}},
        "validations": [{
            "name": "volume",
            "expression": "event.executable.origin != 'Volume'",
            "message": "a program in a volume was run",
        }],
    });
    blocking(NO_PROGRAMS, ids, about)
}

fn no_connections(ids: &[&str]) -> Value {
    let about = json!({
        "title": "This container of the sample must not connect where no NetworkPolicy allows it",
        "remediation": "Allow it in a NetworkPolicy, or take the connection out of the program.",
        "match": {"events": {"kinds": ["Connect"]}},
        "validations": [{
            "name": "permitted",
            "expression": "event.socket.permitted",
            "message": "a connection was asked for that no NetworkPolicy allows",
        }],
    });
    blocking(NO_CONNECTIONS, ids, about)
}

fn blocking(name: &str, ids: &[&str], mut spec: Value) -> Value {
    spec["severity"] = json!("High");
    spec["action"] = json!("Block");
    spec["params"] = json!({"containers": ids});
    spec["matchConditions"] = json!([{"name": "here", "expression": "container.id in params.containers"}]);
    json!({
        "apiVersion": "plumbline.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {"name": name},
        "spec": spec,
    })
}
