//! Objects come and go.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::net::IpAddr;

use super::{Change, Cluster, Space};
use crate::network::document::{EndpointSlice, Key, Kind, Name, NetworkPolicy, Node, Object, Pod, Service};

impl Cluster {
    /// Takes a change in.
    pub fn change(&mut self, change: Change) {
        match change {
            Change::Put(object) => self.put(*object),
            Change::Remove(key) => self.remove(&key),
            Change::Here(here) => self.here = here,
        }
    }

    pub(super) fn put(&mut self, object: Object) {
        self.remove(&object.key());
        match object {
            Object::NetworkPolicy(policy) => self.add_policy(policy),
            Object::Pod(pod) => self.add_pod(pod),
            Object::Namespace(namespace) => self.space_mut(&namespace.name).labels = Some(namespace.labels),
            Object::Service(service) => self.add_service(service),
            Object::EndpointSlice(slice) => self.add_slice(slice),
            Object::Node(node) => self.add_node(node),
            Object::Unread(key) => drop(self.unread.insert(key)),
        }
    }

    fn remove(&mut self, key: &Key) {
        self.unread.remove(key);
        let name = &key.name;
        match key.kind {
            Kind::NetworkPolicy => self.remove_policy(name),
            Kind::Pod => self.remove_pod(name),
            Kind::Namespace => {
                if let Some(space) = self.spaces.get_mut(&name.name) {
                    space.labels = None;
                }
                self.tidy(&name.name);
            }
            Kind::Service => self.remove_service(name),
            Kind::EndpointSlice => self.remove_slice(name),
            Kind::Node => self.remove_node(&name.name),
        }
    }

    fn space_mut(&mut self, namespace: &str) -> &mut Space {
        self.spaces.entry(namespace.into()).or_default()
    }

    fn tidy(&mut self, namespace: &str) {
        if self.spaces.get(namespace).is_some_and(Space::is_empty) {
            self.spaces.remove(namespace);
        }
    }

    fn add_policy(&mut self, policy: NetworkPolicy) {
        self.stray_policies += usize::from(policy.name.namespace.is_empty());
        let namespace = policy.name.namespace.clone();
        self.space_mut(&namespace).add_policy(policy);
    }

    fn remove_policy(&mut self, name: &Name) {
        let Some(space) = self.spaces.get_mut(&name.namespace) else { return };
        if space.remove_policy(&name.name).is_some() {
            self.stray_policies -= usize::from(name.namespace.is_empty());
        }
        self.tidy(&name.namespace);
    }

    fn add_pod(&mut self, pod: Pod) {
        let id = self.free.pop().unwrap_or_else(|| {
            self.pods.push(None);
            u32::try_from(self.pods.len() - 1).unwrap_or(u32::MAX)
        });
        self.by_name.insert(pod.name.clone(), id);
        let by_address = if pod.host_network { &mut self.by_host } else { &mut self.by_address };
        for address in &pod.addresses {
            by_address.entry(*address).or_default().insert(id);
        }
        for address in hosts(&pod) {
            *self.node_addresses.entry(address).or_default() += 1;
        }
        for port in &pod.ports {
            self.by_port_name.entry(port.name.clone()).or_default().insert(id);
        }
        self.space_mut(&pod.name.namespace).add_pod(id, &pod.labels);
        self.pods[id as usize] = Some(pod);
    }

    fn remove_pod(&mut self, name: &Name) {
        let Some(id) = self.by_name.remove(name) else { return };
        let Some(pod) = self.pods[id as usize].take() else { return };
        self.free.push(id);
        for address in &pod.addresses {
            take(&mut self.by_address, address, &id);
            take(&mut self.by_host, address, &id);
        }
        for address in hosts(&pod) {
            uncount(&mut self.node_addresses, &address);
        }
        for port in &pod.ports {
            take(&mut self.by_port_name, &port.name, &id);
        }
        if let Some(space) = self.spaces.get_mut(&name.namespace) {
            space.remove_pod(id, &pod.labels);
        }
        self.tidy(&name.namespace);
    }

    fn add_node(&mut self, node: Node) {
        for address in &node.addresses {
            *self.node_addresses.entry(*address).or_default() += 1;
        }
        for range in &node.pod_ranges {
            *self.pod_ranges.entry(range.length()).or_default().entry(*range).or_default() += 1;
        }
        self.nodes.insert(node.name.clone(), node);
    }

    fn remove_node(&mut self, name: &str) {
        let Some(node) = self.nodes.remove(name) else { return };
        for address in node.addresses {
            uncount(&mut self.node_addresses, &address);
        }
        for range in &node.pod_ranges {
            let Some(ranges) = self.pod_ranges.get_mut(&range.length()) else { continue };
            uncount(ranges, range);
            if ranges.is_empty() {
                self.pod_ranges.remove(&range.length());
            }
        }
    }

    fn add_service(&mut self, service: Service) {
        for address in service.cluster_addresses.iter().chain(&service.outer_addresses) {
            self.by_service_address.entry(*address).or_default().insert(service.name.clone());
        }
        for port in &service.ports {
            if let Some(number) = port.node_port {
                self.by_node_port.entry((port.protocol, number)).or_default().insert(service.name.clone());
            }
        }
        self.services.insert(service.name.clone(), service);
    }

    fn remove_service(&mut self, name: &Name) {
        let Some(service) = self.services.remove(name) else { return };
        for address in service.cluster_addresses.iter().chain(&service.outer_addresses) {
            take(&mut self.by_service_address, address, name);
        }
        for port in &service.ports {
            if let Some(number) = port.node_port {
                take(&mut self.by_node_port, &(port.protocol, number), name);
            }
        }
    }

    fn add_slice(&mut self, slice: EndpointSlice) {
        if let Some(service) = &slice.service {
            self.slices_of.entry(service.clone()).or_default().insert(slice.name.clone());
            for address in slice.endpoints.iter().flat_map(|endpoint| &endpoint.addresses) {
                *self.services_behind.entry(*address).or_default().entry(service.clone()).or_default() += 1;
            }
        }
        self.slices.insert(slice.name.clone(), slice);
    }

    fn remove_slice(&mut self, name: &Name) {
        let Some(slice) = self.slices.remove(name) else { return };
        let Some(service) = &slice.service else { return };
        take(&mut self.slices_of, service, name);
        for address in slice.endpoints.iter().flat_map(|endpoint| &endpoint.addresses) {
            let Some(services) = self.services_behind.get_mut(address) else { continue };
            if let Some(count) = services.get_mut(service) {
                *count -= 1;
                if *count == 0 {
                    services.remove(service);
                }
            }
            if services.is_empty() {
                self.services_behind.remove(address);
            }
        }
    }
}

/// The node's addresses that a Pod tells: its own, too, where it is in the node's network.
fn hosts(pod: &Pod) -> BTreeSet<IpAddr> {
    let own = pod.addresses.iter().filter(|_| pod.host_network);
    own.chain(&pod.host_addresses).copied().collect()
}

fn take<K: Hash + Eq, T: Ord>(index: &mut HashMap<K, BTreeSet<T>>, key: &K, item: &T) {
    if let Some(items) = index.get_mut(key) {
        items.remove(item);
        if items.is_empty() {
            index.remove(key);
        }
    }
}

fn uncount<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}
