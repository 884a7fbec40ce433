//! Where something else holds for a Pod than for those that it shares a table with.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Single, Tables};
use crate::network::document::{Pod, Service};
use crate::network::ports::Ports;
use crate::network::{Cluster, Direction};

/// The addresses at which an answer may depend on the Pod's own ones: those, since nothing keeps a Pod from itself, and
/// those of Services that it is behind.
#[derive(Debug)]
pub(in crate::network) struct Reach<'a> {
    cluster: &'a Cluster,
    pod: &'a Pod,
    services: Vec<&'a Service>,
}

impl<'a> Reach<'a> {
    pub(in crate::network) fn of(cluster: &'a Cluster, pod: &'a Pod, direction: Direction) -> Self {
        let is_rewritten = direction == Direction::Egress;
        let services = if is_rewritten { cluster.services_in_front_of(pod) } else { Vec::new() };
        Self { cluster, pod, services }
    }

    pub(in crate::network) fn contains(&self, address: IpAddr) -> bool {
        self.pod.addresses.contains(&address)
            || self.services.iter().any(|service| self.cluster.is_at(service, address))
    }

    pub(in crate::network) fn addresses(&self) -> BTreeSet<IpAddr> {
        let mut addresses: BTreeSet<_> = self.pod.addresses.iter().copied().collect();
        self.services.iter().for_each(|service| self.cluster.add_addresses(service, &mut addresses));
        addresses
    }
}

impl Single<'_> {
    /// What holds for the Pod at an address, if the shared tables say otherwise.
    pub(in crate::network) fn unlike(&mut self, shared: &Tables, address: IpAddr) -> Option<Ports> {
        let ports = self.ports(address);
        let is_pod = self.view.cluster.is_pod(address);
        let is_said = shared.at(address, is_pod).is_some_and(|said| *said == ports);
        (!is_said).then_some(ports)
    }
}
