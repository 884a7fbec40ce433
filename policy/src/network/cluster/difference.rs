//! What makes one cluster another.

use std::collections::BTreeMap;

use super::{Change, Cluster};
use crate::network::document::{
    EndpointSlice, Key, Kind, Name, Namespace, NetworkPolicy, Node, Object, Pod, Service,
};
use crate::network::selector::Labels;

/// An object of a cluster, where it lies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Held<'a> {
    NetworkPolicy(&'a NetworkPolicy),
    Pod(&'a Pod),
    Namespace(&'a str, &'a Labels),
    Service(&'a Service),
    EndpointSlice(&'a EndpointSlice),
    Node(&'a Node),
    Unread(&'a Key),
}

impl Cluster {
    /// The changes after which the other one is this one.
    pub fn changes_since(&self, before: &Self) -> Vec<Change> {
        let (mut held, now) = (before.held(), self.held());
        let mut changes = Vec::new();
        for (key, object) in now {
            if held.remove(&key) != Some(object) {
                changes.push(Change::Put(Box::new(object.to_object())));
            }
        }
        changes.extend(held.into_keys().map(Change::Remove));
        if self.here != before.here {
            changes.push(Change::Here(self.here.clone()));
        }
        changes
    }

    fn held(&self) -> BTreeMap<Key, Held<'_>> {
        let key = |kind, name: &Name| Key { kind, name: name.clone() };
        let of_cluster = |kind, name: &str| Key { kind, name: Name::new("", name) };
        let mut held: BTreeMap<Key, Held<'_>> =
            self.pods().map(|(_, pod)| (key(Kind::Pod, &pod.name), Held::Pod(pod))).collect();
        for (name, space) in &self.spaces {
            let labels = space.labels.as_ref();
            held.extend(
                labels.map(|labels| (of_cluster(Kind::Namespace, name), Held::Namespace(name, labels))),
            );
            let policies = space.policies.values();
            held.extend(
                policies.map(|policy| (key(Kind::NetworkPolicy, &policy.name), Held::NetworkPolicy(policy))),
            );
        }
        held.extend(self.services.iter().map(|(name, one)| (key(Kind::Service, name), Held::Service(one))));
        held.extend(
            self.slices.iter().map(|(name, one)| (key(Kind::EndpointSlice, name), Held::EndpointSlice(one))),
        );
        held.extend(self.nodes.iter().map(|(name, one)| (of_cluster(Kind::Node, name), Held::Node(one))));
        held.extend(self.unread.iter().map(|key| (key.clone(), Held::Unread(key))));
        held
    }
}

impl Held<'_> {
    fn to_object(self) -> Object {
        match self {
            Self::NetworkPolicy(policy) => Object::NetworkPolicy(policy.clone()),
            Self::Pod(pod) => Object::Pod(pod.clone()),
            Self::Namespace(name, labels) => {
                Object::Namespace(Namespace { name: name.into(), labels: labels.clone() })
            }
            Self::Service(service) => Object::Service(service.clone()),
            Self::EndpointSlice(slice) => Object::EndpointSlice(slice.clone()),
            Self::Node(node) => Object::Node(node.clone()),
            Self::Unread(key) => Object::Unread(key.clone()),
        }
    }
}
