//! Which resources a policy is about, as a ValidatingAdmissionPolicy says it.

use serde::{Deserialize, Serialize};

/// Which resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceMatch {
    /// Those that one of these is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_rules: Vec<ResourceRule>,
    /// Also the pod template of Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job and CronJob.
    #[serde(default)]
    pub pod_controllers: bool,
    /// Also the Pod observed on the node, whatever the rules say.
    #[serde(default)]
    pub observed: bool,
}

/// What of the API server's requests a rule is about. `*` is any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceRule {
    /// The core group is the empty text.
    pub api_groups: Vec<String>,
    /// `v1`.
    pub api_versions: Vec<String>,
    /// `pods`, `pods/resize`, `pods/*`, `*/scale`. `*` is every resource and no subresource.
    pub resources: Vec<String>,
    /// What is done to it.
    pub operations: Vec<Operation>,
}

/// What a request does to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the API server's own words")]
pub enum Operation {
    Create,
    Update,
    Delete,
    Connect,
    #[serde(rename = "*")]
    Any,
}

/// What is asked of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) group: &'a str,
    pub(crate) version: &'a str,
    pub(crate) resource: &'a str,
    /// Empty for the resource itself.
    pub(crate) subresource: &'a str,
    pub(crate) operation: Operation,
}

impl ResourceRule {
    /// Whether it is about such a request, as the API server decides it (apiserver/pkg/admission/plugin/webhook
    /// /predicates/rules).
    pub(crate) fn is_about(&self, target: Target<'_>) -> bool {
        let Self { api_groups, api_versions, resources, operations } = self;
        let has = |list: &[String], value| list.iter().any(|entry| entry == "*" || entry == value);
        let operation = |entry: &Operation| *entry == Operation::Any || *entry == target.operation;
        let resource = |entry: &String| {
            let (resource, subresource) = entry.split_once('/').unwrap_or((entry, ""));
            (resource == "*" || resource == target.resource)
                && (subresource == "*" || subresource == target.subresource)
        };
        has(api_groups, target.group)
            && has(api_versions, target.version)
            && resources.iter().any(resource)
            && operations.iter().any(operation)
    }
}

#[cfg(test)]
mod tests;
