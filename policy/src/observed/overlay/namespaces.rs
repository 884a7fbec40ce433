//! `hostPID`, `hostIPC`, `hostNetwork` and `hostUsers`.

use serde_json::{Value, json};

use super::comparison::{Comparison, Finding, said};
use super::{Change, Step};
use crate::known::Known;

pub(super) fn changes(case: &Comparison<'_>) -> Vec<Change> {
    let namespaces = case.facts.namespaces;
    // What a Pod does not say is false, but for hostUsers: there it is the node's.
    let undeclared = |value: &Value| *value != true;
    let declined = |value: &Value| *value == false;
    [
        node(case, "hostPID", "pid", namespaces.pid, undeclared),
        node(case, "hostIPC", "ipc", namespaces.ipc, undeclared),
        node(case, "hostNetwork", "network", namespaces.network, undeclared),
        node(case, "hostUsers", "user", namespaces.user, declined),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn node(
    case: &Comparison<'_>,
    field: &str,
    kind: &str,
    observed: Known<bool>,
    of_its_own: impl Fn(&Value) -> bool,
) -> Option<Change> {
    let declared = &case.pod["spec"][field];
    if observed != Known::Known(true) || !of_its_own(declared) {
        return None;
    }
    let finding = Finding {
        declared: said(declared),
        observed: json!(true),
        step: step(case, kind),
        reason: format!("a task of its own is in the node's {kind} namespace"),
    };
    Some(finding.at(format!("/spec/{field}")))
}

/// Containers of a Pod join the namespace of its sandbox by a path, which does not say whose it was.
fn step(case: &Comparison<'_>, kind: &str) -> Known<Step> {
    let Some(spec) = case.spec else { return Known::Unknown };
    match spec.namespace(kind).map(|namespace| namespace.path.as_deref().unwrap_or_default()) {
        None => Known::Known(Step::PodToOci),
        Some("") => Known::Known(Step::OciToKernel),
        Some(_) => Known::Unknown,
    }
}

#[cfg(test)]
mod tests;
