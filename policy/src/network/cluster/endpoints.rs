//! Who is behind a Service.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Cluster;
use crate::network::document::{Endpoint, EndpointSlice, Key, Kind, Pod, Service, ServicePort, TargetPort};
use crate::network::selector::{Requirement, Selector};

impl Cluster {
    /// The address and port of each endpoint of a Service's port; `None` if they cannot be told.
    ///
    /// Those of its slices: the ready ones, else those that serve while they end. Where there is no slice (manifests
    /// that no API server has seen), the Pods that its selector finds.
    pub(in crate::network) fn endpoints(
        &self,
        service: &Service,
        port: &ServicePort,
    ) -> Option<BTreeSet<(IpAddr, u16)>> {
        if self.unread.iter().any(|key| key.kind == Kind::EndpointSlice) {
            return None;
        }
        let Some(names) = self.slices_of.get(&service.name) else {
            return self.endpoints_by_selector(service, port);
        };
        let slices: Vec<_> = names.iter().filter_map(|name| self.slices.get(name)).collect();
        let ready = endpoints_that(&slices, port, |endpoint| endpoint.ready)?;
        if ready.is_empty() {
            return endpoints_that(&slices, port, |endpoint| endpoint.serving);
        }
        Some(ready)
    }

    fn endpoints_by_selector(
        &self,
        service: &Service,
        port: &ServicePort,
    ) -> Option<BTreeSet<(IpAddr, u16)>> {
        let pods = self.behind(service)?;
        let mut endpoints = BTreeSet::new();
        for pod in pods {
            let numbers: Vec<u16> = match &port.target {
                TargetPort::Number(number) => vec![*number],
                TargetPort::Named(name) => pod.named(port.protocol, name).collect(),
            };
            let addresses = pod.addresses.iter();
            endpoints
                .extend(addresses.flat_map(|address| numbers.iter().map(move |number| (*address, *number))));
        }
        Some(endpoints)
    }

    /// The Pods that a Service's selector finds; `None` if it has none.
    fn behind(&self, service: &Service) -> Option<Vec<&Pod>> {
        let labels = service.selector.as_ref()?;
        let requirements = labels.iter().map(|(key, value)| Requirement::equals(key, value)).collect();
        Some(self.selected(&service.name.namespace, &Selector { requirements }).collect())
    }

    /// The addresses at which a change of this object may be noticed, its own and those of Services that it is behind.
    pub(in crate::network) fn concerned(&self, key: &Key) -> BTreeSet<IpAddr> {
        let mut addresses = BTreeSet::new();
        match key.kind {
            Kind::Pod => {
                let Some(pod) = self.find(&key.name).and_then(|id| self.pod(id)) else { return addresses };
                addresses.extend(pod.addresses.iter().chain(&pod.host_addresses));
                let services = self.services_in_front_of(pod);
                services.into_iter().for_each(|service| self.add_addresses(service, &mut addresses));
            }
            Kind::Service => {
                self.service(&key.name)
                    .into_iter()
                    .for_each(|service| self.add_addresses(service, &mut addresses));
            }
            Kind::EndpointSlice => {
                let slice = self.slices.get(&key.name);
                let service = slice.and_then(|slice| self.service(slice.service.as_ref()?));
                service.into_iter().for_each(|service| self.add_addresses(service, &mut addresses));
            }
            Kind::NetworkPolicy | Kind::Namespace | Kind::Node => {}
        }
        addresses
    }

    /// The Services that the Pod is behind, or may be.
    pub(in crate::network) fn services_in_front_of(&self, pod: &Pod) -> Vec<&Service> {
        let by_slice = pod.addresses.iter().filter_map(|address| self.services_behind.get(address));
        let by_slice = by_slice.flat_map(|services| services.keys()).filter_map(|name| self.service(name));
        let by_selector = self.services_of(&pod.name.namespace).filter(|service| {
            let labels = service.selector.as_ref();
            labels.is_some_and(|labels| labels.iter().all(|(key, value)| pod.labels.get(key) == Some(value)))
        });
        by_slice.chain(by_selector).collect()
    }

    fn services_of(&self, namespace: &str) -> impl Iterator<Item = &Service> {
        let first = crate::network::Name::new(namespace, "");
        let from = self.services.range(first..);
        from.map(|(_, service)| service).take_while(move |service| *service.name.namespace == *namespace)
    }

    /// Whether the Service may be met at the address.
    pub(in crate::network) fn is_at(&self, service: &Service, address: IpAddr) -> bool {
        let has_node_port = || service.ports.iter().any(|port| port.node_port.is_some());
        service.cluster_addresses.contains(&address)
            || service.outer_addresses.contains(&address)
            || self.is_node(address) && has_node_port()
    }

    /// All addresses at which the Service may be met.
    pub(in crate::network) fn add_addresses(&self, service: &Service, addresses: &mut BTreeSet<IpAddr>) {
        addresses.extend(service.cluster_addresses.iter().chain(&service.outer_addresses));
        if service.ports.iter().any(|port| port.node_port.is_some()) {
            addresses.extend(self.node_addresses());
        }
    }
}

/// `None` if a port of theirs is not restricted, which only their consumer can make sense of.
fn endpoints_that(
    slices: &[&EndpointSlice],
    port: &ServicePort,
    is_used: impl Fn(&Endpoint) -> bool,
) -> Option<BTreeSet<(IpAddr, u16)>> {
    let mut found = BTreeSet::new();
    for slice in slices {
        let ports = slice.ports.iter().filter(|of| of.name == port.name && of.protocol == port.protocol);
        for of in ports {
            let number = of.port?;
            let used = slice.endpoints.iter().filter(|endpoint| is_used(endpoint));
            found.extend(used.flat_map(|endpoint| &endpoint.addresses).map(|address| (*address, number)));
        }
    }
    Some(found)
}
