//! The tables of some Pods, kept up to date while the cluster changes.

mod changes;
mod pod;
mod shelf;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::answer::View;
use super::cluster::Change;
use super::document::{Key, Kind, Name, Object};
use super::tables::{Common, Pool, Reach, Single};
use super::{Cluster, Direction, Tables};
pub use changes::Changes;
use pod::Kept;
pub use pod::PodTables;
use shelf::Shelf;
pub use shelf::TableId;

/// A cluster, and the tables of the Pods that are watched (a node's own).
#[derive(Debug)]
pub struct Network {
    cluster: Cluster,
    /// Those that tables are kept for.
    directions: &'static [Direction],
    /// What is kept of each Pod; nothing as long as it is not declared.
    pods: BTreeMap<(Name, Direction), Option<Kept>>,
    shelf: Shelf,
}

/// What a change may make otherwise.
enum Concern {
    /// These addresses, for everyone.
    Addresses(BTreeSet<IpAddr>),
    /// What this policy selects, and what it says.
    Policy(Name),
    /// Everything.
    Everything,
}

impl Network {
    /// Watches nobody yet.
    pub fn new(cluster: Cluster) -> Self {
        Self::of(&Direction::ALL, cluster)
    }

    /// Keeps tables for these directions only.
    pub fn of(directions: &'static [Direction], cluster: Cluster) -> Self {
        Self { cluster, directions, pods: BTreeMap::new(), shelf: Shelf::default() }
    }

    /// The cluster as it is.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// All declared Pods' addresses, by which a prefix tells Pods from others.
    pub fn pod_addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.cluster.pod_addresses()
    }

    /// The tables of a Pod that is watched and declared.
    pub fn tables(&self, pod: &Name, direction: Direction) -> Option<PodTables<'_>> {
        let kept = self.pods.get(&(pod.clone(), direction))?.as_ref()?;
        Some(PodTables::new(kept, &self.shelf))
    }

    /// The tables with this number.
    pub fn shared(&self, id: TableId) -> Option<&Tables> {
        self.shelf.get(id)
    }

    /// Keeps a Pod's tables from now on, whether it is declared yet or not.
    pub fn watch(&mut self, pod: &Name) -> Changes {
        for direction in self.directions {
            self.pods.entry((pod.clone(), *direction)).or_default();
        }
        let mut changes = Changes::default();
        self.settle(|name| name == pod, &mut changes);
        changes
    }

    /// Keeps them no longer.
    pub fn forget(&mut self, pod: &Name) -> Changes {
        let mut changes = Changes::default();
        for direction in Direction::ALL {
            let key = (pod.clone(), direction);
            if self.pods.remove(&key).flatten().is_some() {
                changes.pods.insert(key);
            }
        }
        self.drop_unused(&mut changes);
        changes
    }

    /// Takes a change in, and says what became otherwise.
    pub fn change(&mut self, change: Change) -> Changes {
        let (key, new) = match &change {
            Change::Put(object) => (object.key(), Some(&**object)),
            Change::Remove(key) => (key.clone(), None),
            Change::Here(_) => return self.change_here(change),
        };
        let touched = self.pod_addresses_in(&key, new);
        let is_pod = |cluster: &Cluster| touched.iter().map(|at| cluster.is_pod(*at)).collect::<Vec<_>>();
        let (pods_before, before) = (is_pod(&self.cluster), self.concern(&key));
        self.cluster.change(change);
        let (pods_after, after) = (is_pod(&self.cluster), self.concern(&key));
        let is_other = pods_before.iter().zip(&pods_after).map(|(before, after)| before != after);
        let others = touched.iter().zip(is_other).filter(|(_, is_other)| *is_other);
        let mut changes =
            Changes { pod_addresses: others.map(|(address, _)| *address).collect(), ..Changes::default() };
        self.follow(before.and(after), &mut changes);
        if key.kind == Kind::Pod {
            self.settle(|name| *name == key.name, &mut changes);
        }
        changes
    }

    /// What holds for everyone on the node may become otherwise, but no address becomes a Pod's.
    fn change_here(&mut self, change: Change) -> Changes {
        let mut changes = Changes::default();
        self.cluster.change(change);
        self.follow(Concern::Everything, &mut changes);
        changes
    }

    /// The addresses that a Pod has, or will have once this object is there.
    fn pod_addresses_in(&self, key: &Key, new: Option<&Object>) -> BTreeSet<IpAddr> {
        let new = match new {
            Some(Object::Pod(pod)) => &pod.addresses[..],
            _ => &[],
        };
        let pods = (key.kind == Kind::Pod).then(|| self.cluster.find(&key.name)).flatten();
        let old = pods.and_then(|id| self.cluster.pod(id)).map_or(&[][..], |pod| &pod.addresses);
        old.iter().chain(new).copied().collect()
    }

    fn concern(&self, key: &Key) -> Concern {
        match key.kind {
            // Whose selectors ask for its labels, or what an address is, is not kept by name. Both are rare.
            Kind::Namespace | Kind::Node => Concern::Everything,
            Kind::NetworkPolicy if key.name.namespace.is_empty() => Concern::Everything,
            Kind::NetworkPolicy => Concern::Policy(key.name.clone()),
            _ if self.cluster.was_unread(key) => Concern::Everything,
            Kind::Pod | Kind::Service | Kind::EndpointSlice => {
                Concern::Addresses(self.cluster.concerned(key))
            }
        }
    }

    fn follow(&mut self, concern: Concern, changes: &mut Changes) {
        match concern {
            Concern::Addresses(addresses) => {
                self.shelf.refresh(&self.cluster, &addresses, changes);
                self.refresh_own(&addresses, changes);
            }
            Concern::Policy(policy) => {
                self.shelf.doubt(|common| common.policies.contains(&policy));
                self.settle(|name| name.namespace == policy.namespace, changes);
            }
            Concern::Everything => {
                self.shelf.doubt(|_| true);
                self.settle(|_| true, changes);
            }
        }
    }

    /// Works out again what holds for the Pods themselves at these addresses.
    fn refresh_own(&mut self, addresses: &BTreeSet<IpAddr>, changes: &mut Changes) {
        for ((name, direction), kept) in &mut self.pods {
            let id = self.cluster.find(name);
            let (Some(kept), Some(id)) = (kept, id) else { continue };
            let (Some(shared), Some(pod)) = (self.shelf.of(kept), self.cluster.pod(id)) else { continue };
            let reach = Reach::of(&self.cluster, pod, *direction);
            let is_kept = |address: &IpAddr| kept.own.contains_key(address) || reach.contains(*address);
            let mine: Vec<_> = addresses.iter().copied().filter(is_kept).collect();
            let view = if mine.is_empty() { None } else { View::of(&self.cluster, id, *direction) };
            let Some(view) = view else { continue };
            let mut single = Single::of(&view);
            for address in mine {
                let own = reach.contains(address).then(|| single.unlike(shared, address)).flatten();
                if kept.set(address, own) {
                    changes.pods.insert((name.clone(), *direction));
                }
            }
        }
    }

    /// Works out again what is kept of Pods.
    fn settle(&mut self, is_concerned: impl Fn(&Name) -> bool, changes: &mut Changes) {
        for ((name, direction), kept) in self.pods.iter_mut().filter(|((name, _), _)| is_concerned(name)) {
            let now = self.cluster.find(name).and_then(|id| {
                let view = View::of(&self.cluster, id, *direction)?;
                let reach = Reach::of(&self.cluster, self.cluster.pod(id)?, *direction);
                Some(Kept::of(&view, &reach, &mut self.shelf, changes))
            });
            if *kept != now {
                *kept = now;
                changes.pods.insert((name.clone(), *direction));
            }
        }
        self.drop_unused(changes);
    }

    fn drop_unused(&mut self, changes: &mut Changes) {
        let used = self.pods.values().flatten().filter_map(|kept| kept.shared).collect();
        self.shelf.retain(&used, changes);
    }
}

impl Concern {
    /// Both.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Addresses(mut one), Self::Addresses(other)) => {
                one.extend(other);
                Self::Addresses(one)
            }
            (Self::Policy(policy), Self::Policy(_)) => Self::Policy(policy),
            _ => Self::Everything,
        }
    }
}
