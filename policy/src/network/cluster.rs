//! The objects, with the indexes that look-ups need.

mod change;
mod difference;
mod endpoints;
mod find;
mod space;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use super::address::Cidr;
use super::document::{EndpointSlice, Key, Kind, Name, NetworkPolicy, Node, Object, Pod, Protocol, Service};
pub(super) use space::Space;

/// A Pod of a [`Cluster`], for as long as it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodId(u32);

/// Something that became otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// This object is there, in place of one of the same name.
    Put(Box<Object>),
    /// This one is gone.
    Remove(Key),
    /// The node of who asks is like this, as far as that is told.
    Here(Option<Here>),
}

/// The node that who asks is on, as it is itself: objects need not tell all of its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Here {
    /// Its name.
    pub node: Box<str>,
    /// The addresses of its interfaces; `None` if they cannot be read, so that any address may be one.
    pub addresses: Option<BTreeSet<IpAddr>>,
}

impl Here {
    /// Whether a Pod is on this node: by its node's name, or by an address of its node's that an interface has.
    pub(super) fn has(&self, pod: &Pod, own_node: Option<&BTreeSet<IpAddr>>) -> bool {
        let is_its = |address| self.addresses.as_ref().is_some_and(|its| its.contains(address));
        pod.node.as_ref() == Some(&self.node) || own_node.into_iter().flatten().any(is_its)
    }
}

/// What is declared.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    pods: Vec<Option<Pod>>,
    free: Vec<u32>,
    by_name: HashMap<Name, u32>,
    /// Pods with an address of their own.
    by_address: HashMap<IpAddr, BTreeSet<u32>>,
    /// Pods in the network of a node, by that node's addresses.
    by_host: HashMap<IpAddr, BTreeSet<u32>>,
    by_port_name: HashMap<Box<str>, BTreeSet<u32>>,
    spaces: HashMap<Box<str>, Space>,
    /// Refused policies whose namespace cannot be read.
    stray_policies: usize,
    nodes: BTreeMap<Box<str>, Node>,
    /// How many nodes give their Pods addresses of a range, by its length.
    pod_ranges: BTreeMap<u8, HashMap<Cidr, usize>>,
    /// How many objects say that an address is a node's.
    node_addresses: HashMap<IpAddr, usize>,
    services: BTreeMap<Name, Service>,
    by_service_address: HashMap<IpAddr, BTreeSet<Name>>,
    by_node_port: HashMap<(Protocol, u16), BTreeSet<Name>>,
    slices: HashMap<Name, EndpointSlice>,
    slices_of: HashMap<Name, BTreeSet<Name>>,
    services_behind: HashMap<IpAddr, BTreeMap<Name, usize>>,
    unread: BTreeSet<Key>,
    here: Option<Here>,
}

impl Cluster {
    /// A cluster of these objects; of two with the same name, the later one counts.
    pub fn new(objects: impl IntoIterator<Item = Object>) -> Self {
        let mut cluster = Self::default();
        for object in objects {
            cluster.put(object);
        }
        cluster
    }

    /// A declared Pod.
    pub fn find(&self, name: &Name) -> Option<PodId> {
        self.by_name.get(name).copied().map(PodId)
    }

    /// All declared Pods.
    pub fn pods(&self) -> impl Iterator<Item = (PodId, &Pod)> {
        let pods = (0..).map(PodId).zip(&self.pods);
        pods.filter_map(|(id, pod)| Some((id, pod.as_ref()?)))
    }

    /// The Pod, if it is still there.
    pub fn pod(&self, id: PodId) -> Option<&Pod> {
        self.pods.get(id.0 as usize)?.as_ref()
    }

    /// A declared Service.
    pub fn service(&self, name: &Name) -> Option<&Service> {
        self.services.get(name)
    }

    /// Whether a declared Pod has the address. The tables of all Pods share this one set.
    pub fn is_pod(&self, address: IpAddr) -> bool {
        self.by_address.contains_key(&address)
    }

    /// The addresses that [`Self::is_pod`] is true of.
    pub fn pod_addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.by_address.keys().copied()
    }

    /// Whether the Nodes are declared, and so the whole cluster.
    pub(super) fn is_whole(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// Whether an object that may have any address could not be read.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.unread.iter().any(|key| key.kind != Kind::Namespace)
    }

    pub(super) fn was_unread(&self, key: &Key) -> bool {
        self.unread.contains(key)
    }

    /// Whether there are policies whose namespace cannot be read.
    pub(super) fn has_stray_policies(&self) -> bool {
        self.stray_policies > 0
    }

    pub(super) fn space(&self, namespace: &str) -> Option<&Space> {
        self.spaces.get(namespace)
    }

    pub(super) fn pods_at(&self, address: IpAddr) -> impl Iterator<Item = &Pod> {
        let ids = self.by_address.get(&address).into_iter().flatten();
        ids.filter_map(|id| self.pod(PodId(*id)))
    }

    /// The Pods in the network of the node that has the address.
    pub(super) fn host_pods_at(&self, address: IpAddr) -> impl Iterator<Item = &Pod> {
        let ids = self.by_host.get(&address).into_iter().flatten();
        ids.filter_map(|id| self.pod(PodId(*id)))
    }

    pub(super) fn is_node(&self, address: IpAddr) -> bool {
        self.node_addresses.contains_key(&address)
    }

    /// Whether the address is of a range that nodes give their Pods.
    pub(super) fn is_in_pod_range(&self, at: &Cidr) -> bool {
        let mut shorter = self.pod_ranges.range(..=at.length());
        shorter.any(|(length, ranges)| ranges.contains_key(&Cidr::around(at.network(), *length)))
    }

    pub(super) fn pod_ranges(&self) -> impl Iterator<Item = &Cidr> {
        self.pod_ranges.values().flat_map(HashMap::keys)
    }

    /// The addresses of the Pod's node; `None` if nothing says them.
    pub(super) fn own_node(&self, pod: &Pod) -> Option<BTreeSet<IpAddr>> {
        let node = pod.node.as_ref().and_then(|name| self.nodes.get(name));
        let declared = node.into_iter().flat_map(|node| &node.addresses);
        let addresses: BTreeSet<_> = declared.chain(&pod.host_addresses).copied().collect();
        (!addresses.is_empty()).then_some(addresses)
    }

    /// What the node of who asks is like, if that is told.
    pub(super) fn here(&self) -> Option<&Here> {
        self.here.as_ref()
    }

    /// Whether an address of an interface is the node's own. kube-proxy and caches of names give the node addresses of
    /// Services, too.
    pub(super) fn is_of_interface(&self, address: IpAddr) -> bool {
        !self.is_pod(address) && !self.by_service_address.contains_key(&address)
    }

    pub(super) fn node_addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.node_addresses.keys().copied()
    }

    pub(super) fn service_addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.by_service_address.keys().copied()
    }

    pub(super) fn services_at(&self, address: IpAddr) -> impl Iterator<Item = &Service> {
        let names = self.by_service_address.get(&address).into_iter().flatten();
        names.filter_map(|name| self.services.get(name))
    }

    pub(super) fn services_on_node_port(
        &self,
        protocol: Protocol,
        port: u16,
    ) -> impl Iterator<Item = &Service> {
        let names = self.by_node_port.get(&(protocol, port)).into_iter().flatten();
        names.filter_map(|name| self.services.get(name))
    }

    pub(super) fn node_ports(&self) -> impl Iterator<Item = (Protocol, u16)> {
        self.by_node_port.keys().copied()
    }

    pub(super) fn policy(&self, name: &Name) -> Option<&NetworkPolicy> {
        self.space(&name.namespace)?.policy(&name.name)
    }

    /// The policies about the Pod and direction, in the order of their names.
    pub(super) fn selecting(&self, pod: &Pod, direction: super::Direction) -> Vec<&NetworkPolicy> {
        let space = self.space(&pod.name.namespace);
        let selecting = space.map(|space| space.selecting(&pod.labels)).unwrap_or_default();
        selecting.into_iter().filter(|policy| policy.rules(direction).is_some()).collect()
    }
}
