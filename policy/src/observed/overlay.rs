//! Where the kernel shows a container weaker than its Pod declares, and what the Pod would have to say to be true.

mod comparison;
mod confinement;
mod files;
mod identity;
mod image;
mod mounts;
mod namespaces;
mod privileges;

use serde::Serialize;
use serde_json::Value;

use super::{Facts, NodeFacts, OciSpec};
use crate::event::ContainerKind;
use crate::known::Known;
use comparison::Comparison;

/// A container by its place in the Pod that declares it.
#[derive(Clone, Copy, Debug)]
pub struct ObservedContainer<'a> {
    /// The Pod as declared.
    pub pod: &'a Value,
    /// Which of its lists the container is in.
    pub kind: ContainerKind,
    /// Its name there.
    pub name: &'a str,
}

/// What is known of a container beside its declaration.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// What its runtime was told; None where that cannot be read.
    pub spec: Option<&'a OciSpec>,
    /// What the kernel shows.
    pub facts: &'a Facts,
    /// The node that it runs on.
    pub node: &'a NodeFacts,
}

/// Between which two the declaration was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Step {
    /// The runtime was told something weaker than the Pod declares.
    PodToOci,
    /// The runtime was told rightly, and the kernel shows something weaker.
    OciToKernel,
}

/// A field in which the container is weaker than declared.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// A JSON Pointer into the Pod. `-` at its end is past the end of a list, as in JSON Patch: `observed` is appended.
    pub path: String,
    /// What the Pod declares, there or where the container inherits it from. Absent if it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared: Option<Value>,
    /// What it would have to say.
    pub observed: Value,
    /// What was found, in words.
    pub reason: String,
    /// Where it broke. Unknown without an OCI specification that says so.
    pub step: Known<Step>,
}

impl Change {
    /// The field's place in the container's `securityContext`, else in the container, else in the Pod's `spec`, as the rest
    /// of a JSON Pointer: `readOnlyRootFilesystem`, `capabilities/add`, `hostNetwork`, `volumes/-`.
    pub fn field(&self) -> &str {
        let spec = self.path.strip_prefix("/spec/").unwrap_or(&self.path);
        let mut names = spec.splitn(3, '/');
        let list = names.next().unwrap_or_default();
        match (list, names.next(), names.next()) {
            ("containers" | "initContainers" | "ephemeralContainers", Some(_), Some(field)) => {
                field.strip_prefix("securityContext/").unwrap_or(field)
            }
            _ => spec,
        }
    }
}

/// The contradictions between a Pod and what is so. Two that are equal give equal observed Pods.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Overlay {
    changes: Vec<Change>,
    #[serde(skip)]
    omitted: usize,
}

/// Holds a container against its Pod. Only what is weaker than declared counts: agreement, what is stricter and what
/// cannot be told leave the declared value, or its absence. A container that the Pod does not list contradicts nothing.
pub fn overlay(container: ObservedContainer<'_>, observation: Observation<'_>) -> Overlay {
    let Some(comparison) = Comparison::of(container, observation) else { return Overlay::default() };
    let before =
        [privileges::changes, identity::changes, confinement::changes, files::changes, namespaces::changes];
    let (mounts, omitted) = mounts::changes(&comparison);
    let mut changes: Vec<_> = before.iter().flat_map(|row| row(&comparison)).collect();
    changes.extend(mounts);
    changes.extend(image::changes(&comparison));
    Overlay { changes, omitted }
}

/// In what a container came to be weaker by what it ran, which leaves the observed Pod as it is: a Pod says how a container
/// begins. Today that a program ran as root, where `runAsNonRoot` forbids it and the first one did not.
pub fn became(container: ObservedContainer<'_>, observation: Observation<'_>) -> Option<Change> {
    identity::became_root(&Comparison::of(container, observation)?)
}

impl Overlay {
    /// The fields, in the order of the documented table.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Folders of the node that a container has besides, more than are laid over.
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    /// Whether nothing contradicts the Pod.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Adds what another container of the same Pod shows. What both show of the Pod (its namespaces) counts once.
    pub fn merge(&mut self, other: Self) {
        self.omitted += other.omitted;
        for change in other.changes {
            let same = |known: &Change| known.path == change.path && known.observed == change.observed;
            if !self.changes.iter().any(same) {
                self.changes.push(change);
            }
        }
    }

    /// The observed Pod. Without a contradiction it is the declared one, byte for byte.
    pub fn apply(&self, pod: &Value) -> Value {
        let mut observed = pod.clone();
        for change in &self.changes {
            lay(&mut observed, &change.path, change.observed.clone());
        }
        observed
    }
}

/// Puts a value at a pointer. What the pointer leads through and is no object or element is replaced by an object.
fn lay(target: &mut Value, path: &str, value: Value) {
    let mut place = target;
    let mut names = path.split('/').skip(1).peekable();
    while let Some(name) = names.next() {
        if name == "-" && names.peek().is_none() {
            return append(place, value);
        }
        let index = name.parse().ok().filter(|index| place.get::<usize>(*index).is_some());
        place = match index {
            Some(index) => &mut place[index],
            None => field(place, name),
        };
    }
    *place = value;
}

fn append(list: &mut Value, value: Value) {
    match list {
        Value::Array(items) => items.push(value),
        other => *other = Value::Array(vec![value]),
    }
}

fn field<'v>(object: &'v mut Value, name: &str) -> &'v mut Value {
    if !object.is_object() {
        *object = Value::Object(serde_json::Map::new());
    }
    &mut object[name]
}

#[cfg(test)]
mod tests;
