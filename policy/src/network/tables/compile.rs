//! Tables from a cluster.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Pool, Single, Tables};
use crate::network::Direction;
use crate::network::address::Cidr;
use crate::network::answer::{Cause, Class, Match, Verdict, View};
use crate::network::document::{Peer, Pod, PortMatch, Protocol, Rule};
use crate::network::ports::{PortRange, Ports};

impl Tables {
    /// What holds for a Pod and direction.
    pub(in crate::network) fn compile(view: &View<'_>, pool: &mut Pool) -> Self {
        let mut tables = Self::new(view.prefixes());
        tables.refresh(view, view.candidates(), pool);
        tables
    }

    /// Works out again what holds for these addresses, and says for which that became otherwise.
    pub(in crate::network) fn refresh(
        &mut self,
        view: &View<'_>,
        addresses: impl IntoIterator<Item = IpAddr>,
        pool: &mut Pool,
    ) -> BTreeSet<IpAddr> {
        let mut single = Single::of(view);
        let is_other = |address: &IpAddr| {
            let ports = single.ports(*address);
            self.set(*address, view.cluster.is_pod(*address), ports, pool)
        };
        addresses.into_iter().filter(is_other).collect()
    }
}

impl<'a> View<'a> {
    /// The addresses for which something else may hold than for their prefix.
    fn candidates(&self) -> BTreeSet<IpAddr> {
        let mut addresses: BTreeSet<IpAddr> = self.always_addresses().collect();
        if !self.policies.is_empty() && !self.host_network {
            addresses.extend(self.cluster.node_addresses());
            if self.direction == Direction::Egress {
                addresses.extend(self.cluster.service_addresses());
            }
            addresses.extend(self.named_pods().into_iter().flat_map(|pod| &pod.addresses));
        }
        addresses
    }

    /// The Pods that rules tell from others: by a selector, or by the name of a port.
    fn named_pods(&self) -> Vec<&'a Pod> {
        let mut named = Vec::new();
        for policy in &self.policies {
            for rule in policy.rules(self.direction).unwrap_or_default() {
                for peer in &rule.peers {
                    if let Peer::Pods { namespaces, pods } = peer {
                        let own = &policy.name.namespace;
                        named.extend(self.cluster.selected_by_peer(own, namespaces.as_ref(), pods.as_ref()));
                    }
                }
                if self.direction == Direction::Egress {
                    named.extend(self.with_named_ports(rule));
                }
            }
        }
        named.retain(|pod| !pod.host_network);
        named
    }

    /// The Pods of which a rule means a port by its name, and which no selector of it need select: there may be as many
    /// as the cluster has.
    fn with_named_ports(&self, rule: &'a Rule) -> Vec<&'a Pod> {
        let blocks = || rule.peers.iter().filter_map(Peer::block);
        if !rule.peers.is_empty() && blocks().next().is_none() {
            return Vec::new();
        }
        let is_met = |pod: &&Pod| {
            let is_in = |address: &IpAddr| blocks().any(|block| block.cidr.contains(&Cidr::host(*address)));
            rule.peers.is_empty() || pod.addresses.iter().any(is_in)
        };
        let names = rule.ports.iter().filter_map(|port| match &port.port {
            PortMatch::Named(name) => Some(name),
            PortMatch::Any | PortMatch::Range(..) => None,
        });
        names.flat_map(|name| self.cluster.with_port(name)).filter(is_met).collect()
    }

    /// Whether one thing holds for every peer.
    pub(super) fn is_uniform(&self) -> bool {
        self.policies.is_empty() || self.host_network
    }

    /// What the policies say of addresses of a class.
    pub(super) fn of_class(&self, class: Class<'a>, at: &Cidr) -> Ports {
        if self.is_uniform() {
            let all = self.for_all(Protocol::Tcp).map_or(Verdict::Unknown, |answer| answer.verdict());
            return Ports::all(all);
        }
        let mut ranges: Vec<PortRange> = Vec::new();
        let mut is_in_doubt = self.doubt(class).is_some();
        for policy in &self.policies {
            is_in_doubt |= policy.refused;
            for rule in policy.rules(self.direction).unwrap_or_default() {
                match self.peers_match(policy, rule, class, at) {
                    Match::No => {}
                    peers @ (Match::Yes | Match::Unknown(_)) => {
                        ranges.extend(self.ranges(rule, class, peers));
                    }
                }
            }
        }
        let ports = Ports::union(ranges);
        let ports = if is_in_doubt { ports.in_doubt() } else { ports };
        match self.for_all(Protocol::Udp) {
            Some(unseen) if unseen == crate::network::Answer::Unknown(Cause::UdpIngress) => {
                ports.with_protocol(Protocol::Udp, unseen.verdict())
            }
            _ => ports,
        }
    }
}
