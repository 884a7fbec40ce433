//! What holds for single addresses.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use crate::network::Direction;
use crate::network::address::Cidr;
use crate::network::answer::{Verdict, View};
use crate::network::document::Protocol;
use crate::network::ports::Ports;

/// Works it out for one address after the other.
#[derive(Debug)]
pub(in crate::network) struct Single<'a> {
    pub(super) view: &'a View<'a>,
    /// What holds for a node with its Services' ports, by what holds for it without: nothing else matters there, and it is
    /// the same for most nodes.
    nodes: HashMap<Ports, Ports>,
}

impl<'a> Single<'a> {
    pub(in crate::network) fn of(view: &'a View<'a>) -> Self {
        Self { view, nodes: HashMap::new() }
    }

    /// What holds for an address.
    pub(in crate::network) fn ports(&mut self, address: IpAddr) -> Ports {
        let view = self.view;
        if view.always(address).is_some() {
            return Ports::all(Verdict::Allowed);
        }
        if view.direction == Direction::Ingress || view.is_uniform() {
            return view.direct_ports(address);
        }
        if view.cluster.services_at(address).next().is_some() {
            return view.service_ports(address);
        }
        let direct = view.direct_ports(address);
        if !view.cluster.is_node(address) {
            return direct;
        }
        if let Some(known) = self.nodes.get(&direct) {
            return known.clone();
        }
        let ports = direct.with(&view.judged(address, view.cluster.node_ports()));
        self.nodes.insert(direct, ports.clone());
        ports
    }
}

impl View<'_> {
    /// What holds for the address itself.
    fn direct_ports(&self, address: IpAddr) -> Ports {
        let at = Cidr::host(address);
        let direct = self.classes(address).into_iter().map(|class| self.of_class(class, &at));
        direct.reduce(|one, other| one.agree(&other)).unwrap_or_default()
    }

    /// What holds for an address of Services.
    fn service_ports(&self, address: IpAddr) -> Ports {
        let services = || self.cluster.services_at(address);
        let is_inner = services().any(|service| service.cluster_addresses.contains(&address));
        let base = if is_inner { Ports::all(Verdict::Unknown) } else { self.direct_ports(address) };
        let mut points: BTreeSet<(Protocol, u16)> = BTreeSet::new();
        if self.cluster.is_node(address) && !is_inner {
            points.extend(self.cluster.node_ports());
        }
        points.extend(services().flat_map(|service| &service.ports).map(|port| (port.protocol, port.port)));
        base.with(&self.judged(address, points))
    }

    fn judged(
        &self,
        address: IpAddr,
        points: impl IntoIterator<Item = (Protocol, u16)>,
    ) -> Vec<(Protocol, u16, Verdict)> {
        let verdict = |(protocol, port)| (protocol, port, self.answer(address, protocol, port).verdict());
        points.into_iter().map(verdict).collect()
    }
}
