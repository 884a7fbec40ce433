//! Tables from a cluster.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use super::{Entry, Tables};
use crate::network::Direction;
use crate::network::address::Cidr;
use crate::network::answer::{Cause, Class, Match, Verdict, View};
use crate::network::document::{Peer, Pod, PortMatch, Protocol};
use crate::network::ports::{PortRange, Ports};

/// A table is compiled as long as its prefixes times the peers of its rules are no more, which 10,000 different blocks
/// are. Beyond it, every prefix is Unknown.
const MOST_WORK: usize = 100_000_000;

impl Tables {
    /// What holds for a Pod and direction.
    pub(in crate::network) fn compile(view: &View<'_>) -> Self {
        let mut tables = Self::new(view.prefixes());
        for address in view.candidates() {
            tables.refresh(view, address);
        }
        tables
    }

    /// Works out again what holds for one address; true if that became otherwise.
    pub(in crate::network) fn refresh(&mut self, view: &View<'_>, address: IpAddr) -> bool {
        self.set(address, view.cluster.is_pod(address), view.ports(address))
    }
}

impl<'a> View<'a> {
    fn prefixes(&self) -> BTreeMap<Cidr, Entry> {
        let mut ranges: BTreeSet<Cidr> = [Cidr::ALL_V4, Cidr::ALL_V6, Cidr::LOOPBACK_V4].into();
        let mut peers = 1;
        for peer in self
            .policies
            .iter()
            .flat_map(|policy| policy.rules(self.direction).unwrap_or_default())
            .flat_map(|rule| &rule.peers)
        {
            peers += 1;
            if let Peer::Block(block) = peer {
                peers += block.except.len();
                ranges.insert(block.cidr);
                ranges.extend(&block.except);
            }
        }
        ranges.extend(self.cluster.pod_ranges());
        if ranges.len().saturating_mul(peers) > MOST_WORK {
            let unknown = Arc::new(Ports::all(Verdict::Unknown));
            let entry = Entry { pods: Arc::clone(&unknown), others: unknown };
            return [(Cidr::ALL_V4, entry.clone()), (Cidr::ALL_V6, entry)].into();
        }
        let mut kept: HashMap<Ports, Arc<Ports>> = HashMap::new();
        let mut keep =
            |ports: Ports| Arc::clone(kept.entry(ports).or_insert_with_key(|ports| Arc::new(ports.clone())));
        let entry = |range: Cidr| {
            if Cidr::LOOPBACK_V4.contains(&range) {
                let all = keep(Ports::all(Verdict::Allowed));
                return (range, Entry { pods: Arc::clone(&all), others: all });
            }
            let is_stranger = self.cluster.is_in_pod_range(&range);
            let pods = keep(self.of_class(Class::Plain, &range));
            (range, Entry { pods, others: keep(self.of_class(Class::Outside { is_stranger }, &range)) })
        };
        ranges.into_iter().map(entry).collect()
    }

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
                for port in rule.ports.iter().filter(|_| self.direction == Direction::Egress) {
                    if let PortMatch::Named(name) = &port.port {
                        named.extend(self.cluster.with_port(name));
                    }
                }
            }
        }
        named.retain(|pod| !pod.host_network);
        named
    }

    /// What holds for an address.
    pub(in crate::network) fn ports(&self, address: IpAddr) -> Ports {
        if self.always(address).is_some() {
            return Ports::all(Verdict::Allowed);
        }
        let at = Cidr::host(address);
        let direct = self.classes(address).into_iter().map(|class| self.of_class(class, &at));
        let direct = direct.reduce(|one, other| one.agree(&other)).unwrap_or_default();
        if self.direction == Direction::Ingress || self.is_uniform() {
            return direct;
        }
        let services = self.cluster.services_at(address);
        let is_cluster_address =
            self.cluster.services_at(address).any(|service| service.cluster_addresses.contains(&address));
        let base = if is_cluster_address { Ports::all(Verdict::Unknown) } else { direct };
        let mut points: BTreeSet<(Protocol, u16)> = BTreeSet::new();
        if self.cluster.is_node(address) && !is_cluster_address {
            points.extend(self.cluster.node_ports());
        }
        points.extend(services.flat_map(|service| &service.ports).map(|port| (port.protocol, port.port)));
        let judged = points
            .into_iter()
            .map(|(protocol, port)| (protocol, port, self.answer(address, protocol, port).verdict()));
        base.with(&judged.collect::<Vec<_>>())
    }

    /// Whether one thing holds for every peer.
    fn is_uniform(&self) -> bool {
        self.policies.is_empty() || self.host_network
    }

    /// What the policies say of addresses of a class.
    fn of_class(&self, class: Class<'a>, at: &Cidr) -> Ports {
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
