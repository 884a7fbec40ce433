//! The agent's output: one JSON record a line.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// Reads every whole line of `file`. A last line without its end is still being written and is left out.
pub fn read(file: &Path) -> Result<Vec<Value>> {
    let text = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).with_context(|| format!("record {line:?}"))).collect()
}

/// The container's id in a record's subject, whether or not its Pod is known.
pub fn container_id(record: &Value) -> Option<&str> {
    text(record, "/subject/container/id").or_else(|| text(record, "/subject/id"))
}

/// The name of the policy that a record's decision is by.
pub fn policy(record: &Value) -> Option<&str> {
    text(record, "/judgement/policy")
}

/// The path of a record's executable as the container sees it.
pub fn path(record: &Value) -> Option<&str> {
    text(record, "/evidence/executable/path")
}

/// Where a record's executable came from.
pub fn origin(record: &Value) -> Option<&str> {
    text(record, "/evidence/executable/origin")
}

/// Whether the container itself made the task.
pub fn task(record: &Value) -> Option<&str> {
    text(record, "/evidence/task")
}

/// Whether the policy failed.
pub fn is_failure(record: &Value) -> bool {
    text(record, "/judgement/verdict") == Some("Fail")
}

/// The text at a JSON Pointer.
pub fn text<'a>(record: &'a Value, pointer: &str) -> Option<&'a str> {
    record.pointer(pointer).and_then(Value::as_str)
}
