//! What a record is about.

use std::sync::Arc;

use serde::Serialize;

use crate::event::Image;
use crate::known::Known;

/// What a record is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind")]
pub enum Subject {
    /// A container. One without a Pod (docker, podman, ctr) has no namespace, pod and owner.
    Container {
        /// The Pod's namespace.
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<Arc<str>>,
        /// The Pod.
        #[serde(skip_serializing_if = "Option::is_none")]
        pod: Option<Pod>,
        /// What made the Pod, followed to its root as far as is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        owner: Option<Owner>,
        /// The container.
        container: SubjectContainer,
    },
    /// An event of a container whose Pod did not become known in time.
    Unresolved {
        /// The path of its control group, below the node's root of them.
        cgroup: String,
        /// The container's id, where the path says it.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<Arc<str>>,
    },
    /// The node itself.
    Node,
}

/// A Pod by its name and its only lasting identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pod {
    /// Its name in its namespace.
    pub name: Arc<str>,
    /// Its uid.
    pub uid: Arc<str>,
}

/// What made a Pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owner {
    /// `Deployment`, `StatefulSet`, ...
    pub kind: Arc<str>,
    /// Its name in the Pod's namespace.
    pub name: Arc<str>,
}

/// A container.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SubjectContainer {
    /// Its name in the Pod, or the runtime's name for it.
    pub name: Known<String>,
    /// The runtime's id of it.
    pub id: Arc<str>,
    /// What it was made from.
    pub image: Image,
}
