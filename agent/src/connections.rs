//! Where the Pods of this node may connect to, as the kernel side looks it up: the tables that NetworkPolicies compile to,
//! kept in its maps without a moment in which something holds that neither held before nor holds afterwards.
//!
//! A table that becomes another is written anew beside the old one, and its Pods' containers are then told of the new one,
//! each by one write. Where only single addresses became otherwise, they are replaced in place, each by one write.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
};

use agent_common::map::PodTables;
use policy::network::{Changes, Cidr, Cluster, Direction, Name, Network, Ports, TableId};

mod apply;
mod maps;
mod sets;
mod writer;

pub use maps::{Full, Maps};
use sets::Sets;
use writer::Writer;

/// The tables in the kernel.
#[derive(Debug)]
pub struct Connections<M> {
    maps: M,
    sets: Sets,
    cluster: Arc<Cluster>,
    /// As long as a Pod has tables.
    network: Option<Network>,
    /// Which Pod a container is of, by the container's cgroup, if its calls are held against tables.
    containers: HashMap<u64, Name>,
    pods: HashMap<Name, Kept>,
    shared: HashMap<TableId, Shared>,
    /// How many tables were a Pod's own.
    owns: u32,
    refused: u64,
}

/// What the kernel has for a Pod.
#[derive(Debug, Default)]
struct Kept {
    tables: PodTables,
    own: Vec<(IpAddr, Ports)>,
    containers: usize,
}

/// What the kernel has of a table that Pods share.
#[derive(Debug)]
struct Shared {
    hosts: BTreeSet<IpAddr>,
    prefixes: Vec<Cidr>,
}

/// What the kernel still has, and no container is told of any more once those that changed were.
#[derive(Debug, Default)]
#[must_use]
pub struct Left {
    hosts: Vec<(u32, IpAddr)>,
    shared: Vec<(u32, Shared)>,
    /// Addresses that are Pods' now. A prefix never allows a Pod more than a stranger, so an old table must not be asked about
    /// them as Pods'.
    pods: Vec<IpAddr>,
}

impl<M: Maps> Connections<M> {
    /// No table yet.
    pub fn new(maps: M, cluster: Arc<Cluster>) -> Self {
        Self {
            maps,
            sets: Sets::default(),
            cluster,
            network: None,
            containers: HashMap::new(),
            pods: HashMap::new(),
            shared: HashMap::new(),
            owns: 0,
            refused: 0,
        }
    }

    /// The tables of a container's Pod, which are there from now on until it is forgotten.
    pub fn tables(&mut self, container: u64, pod: &Name) -> PodTables {
        if self.containers.get(&container) != Some(pod) {
            self.forget(container);
            self.containers.insert(container, pod.clone());
            let kept = self.pods.entry(pod.clone()).or_default();
            kept.containers += 1;
            if kept.containers == 1 {
                self.watch(pod);
            }
        }
        self.pods.get(pod).map(|kept| kept.tables).unwrap_or_default()
    }

    fn watch(&mut self, pod: &Name) {
        if self.network.is_none() {
            let network = Network::of(&[Direction::Egress], (*self.cluster).clone());
            self.put_pod_addresses(network.pod_addresses().map(|address| (address, true)));
            self.network = Some(network);
        }
        let Some(network) = &mut self.network else { return };
        let mut changes = network.watch(pod);
        changes.pods.insert((pod.clone(), Direction::Egress));
        let (_, left) = self.apply(&changes);
        self.take_away(&left);
    }

    /// A container is gone, or its calls are held against nothing any more.
    pub fn forget(&mut self, container: u64) {
        let Some(pod) = self.containers.remove(&container) else { return };
        let Some(kept) = self.pods.get_mut(&pod) else { return };
        kept.containers -= 1;
        if kept.containers > 0 {
            return;
        }
        let mut left = Left::default();
        if let Some(Kept { tables, own, .. }) = self.pods.remove(&pod) {
            left.hosts.extend(own.into_iter().map(|(address, _)| (tables.own, address)));
        }
        if let Some(network) = &mut self.network {
            drop(network.forget(&pod));
        }
        left.shared = self.dropped();
        self.take_away(&left);
        if self.pods.is_empty()
            && let Some(network) = self.network.take()
        {
            self.put_pod_addresses(network.pod_addresses().map(|address| (address, false)));
        }
    }

    /// Something else is declared. Gives the containers that must be told of other tables; what is left by then is
    /// [taken away](Self::take_away) after that.
    pub fn update(&mut self, cluster: Arc<Cluster>) -> (Vec<u64>, Left) {
        self.cluster = cluster;
        let Some(network) = &mut self.network else { return (Vec::new(), Left::default()) };
        let mut changes = Changes::default();
        for change in self.cluster.changes_since(network.cluster()) {
            let Changes { addresses, pod_addresses, pods, .. } = network.change(change);
            for (table, addresses) in addresses {
                changes.addresses.entry(table).or_default().extend(addresses);
            }
            changes.pod_addresses.extend(pod_addresses);
            changes.pods.extend(pods);
        }
        let (changed, left) = self.apply(&changes);
        let containers = self.containers.iter().filter(|(_, pod)| changed.contains(*pod));
        (containers.map(|(container, _)| *container).collect(), left)
    }

    /// Takes away what no container has any more.
    pub fn take_away(&mut self, left: &Left) {
        self.put_pod_addresses(left.pods.iter().map(|address| (*address, true)));
        let mut writer = Writer { maps: &mut self.maps, sets: &mut self.sets };
        left.hosts.iter().for_each(|(table, address)| writer.erase_host(*table, *address));
        left.shared.iter().for_each(|(table, shared)| writer.erase(*table, shared));
        let own = self.pods.values().flat_map(|kept| kept.own.iter().map(|(_, ports)| ports));
        let shared = self.shared.keys().filter_map(|table| self.network.as_ref()?.shared(*table));
        let used: HashSet<&Ports> = own.chain(shared.flat_map(writer::sets)).collect();
        self.sets.keep(&used, &mut self.maps);
    }

    /// Tables that Pods share.
    pub fn shared(&self) -> usize {
        self.shared.len()
    }

    /// Tables that the kernel had no room for: what they forbid is seen and not denied.
    pub fn refused(&self) -> u64 {
        self.refused
    }
}

#[cfg(test)]
mod tests;
