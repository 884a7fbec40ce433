//! `appArmorProfile`.

use serde_json::{Value, json};

use super::{Change, Comparison, Finding, is_confined, label, told, unconfined};
use crate::observed::overlay::comparison::said;

const UNCONFINED: &str = "unconfined";

pub(super) fn change(case: &Comparison<'_>) -> Option<Change> {
    let declared = declared(case).filter(is_confined)?;
    let name = name(label(&case.facts.apparmor)?);
    let told = told(case, |process| process.apparmor_profile.as_ref());
    let observed = match wanted(&declared, told) {
        _ if name == UNCONFINED => unconfined(),
        Some(wanted) if !name.split("//").any(|part| part == wanted) => {
            json!({"type": "Localhost", "localhostProfile": name})
        }
        _ => return None,
    };
    let told_none = |told: &str| told.is_empty() || told == UNCONFINED;
    let finding = Finding {
        declared: Some(&declared),
        observed,
        step: case.step(|_| told.is_some_and(|told| told == name || told_none(told) && name == UNCONFINED)),
        reason: format!("AppArmor confines it by `{name}`"),
    };
    Some(case.in_context("appArmorProfile", finding))
}

/// The container's, else the annotation that older Pods have, else the Pod's, as the kubelet looks for it.
fn declared(case: &Comparison<'_>) -> Option<Value> {
    let field = "appArmorProfile";
    let own = said(&case.context()[field]).cloned();
    let of_pod = || said(&case.pod["spec"]["securityContext"][field]).cloned();
    own.or_else(|| annotated(case)).or_else(of_pod)
}

fn annotated(case: &Comparison<'_>) -> Option<Value> {
    let key = format!("container.apparmor.security.beta.kubernetes.io/{}", case.name);
    let value = case.pod["metadata"]["annotations"][key].as_str()?;
    Some(match value.strip_prefix("localhost/") {
        Some(profile) => json!({"type": "Localhost", "localhostProfile": profile}),
        None if value == "runtime/default" => json!({"type": "RuntimeDefault"}),
        None => unconfined(),
    })
}

/// The name that the label should have. The runtime's default has the name that the runtime was told; what that should
/// be nobody else says.
fn wanted<'a>(declared: &'a Value, told: Option<&'a str>) -> Option<&'a str> {
    match declared["localhostProfile"].as_str() {
        Some(profile) if declared["type"] == "Localhost" => Some(profile),
        _ => told.filter(|told| !told.is_empty()),
    }
}

/// A label without its mode. A profile that is in no mode to confine is none; one that complains is the node's own
/// choice.
fn name(label: &str) -> &str {
    match label.rsplit_once(" (") {
        Some((_, "unconfined)")) => UNCONFINED,
        Some((name, _)) => name,
        None => label,
    }
}
