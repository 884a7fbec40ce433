//! The container and the node that an event happened in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::capabilities::Set;
use crate::known::Known;

/// The container, as its runtime and its Pod declare it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Container {
    /// Its name in the Pod, or the runtime's name for it.
    pub name: Known<String>,
    /// Which of the Pod's lists it is in.
    pub kind: Known<ContainerKind>,
    /// The runtime's id of it, 64 hexadecimal digits as a rule.
    pub id: String,
    /// `containerd`, `cri-o`, `docker`, `podman` or `runc`.
    pub runtime: Known<String>,
    /// What it was made from.
    pub image: Image,
    /// What its declaration lets it use.
    pub capabilities: Capabilities,
}

/// Which of the Pod's lists a container is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ContainerKind {
    /// `containers`.
    Container,
    /// `initContainers`, run to completion.
    Init,
    /// `initContainers` with restartPolicy Always.
    Sidecar,
    /// `ephemeralContainers`.
    Ephemeral,
}

impl ContainerKind {
    /// Every kind of container.
    pub const ALL: [Self; 4] = [Self::Container, Self::Init, Self::Sidecar, Self::Ephemeral];

    /// The word that policies use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Container => "Container",
            Self::Init => "Init",
            Self::Sidecar => "Sidecar",
            Self::Ephemeral => "Ephemeral",
        }
    }
}

/// What a container was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Image {
    /// As the Pod or the runtime names it.
    pub reference: Known<String>,
    /// `sha256:<hex>`.
    pub digest: Known<String>,
}

/// Capability names without their prefix, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Capabilities {
    /// What the declaration allows, the runtime's defaults applied.
    pub allowed: Known<Set>,
    /// What was asked for by name.
    pub added: Known<Vec<String>>,
}

/// The node that the container runs on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// Its name in the cluster, or the host's.
    pub name: String,
    /// Its labels in the cluster.
    pub labels: Known<BTreeMap<String, String>>,
    /// The running kernel's release.
    pub kernel: String,
}
