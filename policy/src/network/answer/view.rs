//! One Pod and direction, with what all questions about them need.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Always;
use crate::network::address::Cidr;
use crate::network::cluster::Here;
use crate::network::document::{NamedPort, NetworkPolicy, Pod};
use crate::network::{Cluster, Direction, PodId};

/// One Pod and direction. Of the Pod it has nothing but what answers depend on.
#[derive(Debug)]
pub(in crate::network) struct View<'a> {
    pub(in crate::network) cluster: &'a Cluster,
    pub(in crate::network) direction: Direction,
    /// The Pod's own addresses; none where it is any of those that share a table.
    pub(in crate::network) addresses: &'a [IpAddr],
    /// It is in its node's network.
    pub(in crate::network) host_network: bool,
    /// Its ports that have a name.
    pub(in crate::network) ports: &'a [NamedPort],
    /// The policies that select it.
    pub(in crate::network) policies: Vec<&'a NetworkPolicy>,
    /// Its node's addresses, if an object says them.
    pub(in crate::network) own_node: Option<BTreeSet<IpAddr>>,
    /// Its node as it is itself, if that is the node of who asks.
    pub(in crate::network) here: Option<&'a Here>,
}

/// What an address is.
#[derive(Clone, Copy, Debug)]
pub(in crate::network) enum Class<'a> {
    /// A declared Pod's.
    Pod(&'a Pod),
    /// A declared Pod's, of which no more is known than that no selector selects it and no port has a name; or a
    /// Service's before it is rewritten. Only blocks matter.
    Plain,
    /// A node's: this address.
    Node(IpAddr),
    /// No declared object's.
    Outside {
        /// It is from where nodes take their Pods' addresses.
        is_stranger: bool,
    },
}

impl<'a> View<'a> {
    pub(in crate::network) fn of(cluster: &'a Cluster, pod: PodId, direction: Direction) -> Option<Self> {
        let pod = cluster.pod(pod)?;
        let policies = cluster.selecting(pod, direction);
        let own_node = cluster.own_node(pod);
        Some(Self {
            cluster,
            direction,
            addresses: &pod.addresses,
            host_network: pod.host_network,
            ports: &pod.ports,
            policies,
            here: cluster.here().filter(|here| here.has(pod, own_node.as_ref())),
            own_node,
        })
    }

    /// Whether every address of the Pod's own node is known.
    pub(in crate::network) fn knows_own_node(&self) -> bool {
        self.here.map_or(self.own_node.is_some(), |here| here.addresses.is_some())
    }

    fn interfaces(&self) -> Option<&'a BTreeSet<IpAddr>> {
        self.here?.addresses.as_ref()
    }

    fn is_own_node(&self, address: IpAddr) -> bool {
        self.own_node.as_ref().is_some_and(|addresses| addresses.contains(&address))
            || self.interfaces().is_some_and(|addresses| addresses.contains(&address))
                && self.cluster.is_of_interface(address)
    }

    /// Why no policy can forbid traffic with the address.
    pub(in crate::network) fn always(&self, peer: IpAddr) -> Option<Always> {
        // A socket that connects to no address connects to its own host.
        if Cidr::LOOPBACK_V4.contains(&Cidr::host(peer)) || peer.is_loopback() || peer.is_unspecified() {
            return Some(Always::Loopback);
        }
        if self.is_own_node(peer) {
            return Some(Always::OwnNode);
        }
        self.addresses.contains(&peer).then_some(Always::Itself)
    }

    /// The single addresses with which no policy can forbid traffic.
    pub(in crate::network) fn always_addresses(&self) -> impl Iterator<Item = IpAddr> {
        let everywhere: [IpAddr; 3] =
            [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::LOCALHOST.into()];
        everywhere
            .into_iter()
            .chain(self.own_node.iter().flatten().copied())
            .chain(self.interfaces().into_iter().flatten().copied().filter(|at| self.is_own_node(*at)))
            .chain(self.addresses.iter().copied())
    }

    /// What the address is: several things where several Pods have it.
    pub(in crate::network) fn classes(&self, address: IpAddr) -> Vec<Class<'a>> {
        let pods: Vec<_> = self.cluster.pods_at(address).map(Class::Pod).collect();
        if !pods.is_empty() {
            return pods;
        }
        if self.cluster.is_node(address) {
            return vec![Class::Node(address)];
        }
        vec![Class::Outside { is_stranger: self.cluster.is_in_pod_range(&Cidr::host(address)) }]
    }
}
