//! From a file's text to objects.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use policy::network::{self, Kind};
use serde_json::Value;

use crate::declarations::index::Declared;

/// Why a file's declarations are not the ones in use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct FileError {
    /// The path below the folder.
    pub file: String,
    /// From 1; 1 where the file as a whole is meant.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub message: String,
}

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) declared: Vec<Declared>,
    /// Memory that its objects take.
    pub(super) bytes: usize,
    /// Wrong in objects that NetworkPolicies are held against: what depends on those is Unknown.
    pub(super) mistakes: Vec<FileError>,
}

/// Reads one file.
pub(super) fn read(root: &Path, path: &Path, most_bytes: u64, budget: usize) -> Result<Said, FileError> {
    let file = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let whole = |message: String| FileError { file: file.clone(), line: 1, column: 1, message };
    let text = text(path, most_bytes).map_err(whole)?;
    let mut declared = Vec::new();
    let mut bytes = 0;
    let mut mistakes = Vec::new();
    for document in policy::yaml::documents(&text) {
        let document = document.map_err(|error| FileError {
            file: file.clone(),
            line: error.position.line,
            column: error.position.column,
            message: error.kind.to_string(),
        })?;
        let json = document.to_json();
        let objects = Declared::of_document(&json);
        bytes += objects.iter().map(weight).sum::<usize>();
        declared.extend(objects);
        let network = network::document::read(&document);
        // A Pod's share is in its own weight.
        let of_network = network.objects.iter().any(|object| object.key().kind != Kind::Pod);
        bytes += if of_network { heap_bytes(&json) } else { 0 };
        mistakes.extend(network.mistakes.iter().map(|mistake| FileError {
            file: file.clone(),
            line: mistake.position.line,
            column: mistake.position.column,
            message: mistake.to_string(),
        }));
        declared.extend(network.objects.into_iter().map(|object| Declared::Network(Arc::new(object))));
    }
    if bytes > budget {
        return Err(whole(format!(
            "its objects take {bytes} bytes of memory and {budget} are left of what declarations may take"
        )));
    }
    Ok(Said { declared, bytes, mistakes })
}

fn text(path: &Path, most_bytes: u64) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(most_bytes + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > most_bytes {
        return Err(format!("it is larger than {most_bytes} bytes"));
    }
    String::from_utf8(bytes)
        .map_err(|error| format!("it is not UTF-8 after byte {}", error.utf8_error().valid_up_to()))
}

fn weight(declared: &Declared) -> usize {
    match declared {
        Declared::Pod(pod) => heap_bytes(&pod.object) * 5 / 4,
        Declared::Workload(_) | Declared::Network(_) => 512,
    }
}

/// What a JSON value takes: its node, its strings and the slots of its maps, rounded up for the allocator. A fourth
/// more is added for what [`Pod`](crate::declarations::Pod) keeps beside the object.
pub(super) fn heap_bytes(value: &Value) -> usize {
    /// A `Value` and the share of its container, with the allocator's rounding.
    const NODE: usize = 48;
    let below: usize = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len() + 16,
        Value::Array(items) => items.iter().map(heap_bytes).sum(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| NODE + key.len() + heap_bytes(value)).sum::<usize>() + NODE
        }
    };
    NODE + below
}
