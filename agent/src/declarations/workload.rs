//! Controllers of Pods, as far as the question of who owns a Pod needs them.

use std::sync::Arc;

use serde_json::Value;

/// The owner that an object names as its controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerRef {
    pub kind: Arc<str>,
    pub name: Arc<str>,
}

/// A Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job or CronJob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    pub namespace: Arc<str>,
    pub kind: Arc<str>,
    pub name: Arc<str>,
    pub owner: Option<OwnerRef>,
}

const KINDS: [&str; 7] =
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"];

impl Workload {
    /// Reads an object; `None` if it is of another kind or has no name.
    pub fn from_object(object: &Value) -> Option<Self> {
        let kind = object["kind"].as_str().filter(|kind| KINDS.contains(kind))?;
        let metadata = &object["metadata"];
        Some(Self {
            namespace: namespace(metadata),
            kind: kind.into(),
            name: metadata["name"].as_str()?.into(),
            owner: controller(metadata),
        })
    }
}

/// The namespace of an object, `default` where a manifest leaves it out, as kubectl has it.
pub(super) fn namespace(metadata: &Value) -> Arc<str> {
    metadata["namespace"].as_str().unwrap_or("default").into()
}

/// The owner reference with `controller: true`; the API server lets an object have one at most.
pub(super) fn controller(metadata: &Value) -> Option<OwnerRef> {
    let owners = metadata["ownerReferences"].as_array()?;
    let owner = owners.iter().find(|owner| owner["controller"] == Value::Bool(true))?;
    Some(OwnerRef { kind: owner["kind"].as_str()?.into(), name: owner["name"].as_str()?.into() })
}
