//! `readOnlyRootFilesystem` and `procMount`.

use serde_json::json;

use super::Change;
use super::comparison::{Comparison, Finding, said};
use crate::known::Known;

pub(super) fn changes(case: &Comparison<'_>) -> Vec<Change> {
    [root(case), proc(case)].into_iter().flatten().collect()
}

fn root(case: &Comparison<'_>) -> Option<Change> {
    let declared = &case.context()["readOnlyRootFilesystem"];
    if *declared != true || case.facts.root_writable != Known::Known(true) {
        return None;
    }
    let finding = Finding {
        declared: Some(declared),
        observed: json!(false),
        step: case.step(|spec| !spec.root.as_ref().is_some_and(|root| root.readonly)),
        reason: "its root can be written to".to_owned(),
    };
    Some(case.in_context("readOnlyRootFilesystem", finding))
}

/// A kernel has not each of the paths, so that one which is masked shows that the runtime did it. The kubelet asks for
/// masks wherever a Pod does not say otherwise: a specification without any is a contradiction of its own.
fn proc(case: &Comparison<'_>) -> Option<Change> {
    let declared = said(&case.context()["procMount"]);
    let masked = case.facts.masked.as_ref().known()?;
    let wanted = &case.spec?.linux.as_ref()?.masked_paths;
    let is_masked =
        if wanted.is_empty() { !masked.is_empty() } else { wanted.iter().any(|path| masked.contains(path)) };
    if is_masked || case.is_privileged() || declared.is_some_and(|declared| declared != "Default") {
        return None;
    }
    let finding = Finding {
        declared,
        observed: json!("Unmasked"),
        step: case.step(|_| wanted.is_empty()),
        reason: "nothing of /proc is hidden that should be".to_owned(),
    };
    Some(case.in_context("procMount", finding))
}

#[cfg(test)]
mod tests;
