//! The node's CDI specifications (cncf-tags/container-device-interface, SPEC.md): devices whose container gets mounts
//! that its Pod does not declare.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::spec;

#[cfg(test)]
mod tests;

/// Where they are, by the specification.
const FOLDERS: [&str; 2] = ["etc/cdi", "run/cdi"];
/// A node has one for each vendor of devices; a large one, of a node with eight graphics cards, has 100 KiB.
const FILES_MAX: usize = 64;
const FILE_MAX: u64 = 1 << 20;

/// Where in containers they mount something, sorted; none where there are none. None where one cannot be read: what it
/// mounts is not known then.
pub(super) fn targets(node_root: &Path) -> Option<Vec<String>> {
    let mut targets = Vec::new();
    for file in files(node_root)? {
        let text = String::from_utf8(spec::bounded(&file, FILE_MAX)?).ok()?;
        for document in policy::yaml::documents(&text) {
            of_document(&document.ok()?.to_json(), &mut targets);
        }
    }
    targets.sort();
    targets.dedup();
    Some(targets)
}

fn files(node_root: &Path) -> Option<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        let entries = match fs::read_dir(node_root.join(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(_) => return None,
        };
        for entry in entries {
            let path = entry.ok()?.path();
            files.extend(
                path.extension().is_some_and(|kind| kind == "json" || kind == "yaml").then(|| path.clone()),
            );
        }
    }
    (files.len() <= FILES_MAX).then_some(files)
}

/// `containerEdits` stand at the top and at each device.
fn of_document(document: &Value, targets: &mut Vec<String>) {
    let devices = document["devices"].as_array().into_iter().flatten();
    for edits in devices.chain([document]).map(|of| &of["containerEdits"]) {
        let mounts = edits["mounts"].as_array().into_iter().flatten();
        targets.extend(mounts.filter_map(|mount| mount["containerPath"].as_str().map(str::to_owned)));
    }
}
