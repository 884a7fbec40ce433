//! `hostPID`, `hostIPC`, `hostNetwork` and `hostUsers`.

use serde_json::{Value, json};

use super::comparison::{Comparison, Finding, said};
use super::{Change, Step};
use crate::known::Known;

pub(super) fn changes(case: &Comparison<'_>) -> Vec<Change> {
    let (namespaces, joined) = (case.facts.namespaces, case.facts.joined);
    // What a Pod does not say is false, but for hostUsers: there it is the node's.
    let undeclared = |value: &Value| *value != true;
    let declined = |value: &Value| *value == false;
    [
        node(case, "hostPID", "pid", [namespaces.pid, joined.pid], undeclared),
        node(case, "hostIPC", "ipc", [namespaces.ipc, joined.ipc], undeclared),
        node(case, "hostNetwork", "network", [namespaces.network, joined.network], undeclared),
        node(case, "hostUsers", "user", [namespaces.user, joined.user], declined),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn node(
    case: &Comparison<'_>,
    field: &str,
    kind: &str,
    [observed, joined]: [Known<bool>; 2],
    of_its_own: impl Fn(&Value) -> bool,
) -> Option<Change> {
    let declared = &case.pod["spec"][field];
    if observed != Known::Known(true) || !of_its_own(declared) {
        return None;
    }
    let finding = Finding {
        declared: said(declared),
        observed: json!(true),
        step: step(case, kind, joined),
        reason: format!("a task of its own is in the node's {kind} namespace"),
    };
    Some(finding.at(format!("/spec/{field}")))
}

/// Containers of a Pod join the namespace of its sandbox by a path, which does not say by itself whose it was.
fn step(case: &Comparison<'_>, kind: &str, joined: Known<bool>) -> Known<Step> {
    let Some(spec) = case.spec else { return Known::Unknown };
    match spec.namespace(kind).map(|namespace| namespace.path.as_deref().unwrap_or_default()) {
        None => Known::Known(Step::PodToOci),
        Some("") => Known::Known(Step::OciToKernel),
        Some(_) => joined.map(|is_nodes| if is_nodes { Step::PodToOci } else { Step::OciToKernel }),
    }
}

#[cfg(test)]
mod tests;
