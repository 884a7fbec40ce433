//! What is declared of the network, and what was done on it.

use std::sync::Arc;

use agent_common::map::{PodTables, SocketKey};
use policy::network::{Cluster, Name};

use super::Identity;
use crate::{correlate::resolve::Resolved, deny::Masks};

impl Identity {
    /// NetworkPolicies and what they are held against.
    #[must_use]
    pub fn network(&self) -> Arc<Cluster> {
        self.declarations.network()
    }

    /// The calls on sockets made in containers.
    pub fn sockets(&self) -> impl Iterator<Item = &SocketKey> {
        self.told.all().flat_map(|facts| &facts.sockets)
    }

    /// How often one was.
    #[must_use]
    pub fn socket_uses(&self, key: &SocketKey) -> Option<u64> {
        self.tables.socket_uses(key)
    }

    /// The tables of a container's Pod, if there is something that depends on what they say.
    pub(super) fn pod_tables(&mut self, cgroup: u64, resolved: &Resolved, masks: &Masks) -> PodTables {
        match name(resolved) {
            Some(pod) if masks.ask_network_policies() => self.connections.tables(cgroup, &pod),
            _ => {
                self.connections.forget(cgroup);
                PodTables::default()
            }
        }
    }

    /// The tables of Pods in the kernel, and those for which there was no room.
    #[must_use]
    pub fn connections(&self) -> (usize, u64) {
        (self.connections.shared(), self.connections.refused())
    }
}

/// The Pod whose NetworkPolicies hold in a container.
pub(super) fn name(container: &Resolved) -> Option<Name> {
    container.pod.as_ref().map(|pod| Name::new(&pod.namespace, &pod.name))
}
