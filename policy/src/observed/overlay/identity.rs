//! `runAsUser`, `runAsGroup` and `runAsNonRoot`.

use serde_json::{Value, json};

use super::Change;
use super::comparison::{Comparison, Finding};
use crate::known::Known;
use crate::observed::{IdMap, OciUser};

pub(super) fn changes(case: &Comparison<'_>) -> Vec<Change> {
    let facts = case.facts;
    let user = inside(&facts.uid_map, facts.uid);
    let group = inside(&facts.gid_map, facts.gid);
    let user_changes = user.into_iter().flat_map(|uid| {
        [id(case, "runAsUser", uid, |user| user.uid), started_as_root(case, uid)].into_iter().flatten()
    });
    user_changes.chain(group.and_then(|gid| id(case, "runAsGroup", gid, |user| user.gid))).collect()
}

/// The id as the container sees it, which is what a Pod declares.
fn inside(map: &Known<IdMap>, id: Known<u32>) -> Option<u32> {
    map.as_ref().known()?.inside(id.known()?)
}

/// An image's USER is no declaration, and another id than a declared 0 is stricter.
fn id(case: &Comparison<'_>, field: &str, observed: u32, told: fn(&OciUser) -> u32) -> Option<Change> {
    let declared = case.inherited(field)?;
    let id = declared.as_u64()?;
    if id == 0 || id == u64::from(observed) {
        return None;
    }
    let finding = Finding {
        declared: Some(declared),
        observed: observed.into(),
        step: case.step(|spec| spec.process.as_ref().is_some_and(|process| told(&process.user) == observed)),
        reason: format!("its first program ran with the id {observed}, where {field} is {id}"),
    };
    Some(case.in_context(field, finding))
}

fn started_as_root(case: &Comparison<'_>, uid: u32) -> Option<Change> {
    (uid == 0).then(|| root(case, "its first program ran as root")).flatten()
}

/// A program that came to run as root in a container that did not begin so.
pub(super) fn became_root(case: &Comparison<'_>) -> Option<Change> {
    let facts = case.facts;
    let map = facts.uid_map.as_ref().known()?;
    let began_so = facts.uid.known().and_then(|uid| map.inside(uid)) == Some(0);
    let is_root = facts.effective_uids.iter().any(|uid| map.inside(*uid) == Some(0));
    (is_root && !began_so).then(|| root(case, "a program of its own ran as root")).flatten()
}

fn root(case: &Comparison<'_>, reason: &str) -> Option<Change> {
    let declared = case.inherited("runAsNonRoot").filter(|declared| **declared == Value::Bool(true))?;
    let finding = Finding {
        declared: Some(declared),
        observed: json!(false),
        step: case.step(|spec| spec.process.as_ref().is_some_and(|process| process.user.uid == 0)),
        reason: reason.to_owned(),
    };
    Some(case.in_context("runAsNonRoot", finding))
}

#[cfg(test)]
mod tests;
