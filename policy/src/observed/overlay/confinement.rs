//! `seccompProfile`, `appArmorProfile` and `seLinuxOptions`. The runtime gives a privileged container none of them.

use serde_json::{Value, json};

use super::Change;
use super::comparison::{Comparison, Finding};
use crate::known::Known;
use crate::observed::{Label, OciProcess, Seccomp};

mod apparmor;
mod selinux;

pub(super) fn changes(case: &Comparison<'_>) -> Vec<Change> {
    if case.is_privileged() {
        return Vec::new();
    }
    [seccomp(case), apparmor::change(case), selinux::change(case)].into_iter().flatten().collect()
}

/// A filter never says which it is, so only that there is none can be told.
fn seccomp(case: &Comparison<'_>) -> Option<Change> {
    let declared = case.inherited("seccompProfile").filter(|profile| is_confined(profile))?;
    if case.facts.seccomp != Known::Known(Seccomp::Disabled) {
        return None;
    }
    let finding = Finding {
        declared: Some(declared),
        observed: unconfined(),
        step: case.step(|spec| spec.linux.as_ref().is_none_or(|linux| linux.seccomp.is_none())),
        reason: "no system call is filtered".to_owned(),
    };
    Some(case.in_context("seccompProfile", finding))
}

/// Whether a profile of seccomp or AppArmor is one.
fn is_confined(profile: &Value) -> bool {
    profile["type"] == "RuntimeDefault" || profile["type"] == "Localhost"
}

fn unconfined() -> Value {
    json!({"type": "Unconfined"})
}

/// What a security module says, if it is on.
fn label(label: &Known<Label>) -> Option<&str> {
    match label.as_ref().known()? {
        Label::Off => None,
        Label::On(label) => Some(label),
    }
}

/// What the runtime was told of a security module, empty where nothing.
fn told<'a>(case: &Comparison<'a>, field: fn(&OciProcess) -> Option<&String>) -> Option<&'a str> {
    let process = case.spec?.process.as_ref();
    Some(process.and_then(field).map_or("", String::as_str))
}

#[cfg(test)]
mod tests;
