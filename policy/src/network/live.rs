//! The tables of some Pods, kept up to date while the cluster changes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::answer::View;
use super::cluster::Change;
use super::document::{Key, Kind, Name};
use super::{Cluster, Direction, Tables};

/// A cluster, and the tables of the Pods that are watched (a node's own).
#[derive(Debug, Default)]
pub struct Network {
    cluster: Cluster,
    tables: BTreeMap<(Name, Direction), Option<Tables>>,
}

/// Whose tables a change may make others, and where in them.
enum Concern {
    /// These addresses, in all tables.
    Addresses(BTreeSet<IpAddr>),
    /// All of these Pods' tables.
    Whole(Vec<Name>),
}

impl Network {
    /// Watches nobody yet.
    pub fn new(cluster: Cluster) -> Self {
        Self { cluster, tables: BTreeMap::new() }
    }

    /// The cluster as it is.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Keeps a Pod's tables from now on, whether it is declared yet or not.
    pub fn watch(&mut self, pod: &Name) {
        for direction in Direction::ALL {
            let tables = self.compile(pod, direction);
            self.tables.insert((pod.clone(), direction), tables);
        }
    }

    /// Keeps them no longer.
    pub fn forget(&mut self, pod: &Name) {
        for direction in Direction::ALL {
            self.tables.remove(&(pod.clone(), direction));
        }
    }

    /// The tables of a Pod that is watched and declared.
    pub fn tables(&self, pod: &Name, direction: Direction) -> Option<&Tables> {
        self.tables.get(&(pod.clone(), direction))?.as_ref()
    }

    /// Takes a change in, and says whose tables became others.
    pub fn change(&mut self, change: Change) -> BTreeSet<(Name, Direction)> {
        let key = match &change {
            Change::Put(object) => object.key(),
            Change::Remove(key) => key.clone(),
        };
        let before = self.concern(&key);
        self.cluster.change(change);
        let after = self.concern(&key);
        let mut changed = BTreeSet::new();
        for concern in [before, after] {
            match concern {
                Concern::Addresses(addresses) => self.refresh(&addresses, &mut changed),
                Concern::Whole(names) => names.iter().for_each(|name| self.compile_again(name, &mut changed)),
            }
        }
        if key.kind == Kind::Pod {
            self.compile_again(&key.name, &mut changed);
        }
        changed
    }

    fn concern(&self, key: &Key) -> Concern {
        let everyone = || self.tables.keys().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
        match key.kind {
            // Whose selectors ask for its labels, or what an address is, is not kept by name. Both are rare.
            Kind::Namespace | Kind::Node => Concern::Whole(everyone().into_iter().collect()),
            Kind::NetworkPolicy if key.name.namespace.is_empty() => {
                Concern::Whole(everyone().into_iter().collect())
            }
            Kind::NetworkPolicy => {
                let selects = |name: &Name| {
                    let pod = self.cluster.find(name).and_then(|id| self.cluster.pod(id));
                    let policies =
                        pod.map(|pod| Direction::ALL.map(|side| self.cluster.selecting(pod, side)));
                    policies.is_some_and(|both| both.iter().flatten().any(|policy| policy.name == key.name))
                };
                Concern::Whole(everyone().into_iter().filter(selects).collect())
            }
            _ if self.cluster.was_unread(key) => Concern::Whole(everyone().into_iter().collect()),
            Kind::Pod | Kind::Service | Kind::EndpointSlice => {
                Concern::Addresses(self.cluster.concerned(key))
            }
        }
    }

    fn refresh(&mut self, addresses: &BTreeSet<IpAddr>, changed: &mut BTreeSet<(Name, Direction)>) {
        for ((name, direction), tables) in &mut self.tables {
            let view = self.cluster.find(name).and_then(|id| View::of(&self.cluster, id, *direction));
            let (Some(view), Some(tables)) = (view, tables) else { continue };
            for address in addresses {
                if tables.refresh(&view, *address) {
                    changed.insert((name.clone(), *direction));
                }
            }
        }
    }

    fn compile_again(&mut self, pod: &Name, changed: &mut BTreeSet<(Name, Direction)>) {
        for direction in Direction::ALL {
            let key = (pod.clone(), direction);
            if !self.tables.contains_key(&key) {
                continue;
            }
            let tables = self.compile(pod, direction);
            if self.tables.get(&key) != Some(&tables) {
                self.tables.insert(key.clone(), tables);
                changed.insert(key);
            }
        }
    }

    fn compile(&self, pod: &Name, direction: Direction) -> Option<Tables> {
        Tables::compile(&self.cluster, self.cluster.find(pod)?, direction)
    }
}
