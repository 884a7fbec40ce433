//! `hostPID`, `hostIPC`, `hostNetwork` and `hostUsers`.

use serde_json::{Value, json};

use super::comparison::{Comparison, Finding, said};
use super::{Change, Step};
use crate::known::Known;
use crate::observed::Namespaces;

pub(super) fn changes(case: &Comparison<'_>) -> Vec<Change> {
    let (first, joined) = (case.facts.namespaces, case.facts.joined);
    // Drivers and agents of the node enter its namespaces for a moment (`nsenter -t 1`), which is what they may do it for.
    let descended = match case.is_powerful() || case.pod["spec"]["hostPID"] == true {
        true => Namespaces::default(),
        false => case.facts.descended,
    };
    let either =
        |first: Known<bool>, descended| if descended == Known::Known(true) { descended } else { first };
    // What a Pod does not say is false, but for hostUsers: there it is the node's.
    let undeclared = |value: &Value| *value != true;
    let declined = |value: &Value| *value == false;
    [
        node(case, "hostPID", "pid", [either(first.pid, descended.pid), joined.pid], undeclared),
        node(case, "hostIPC", "ipc", [either(first.ipc, descended.ipc), joined.ipc], undeclared),
        node(
            case,
            "hostNetwork",
            "network",
            [either(first.network, descended.network), joined.network],
            undeclared,
        ),
        node(case, "hostUsers", "user", [first.user, joined.user], declined),
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
