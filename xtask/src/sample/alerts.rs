//! The alerts that came, held against those that had to.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::act::{Act, Sign};

/// The promise: this long after the act the terminal shows it.
pub(crate) const WITHIN: Duration = Duration::from_secs(2);

/// The policies that ask NetworkPolicies.
const CONNECTIONS: [&str; 2] = ["undeclared-egress", "undeclared-ingress"];

/// What identifies an alert, from a record that is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alert {
    /// The policy's name, or the kind of a record that is no decision.
    pub(crate) policy: String,
    pub(crate) pod: String,
    pub(crate) container: String,
    /// The program, the capability, the call on sockets or the fields that drifted; and that it was blocked, if it was.
    pub(crate) what: String,
    /// Whether it says what a person is to know beside that.
    pub(crate) is_whole: bool,
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, pod, container, what, is_whole } = self;
        let lack = if *is_whole { "" } else { ", without all that it should say" };
        write!(f, "{policy}: {what} in container {container} of pod {pod}{lack}")
    }
}

/// An alert that must come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    sign: Sign,
    pod: &'static str,
    container: &'static str,
}

/// All that must come of an act.
pub(crate) fn of(act: &Act) -> impl Iterator<Item = Expected> {
    let Act { pod, container, expects, .. } = *act;
    expects.iter().map(move |sign| Expected { sign: *sign, pod, container })
}

impl Expected {
    pub(crate) fn is(&self, alert: &Alert) -> bool {
        let what = match self.sign.what.strip_suffix('*') {
            Some(beginning) => alert.what.starts_with(beginning),
            None => alert.what == self.sign.what,
        };
        what && alert.is_whole
            && alert.policy == self.sign.policy
            && alert.pod == self.pod
            && alert.container == self.container
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sign: Sign { policy, what }, pod, container } = self;
        write!(f, "{policy}: {what} in container {container} of pod {pod}")
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

/// The alerts among `records` that are about the containers with these ids. What others on this machine do is not the
/// sample's, whether or not it could be told whose they are.
pub(crate) fn alerts(records: &[Value], ids: &[String]) -> Vec<Alert> {
    let ours = records.iter().filter(|record| is_alert(record)).filter(|record| {
        let who = ["/subject/container/id", "/subject/cgroup"].map(|place| text(record, place));
        who.iter().all(|who| who.is_empty())
            || ids.iter().any(|id| who.iter().any(|who| who.contains(id.as_str())))
    });
    ours.map(alert).collect()
}

/// How many events and records the agent says that it lost: where any were, silence says nothing.
pub(crate) fn gaps(records: &[Value]) -> usize {
    records.iter().filter(|record| text(record, "/kind") == "Gap").count()
}

/// Connections of these containers of which the agent could not tell whether a NetworkPolicy allows them, a sentence each.
/// All that it needs to tell it is declared, so where it cannot, its silence says nothing.
pub(crate) fn doubts(records: &[Value], ids: &[String]) -> Vec<String> {
    let unknown = records.iter().filter(|record| {
        text(record, "/judgement/verdict") == "Unknown"
            && CONNECTIONS.contains(&text(record, "/judgement/policy"))
            && !may_be_an_answer(record)
            && ids.iter().any(|id| text(record, "/subject/container/id") == id)
    });
    unknown.map(|record| format!("the agent cannot tell of this: {}", alert(record))).collect()
}

/// What is sent from a port that a program chose may answer someone, whose own port is nobody's business.
fn may_be_an_answer(record: &Value) -> bool {
    let port = record.pointer("/evidence/socket/peer/port");
    text(record, "/evidence/kind") == "SendTo" && port == Some(&Value::Null)
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
    let kind = text(record, "/kind");
    let is_decision = kind == "Decision";
    Alert {
        policy: if is_decision { text(record, "/judgement/policy") } else { kind }.to_owned(),
        pod: text(record, "/subject/pod/name").to_owned(),
        container: text(record, "/subject/container/name").to_owned(),
        what: changed(record).unwrap_or_else(|| seen(record).to_owned()) + blocked(record),
        is_whole: !is_decision || is_explained(record),
    }
}

/// A call on sockets, in the sentence that tells it; a capability, a script, a program; of what is none of these, the
/// sentence that it is judged with.
fn seen(record: &Value) -> &str {
    if record.pointer("/evidence/socket").is_some() {
        return text(record, "/evidence/observed");
    }
    let places = ["capability", "executable/script/path", "executable/path"];
    // What entered a container has its event one deeper.
    let found = ["/evidence", "/evidence/event"]
        .into_iter()
        .flat_map(|above| places.iter().map(move |place| text(record, &format!("{above}/{place}"))));
    found.into_iter().find(|text| !text.is_empty()).unwrap_or_else(|| text(record, "/judgement/message"))
}

/// What was done about it, if that is more than to tell it.
fn blocked(record: &Value) -> &'static str {
    if text(record, "/decision/action") == "Block" { " (Block)" } else { "" }
}

/// Each field with what is declared, what is observed, and the step that broke.
fn changed(record: &Value) -> Option<String> {
    let changes = record.pointer("/evidence/changes")?.as_array()?;
    let each = changes.iter().map(|change| {
        let (path, step) = (text(change, "/path"), text(change, "/step"));
        format!("{path}: {} -> {} ({step})", change["declared"], change["observed"])
    });
    Some(each.collect::<Vec<_>>().join(", "))
}

/// Whether a person who reads it knows what was declared, what was seen, and what to do.
fn is_explained(record: &Value) -> bool {
    let places = ["/evidence/declared", "/evidence/observed", "/policy/remediation"];
    places.iter().all(|place| !text(record, place).is_empty())
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
