//! What the Pods on this node are declared to be.
//!
//! One trait, so that whoever correlates and observes never knows whether the declarations come from a folder, a
//! watch or the controller.

pub mod folder;
mod index;
pub mod interfaces;
pub mod pod;
pub mod workload;

use std::sync::Arc;

use policy::network::Cluster;
use tokio::sync::watch;

pub use folder::Folder;
pub use interfaces::Interfaces;
pub use pod::{DeclaredContainer, Mount, Pod};
pub use workload::{OwnerRef, Workload};

/// Where declarations come from. Look-ups answer with what is known now and never wait.
pub trait Declarations: Send + Sync + std::fmt::Debug {
    /// The Pod whose `metadata.uid` this is.
    fn pod_by_uid(&self, uid: &str) -> Option<Arc<Pod>>;

    /// The Pod whose status lists a container of this id (without the runtime before `://`).
    fn pod_by_container_id(&self, id: &str) -> Option<Arc<Pod>>;

    /// The mirror Pod of a static pod, by its annotation `kubernetes.io/config.hash`: what kubelet names its cgroup by.
    fn pod_by_config_hash(&self, hash: &str) -> Option<Arc<Pod>>;

    /// A controller of Pods.
    fn workload(&self, namespace: &str, kind: &str, name: &str) -> Option<Arc<Workload>>;

    /// NetworkPolicies and what they are held against.
    fn network(&self) -> Arc<Cluster>;

    /// A number that changes whenever a look-up may answer otherwise than before.
    fn changes(&self) -> watch::Receiver<u64>;
}

/// Owners are followed no further: a ReplicaSet's Deployment and a Job's CronJob are two steps, an operator's
/// custom resource above them is not in the built-in kinds.
const MOST_OWNERS: usize = 4;

/// What made the Pod, followed from owner to owner as far as is declared.
pub fn root_owner(pod: &Pod, declarations: &dyn Declarations) -> Option<OwnerRef> {
    let mut owner = pod.owner.clone()?;
    for _ in 0..MOST_OWNERS {
        let declared = declarations.workload(&pod.namespace, &owner.kind, &owner.name);
        match declared.and_then(|workload| workload.owner.clone()) {
            Some(above) => owner = above,
            None => break,
        }
    }
    Some(owner)
}
