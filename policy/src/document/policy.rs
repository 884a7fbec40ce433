//! A policy: one rule with its metadata. It says what a ValidatingAdmissionPolicy says, in its words, and more.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::about::{About, Control, Severity};
use super::resources::ResourceMatch;
use crate::event::EventKind;

/// The version of the documents' format.
pub const API_VERSION: &str = "plumbline.dev/v1alpha1";

/// A document of kind Policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// [`API_VERSION`].
    pub api_version: String,
    /// `Policy`.
    pub kind: String,
    /// Its name.
    pub metadata: Metadata,
    /// What it says.
    pub spec: Spec,
}

/// What names a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Unique among the policies of a set.
    pub name: String,
    /// Such as the pack that it belongs to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// For people and tools; nothing here reads them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// What must hold, in a line.
    pub title: String,
    /// How bad a failure is.
    pub severity: Severity,
    /// Why it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
    /// Which controls of which frameworks it serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<Control>,
    /// The most that may be done. Left out, what that is depends on the point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Ceiling>,
    /// What it is about.
    #[serde(rename = "match")]
    pub matches: Match,
    /// What expressions see as `params`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<serde_json::Value>,
    /// What must be true for it to be about an input at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub match_conditions: Vec<MatchCondition>,
    /// What later expressions see as `variables.NAME`, worked out at most once for an input, and only if it is read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// What must hold.
    pub validations: Vec<Validation>,
    /// What an expression that fails does.
    #[serde(default)]
    pub failure_policy: FailurePolicy,
    /// What follows a failure at runtime, once enforced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Response>,
}

impl Spec {
    /// What it says for people.
    pub fn about(&self) -> About {
        About {
            title: self.title.clone(),
            severity: self.severity,
            description: self.description.clone(),
            remediation: self.remediation.clone(),
            controls: self.controls.clone(),
        }
    }
}

/// The most that may be done about a failure. A rollout, an exception or break-glass only lowers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the actions' own words")]
pub enum Ceiling {
    Audit,
    Warn,
    Block,
}

/// What a policy is about: exactly one of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Match {
    /// Events in containers.
    Events(EventMatch),
    /// Objects of the API server, and the Pod as the node shows it.
    Resources(ResourceMatch),
}

/// Which events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMatch {
    /// Of these kinds.
    pub kinds: Vec<EventKind>,
}

/// What must be true for a policy to be about an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchCondition {
    /// Unique among the policy's conditions.
    pub name: String,
    /// CEL, a boolean.
    pub expression: String,
}

/// A value with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// An identifier. Expressions see `variables.NAME`; those of the variables themselves see the earlier ones.
    pub name: String,
    /// CEL.
    pub expression: String,
}

/// Something that must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Validation {
    /// Unique among the policy's validations. Left out, the validation goes by its index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// CEL, a boolean: true where all is well.
    pub expression: String,
    /// What is wrong, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// CEL, a text: what is wrong, with what was found. Where it fails or is no line of text, `message` stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_expression: Option<String>,
    /// A word for machines, as the API server's denials carry one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What an expression that fails does. An Unknown is not a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailurePolicy {
    /// It counts as a failed validation.
    #[default]
    Fail,
    /// It counts as none.
    Ignore,
}

/// What follows a failure at runtime, once enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// What is done.
    pub action: ResponseAction,
}

/// What is done about a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseAction {
    /// Somebody is told.
    Alert,
    /// The process is killed.
    Kill,
    /// The pod is evicted.
    Evict,
    /// The pod is cut off the network.
    Quarantine,
    /// The workload is put back to its declared state.
    Rollback,
}
