//! `privileged`, `capabilities` and `allowPrivilegeEscalation`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Change;
use super::comparison::{Comparison, Finding, said};
use crate::capabilities;
use crate::event::Capabilities;
use crate::known::Known;
use crate::observed::{CapabilitySets, OciSpec, Seccomp};

pub(super) fn changes(case: &Comparison<'_>) -> Vec<Change> {
    // A privileged container may use everything, so that its capabilities say nothing more.
    let powers = privileged(case).or_else(|| capabilities(case));
    powers.into_iter().chain(escalation(case)).collect()
}

/// All four signs together, since each alone has another field that says it.
fn privileged(case: &Comparison<'_>) -> Option<Change> {
    let facts = case.facts;
    let CapabilitySets { permitted: _, bounding } = facts.capabilities.as_ref().known()?;
    let masked = facts.masked.as_ref().known()?;
    let full = &case.node.capabilities;
    let holds_all = !full.is_empty() && full.iter().all(|name| bounding.contains(name.as_str()));
    let weaker = holds_all
        && facts.seccomp == Known::Known(Seccomp::Disabled)
        && facts.sys_writable == Known::Known(true)
        && !masked.iter().any(|path| path.starts_with("/proc/"));
    if !weaker || case.is_privileged() {
        return None;
    }
    let finding = Finding {
        declared: said(&case.context()["privileged"]),
        observed: json!(true),
        step: case.step(|spec| gives_everything(spec, full)),
        reason:
            "it may use every capability of the node, no system call is filtered, /sys can be written to and \
                 nothing of /proc is hidden"
                .to_owned(),
    };
    Some(case.in_context("privileged", finding))
}

fn gives_everything(spec: &OciSpec, full: &[String]) -> bool {
    let given = spec.capabilities();
    let unconfined =
        spec.linux.as_ref().is_none_or(|linux| linux.seccomp.is_none() && linux.masked_paths.is_empty());
    unconfined && full.iter().all(|name| given.contains(name.as_str()))
}

fn capabilities(case: &Comparison<'_>) -> Option<Change> {
    let CapabilitySets { permitted, bounding } = case.facts.capabilities.as_ref().known()?;
    let set = |names: &[String]| names.iter().map(String::as_str).collect();
    let runtime = capabilities::Runtime {
        bounding: case.spec.and_then(OciSpec::bounding).map(set),
        full: set(&case.node.capabilities),
    };
    let Capabilities { allowed, added } = capabilities::of(Some(case.context()), runtime);
    // What was asked for is declared, even where the runtime was not told.
    let added = added.known()?;
    let mut declared: BTreeSet<&str> = allowed.known()?.names().collect();
    declared.extend(added.iter().map(String::as_str));
    let held: BTreeSet<&str> = permitted.iter().chain(bounding).map(AsRef::as_ref).collect();
    let excess: Vec<&str> = held.into_iter().filter(|name| !declared.contains(*name)).collect();
    if excess.is_empty() {
        return None;
    }
    let declared = &case.context()["capabilities"]["add"];
    let mut add = declared.as_array().cloned().unwrap_or_default();
    add.extend(excess.iter().copied().map(Value::from));
    let finding = Finding {
        declared: said(declared),
        observed: add.into(),
        step: case.step(|spec| excess.iter().any(|name| spec.capabilities().contains(name))),
        reason: format!("it may use {}, which it does not declare", excess.join(", ")),
    };
    Some(case.in_context("capabilities/add", finding))
}

/// The API server takes no Pod that forbids escalation and is privileged or adds SYS_ADMIN; one that no API server has
/// seen may be such, and means both.
fn escalation(case: &Comparison<'_>) -> Option<Change> {
    let declared = &case.context()["allowPrivilegeEscalation"];
    let weaker = *declared == false && case.facts.no_new_privileges == Known::Known(false);
    if !weaker || case.is_powerful() {
        return None;
    }
    let finding = Finding {
        declared: Some(declared),
        observed: json!(true),
        step: case.step(|spec| !spec.process.as_ref().is_some_and(|process| process.no_new_privileges)),
        reason: "no_new_privs is not set, so that a setuid program gains privileges".to_owned(),
    };
    Some(case.in_context("allowPrivilegeEscalation", finding))
}

#[cfg(test)]
mod tests;
