//! The alerts that came, held against those that had to.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

/// The promise: this long after the act the terminal shows it.
pub(crate) const WITHIN: Duration = Duration::from_secs(2);

/// What identifies an alert, from a record that is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alert {
    pub(crate) policy: String,
    pub(crate) pod: String,
    pub(crate) container: String,
    pub(crate) path: String,
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, pod, container, path } = self;
        write!(f, "{policy}: {path} in container {container} of pod {pod}")
    }
}

/// An alert that must come.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) policy: &'static str,
    pub(crate) pod: &'static str,
    pub(crate) container: &'static str,
    /// The path; with `*` at its end, what it begins with.
    pub(crate) path: &'static str,
}

impl Expected {
    pub(crate) fn is(&self, alert: &Alert) -> bool {
        let path = match self.path.strip_suffix('*') {
            Some(beginning) => alert.path.starts_with(beginning),
            None => alert.path == self.path,
        };
        path && alert.policy == self.policy && alert.pod == self.pod && alert.container == self.container
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, pod, container, path } = self;
        write!(f, "{policy}: {path} in container {container} of pod {pod}")
    }
}

/// The records that the agent has written so far. A last line without its end is still being written.
pub(crate) fn records(file: &Path) -> Result<Vec<Value>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("not a record: {line}")))
        .collect()
}

/// The alerts among `records` that are about the containers with these ids, or about none that could be told. What
/// other containers on this machine do is not the sample's.
pub(crate) fn alerts(records: &[Value], ids: &[String]) -> Vec<Alert> {
    let ours = records.iter().filter(|record| is_alert(record)).filter(|record| {
        let id = text(record, "/subject/container/id");
        id.is_empty() || ids.iter().any(|ours| ours == id)
    });
    ours.map(alert).collect()
}

fn is_alert(record: &Value) -> bool {
    match text(record, "/kind") {
        "Decision" => {
            text(record, "/judgement/verdict") == "Fail" && text(record, "/decision/point") == "Runtime"
        }
        "Drift" | "Response" => true,
        _ => false,
    }
}

fn alert(record: &Value) -> Alert {
    let script = text(record, "/evidence/executable/script/path");
    let program = text(record, "/evidence/executable/path");
    Alert {
        policy: text(record, "/judgement/policy").to_owned(),
        pod: text(record, "/subject/pod/name").to_owned(),
        container: text(record, "/subject/container/name").to_owned(),
        path: if script.is_empty() { program } else { script }.to_owned(),
    }
}

fn text<'a>(record: &'a Value, pointer: &str) -> &'a str {
    record.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// What is wrong with the alerts that came, a sentence each; none if they are exactly the expected ones.
pub(crate) fn differences(expected: &[Expected], alerts: &[Alert]) -> Vec<String> {
    let mut unexpected = alerts.to_vec();
    let mut wrong = Vec::new();
    for expected in expected {
        match unexpected.iter().position(|alert| expected.is(alert)) {
            Some(index) => drop(unexpected.remove(index)),
            None => wrong.push(format!("missing     {expected}")),
        }
    }
    wrong.extend(unexpected.iter().map(|alert| format!("unexpected  {alert}")));
    wrong
}

#[cfg(test)]
mod tests;
