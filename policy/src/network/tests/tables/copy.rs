//! A copy of tables that follows by what changes say and nothing else, as maps of a kernel do.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::super::*;

#[derive(Debug, Default, PartialEq)]
pub(super) struct Copy {
    hosts: BTreeMap<(TableId, IpAddr), Ports>,
    prefixes: BTreeMap<(TableId, String), Entry>,
    own: BTreeMap<(Name, Direction), BTreeMap<IpAddr, Ports>>,
    /// Only of those that are declared.
    tables: BTreeMap<(Name, Direction), Option<TableId>>,
    pod_addresses: BTreeSet<IpAddr>,
}

impl Copy {
    pub(super) fn new(network: &Network) -> Self {
        Self { pod_addresses: network.pod_addresses().collect(), ..Self::default() }
    }

    pub(super) fn follow(&mut self, network: &Network, changes: &Changes) {
        for id in &changes.new {
            self.write(*id, network.shared(*id).expect("it is new"));
        }
        for (id, address) in entries(changes) {
            if let Some(ports) = network.shared(id).expect("it is kept").host(address) {
                self.hosts.insert((id, address), ports.clone());
            }
        }
        for address in &changes.pod_addresses {
            let was_pod = if network.cluster().is_pod(*address) {
                !self.pod_addresses.insert(*address)
            } else {
                !self.pod_addresses.remove(address)
            };
            assert!(!was_pod, "{address} was so before");
        }
        for key in &changes.pods {
            self.read(network, key);
        }
        for (id, address) in entries(changes) {
            if network.shared(id).expect("it is kept").host(address).is_none() {
                assert!(self.hosts.remove(&(id, address)).is_some(), "{address} had no entry");
            }
        }
        for gone in &changes.dropped {
            self.hosts.retain(|(id, _), _| id != gone);
            self.prefixes.retain(|(id, _), _| id != gone);
        }
    }

    fn write(&mut self, id: TableId, tables: &Tables) {
        let is_used = |of: &TableId| *of == id;
        assert!(!self.hosts.keys().any(|(of, _)| is_used(of)), "{id:?} is in use");
        assert!(!self.prefixes.keys().any(|(of, _)| is_used(of)), "{id:?} is in use");
        self.hosts.extend(tables.hosts().map(|(address, ports)| ((id, address), ports.clone())));
        let prefixes = tables.prefixes().map(|(range, entry)| ((id, range.to_string()), entry.clone()));
        self.prefixes.extend(prefixes);
    }

    fn read(&mut self, network: &Network, key: &(Name, Direction)) {
        self.own.remove(key);
        self.tables.remove(key);
        if let Some(tables) = network.tables(&key.0, key.1) {
            let own = tables.own().map(|(address, ports)| (address, ports.clone()));
            self.own.insert(key.clone(), own.collect());
            self.tables.insert(key.clone(), tables.shared().map(|(id, _)| id));
        }
    }

    /// It is what a copy made just now would be.
    pub(super) fn assert_is(&self, network: &Network, seed: u64) {
        let mut now = Self::new(network);
        for n in 0..9 {
            for space in ["a", "b", "c"] {
                for direction in Direction::ALL {
                    now.read(network, &(Name::new(space, &format!("p{n}")), direction));
                }
            }
        }
        let ids: BTreeSet<_> = now.tables.values().flatten().copied().collect();
        ids.iter().for_each(|id| now.write(*id, network.shared(*id).expect("it is a Pod's")));
        assert_eq!(*self, now, "seed {seed}");
    }
}

fn entries(changes: &Changes) -> impl Iterator<Item = (TableId, IpAddr)> {
    changes.addresses.iter().flat_map(|(id, addresses)| addresses.iter().map(|address| (*id, *address)))
}
