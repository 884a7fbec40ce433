//! A container beside its declaration, and what all rows of the table ask of the two.

use serde_json::Value;

use super::{Change, Observation, ObservedContainer, Step};
use crate::capabilities::{self, Set};
use crate::event::ContainerKind;
use crate::known::Known;
use crate::observed::{Facts, NodeFacts, OciSpec};

pub(super) struct Comparison<'a> {
    pub(super) pod: &'a Value,
    pub(super) name: &'a str,
    /// The container as its list has it.
    pub(super) container: &'a Value,
    /// The pointer to it.
    at: String,
    pub(super) spec: Option<&'a OciSpec>,
    pub(super) facts: &'a Facts,
    pub(super) node: &'a NodeFacts,
}

impl<'a> Comparison<'a> {
    /// None where the Pod lists no such container, or this kernel may not be the one that runs it.
    pub(super) fn of(container: ObservedContainer<'a>, observation: Observation<'a>) -> Option<Self> {
        let ObservedContainer { pod, kind, name } = container;
        let Observation { spec, facts, node } = observation;
        if !runs_here(pod, facts.runs_here) {
            return None;
        }
        let list = match kind {
            ContainerKind::Container => "containers",
            ContainerKind::Init | ContainerKind::Sidecar => "initContainers",
            ContainerKind::Ephemeral => "ephemeralContainers",
        };
        let mut containers = pod["spec"][list].as_array()?.iter().enumerate();
        let (index, container) = containers.find(|(_, container)| container["name"] == name)?;
        Some(Self { pod, name, container, at: format!("/spec/{list}/{index}"), spec, facts, node })
    }

    /// The container's `securityContext`.
    pub(super) fn context(&self) -> &'a Value {
        &self.container["securityContext"]
    }

    /// A field of the container's `securityContext`, else the Pod's, as the kubelet has it.
    pub(super) fn inherited(&self, field: &str) -> Option<&'a Value> {
        said(&self.context()[field]).or_else(|| said(&self.pod["spec"]["securityContext"][field]))
    }

    /// Whether the container is declared to be privileged: then much that is weak is as declared.
    pub(super) fn is_privileged(&self) -> bool {
        self.context()["privileged"] == true
    }

    /// Whether it is declared to be privileged or to have SYS_ADMIN, or may be.
    pub(super) fn is_powerful(&self) -> bool {
        let runtime = capabilities::Runtime { bounding: None, full: Set::default() };
        let added = capabilities::of(Some(self.context()), runtime).added;
        let is_admin = |added: &Vec<String>| added.iter().any(|name| name == "SYS_ADMIN" || name == "ALL");
        self.is_privileged() || added.as_ref().known().is_none_or(is_admin)
    }

    /// Where it broke, if the specification says whether the runtime was told the weaker value already.
    pub(super) fn step(&self, told: impl FnOnce(&OciSpec) -> bool) -> Known<Step> {
        self.spec.map_or(Known::Unknown, |spec| {
            Known::Known(if told(spec) { Step::PodToOci } else { Step::OciToKernel })
        })
    }

    /// A field of the container itself.
    pub(super) fn change(&self, field: &str, finding: Finding<'_>) -> Change {
        finding.at(format!("{}/{field}", self.at))
    }

    /// A field of its `securityContext`.
    pub(super) fn in_context(&self, field: &str, finding: Finding<'_>) -> Change {
        finding.at(format!("{}/securityContext/{field}", self.at))
    }
}

/// A runtime that nobody names is the node's default; that of a class may be any.
fn runs_here(pod: &Value, told: Known<bool>) -> bool {
    told.known().unwrap_or_else(|| said(&pod["spec"]["runtimeClassName"]).is_none())
}

/// A change without its place.
pub(super) struct Finding<'a> {
    pub(super) declared: Option<&'a Value>,
    pub(super) observed: Value,
    pub(super) step: Known<Step>,
    pub(super) reason: String,
}

impl Finding<'_> {
    pub(super) fn at(self, path: String) -> Change {
        let Self { declared, observed, step, reason } = self;
        Change { path, declared: declared.cloned(), observed, reason, step }
    }
}

/// A value that is there.
pub(super) fn said(value: &Value) -> Option<&Value> {
    (!value.is_null()).then_some(value)
}
