//! Label selectors, as apimachinery's `ValidateLabelSelector` takes them.

use super::reading::{Reading, field};
use crate::network::selector::{Operator, Requirement, Selector};
use crate::yaml::{MistakeKind, Node, Value};

/// Reads a selector; what is not there, or has no requirement, selects everything.
pub(super) fn read(reading: &mut Reading, node: &Node) -> Selector {
    let mut selector = Selector::default();
    if !reading.mapping(node, &["matchLabels", "matchExpressions"]) {
        return selector;
    }
    for (key, value) in reading.labels(node, "matchLabels") {
        let at = field(node, "matchLabels").and_then(|labels| field(labels, &key)).unwrap_or(node);
        check_key(reading, at, &key);
        check_value(reading, at, &value);
        selector.requirements.push(Requirement::equals(&key, &value));
    }
    for item in reading.list(node, "matchExpressions") {
        selector.requirements.extend(requirement(reading, item));
    }
    selector
}

fn requirement(reading: &mut Reading, node: &Node) -> Option<Requirement> {
    if !reading.mapping(node, &["key", "operator", "values"]) {
        return None;
    }
    let Some(key) = reading.text(node, "key") else {
        reading.say(node, MistakeKind::Missing("key"));
        return None;
    };
    check_key(reading, node, key);
    let operator = operator(reading, node)?;
    let mut values: Vec<Box<str>> = Vec::new();
    for item in reading.list(node, "values") {
        let Some(value) = reading.as_text(item) else { continue };
        check_value(reading, item, value);
        values.push(value.into());
    }
    let wants_values = matches!(operator, Operator::In | Operator::NotIn);
    if wants_values == values.is_empty() {
        let needs = if wants_values { "needs values" } else { "takes no values" };
        reading.invalid(node, format!("{operator:?} {needs}"));
    }
    Some(Requirement { key: key.into(), operator, values })
}

fn operator(reading: &mut Reading, node: &Node) -> Option<Operator> {
    let Some(word) = reading.text(node, "operator") else {
        reading.say(node, MistakeKind::Missing("operator"));
        return None;
    };
    let operators = [Operator::In, Operator::NotIn, Operator::Exists, Operator::DoesNotExist];
    let found = operators.into_iter().find(|operator| format!("{operator:?}") == word);
    if found.is_none() {
        let kind = MistakeKind::UnknownWord {
            word: word.to_owned(),
            known: &["In", "NotIn", "Exists", "DoesNotExist"],
            nearest: None,
        };
        reading.say(field(node, "operator").unwrap_or(node), kind);
    }
    found
}

/// A qualified name: at most 63 letters, digits, `-`, `_` and `.`, after a DNS subdomain and a slash or not.
fn check_key(reading: &mut Reading, node: &Node, key: &str) {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let is_prefix = |prefix: &str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let label = |label: &str| {
            !label.is_empty() && label.chars().all(plain) && !label.starts_with('-') && !label.ends_with('-')
        };
        prefix.len() <= 253 && prefix.split('.').all(label)
    };
    if name.is_empty() || !is_word(name) || !prefix.is_none_or(is_prefix) {
        reading.invalid(node, format!("`{key}` is no label's key"));
    }
}

fn check_value(reading: &mut Reading, node: &Node, value: &str) {
    if !is_word(value) {
        reading.invalid(node, format!("`{value}` is no label's value"));
    }
}

/// At most 63 letters, digits, `-`, `_` and `.`, a letter or digit at both ends.
fn is_word(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = |c: char| c.is_ascii_alphanumeric();
    text.is_empty()
        || text.len() <= 63 && text.chars().all(inner) && text.starts_with(end) && text.ends_with(end)
}

/// Whether a value is a list with something in it.
pub(super) fn has_entries(node: &Node, key: &str) -> bool {
    !matches!(field(node, key).map(|list| &list.value), None | Some(Value::List(_)))
        || matches!(field(node, key).map(|list| &list.value), Some(Value::List(items)) if !items.is_empty())
}
