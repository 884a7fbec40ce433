//! Services and the endpoints behind them.

use std::net::IpAddr;

use super::reading::{Reading, field};
use super::{Name, Protocol};
use crate::network::Labels;
use crate::yaml::{Node, Value};

/// A Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: Name,
    /// The labels of the Pods behind it; absent if somebody else says who is.
    pub selector: Option<Labels>,
    /// Its addresses in the cluster; a headless one and an ExternalName have none.
    pub cluster_addresses: Vec<IpAddr>,
    /// Its addresses outside: externalIPs, and a load balancer's unless that one is a proxy.
    pub outer_addresses: Vec<IpAddr>,
    /// Its ports.
    pub ports: Vec<ServicePort>,
}

/// A port of a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePort {
    /// Its name; empty if it has none.
    pub name: Box<str>,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its number at the Service's addresses.
    pub port: u16,
    /// Its number at every node's addresses.
    pub node_port: Option<u16>,
    /// Its number at the Pods behind it.
    pub target: TargetPort,
}

/// The port at a Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetPort {
    /// This one.
    Number(u16),
    /// The one that the Pod's containers call so.
    Named(Box<str>),
}

/// Some of the endpoints behind a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointSlice {
    /// Its name.
    pub name: Name,
    /// The Service that it is of.
    pub service: Option<Name>,
    /// Its ports, which all endpoints have.
    pub ports: Vec<SlicePort>,
    /// Its endpoints.
    pub endpoints: Vec<Endpoint>,
}

/// A port of endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlicePort {
    /// The Service's port that it is of.
    pub name: Box<str>,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its number; absent where it is not restricted.
    pub port: Option<u16>,
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its addresses: the same thing's.
    pub addresses: Vec<IpAddr>,
    /// It is ready, or nobody says that it is not.
    pub ready: bool,
    /// It still answers while it ends; used if no endpoint is ready.
    pub serving: bool,
}

pub(super) fn read(reading: &mut Reading, node: &Node, name: Name) -> Service {
    let mut service = Service {
        name,
        selector: None,
        cluster_addresses: Vec::new(),
        outer_addresses: Vec::new(),
        ports: Vec::new(),
    };
    let Some(spec) = field(node, "spec") else { return service };
    if reading.text(spec, "type") == Some("ExternalName") {
        return service;
    }
    service.selector = Some(reading.labels(spec, "selector")).filter(|labels| !labels.is_empty());
    let own = field(spec, "clusterIP").into_iter().chain(reading.list(spec, "clusterIPs"));
    for item in own.filter(|item| !matches!(item.as_str(), Some("None" | ""))) {
        let text = reading.as_text(item);
        service.cluster_addresses.extend(text.and_then(|text| reading.address(item, text)));
    }
    for item in reading.list(spec, "externalIPs") {
        let text = reading.as_text(item);
        service.outer_addresses.extend(text.and_then(|text| reading.address(item, text)));
    }
    let balancer = field(node, "status").and_then(|status| field(status, "loadBalancer"));
    for item in balancer.map_or(&[][..], |balancer| reading.list(balancer, "ingress")) {
        if reading.text(item, "ipMode") != Some("Proxy") {
            service.outer_addresses.extend(reading.address_at(item, "ip"));
        }
    }
    for addresses in [&mut service.cluster_addresses, &mut service.outer_addresses] {
        addresses.sort_unstable();
        addresses.dedup();
    }
    for item in reading.list(spec, "ports") {
        service.ports.extend(read_port(reading, item));
    }
    service
}

fn read_port(reading: &mut Reading, node: &Node) -> Option<ServicePort> {
    let protocol = reading.protocol(node);
    let port = reading.port(node, "port")?;
    let target = match field(node, "targetPort") {
        None => TargetPort::Number(port),
        Some(Node { value: Value::String(name), .. }) => TargetPort::Named(name.as_str().into()),
        // Zero is how an API server writes that there is none.
        Some(Node { value: Value::Int(0), .. }) => TargetPort::Number(port),
        Some(number) => TargetPort::Number(reading.as_port(number)?),
    };
    let node_port = match field(node, "nodePort") {
        None | Some(Node { value: Value::Int(0), .. }) => None,
        Some(number) => reading.as_port(number),
    };
    let name = reading.text(node, "name").unwrap_or_default().into();
    Some(ServicePort { name, protocol, port, node_port, target })
}

pub(super) fn read_slice(reading: &mut Reading, node: &Node, name: Name) -> EndpointSlice {
    let metadata = field(node, "metadata").unwrap_or(node);
    let labels = reading.labels(metadata, "labels");
    let service = labels.get("kubernetes.io/service-name").map(|service| Name::new(&name.namespace, service));
    let mut slice = EndpointSlice { name, service, ports: Vec::new(), endpoints: Vec::new() };
    for item in reading.list(node, "ports") {
        let protocol = reading.protocol(item);
        let name = reading.text(item, "name").unwrap_or_default().into();
        slice.ports.push(SlicePort { name, protocol, port: reading.port(item, "port") });
    }
    if reading.text(node, "addressType") == Some("FQDN") {
        return slice;
    }
    for item in reading.list(node, "endpoints") {
        let mut endpoint = Endpoint { addresses: Vec::new(), ready: true, serving: false };
        for address in reading.list(item, "addresses") {
            let text = reading.as_text(address);
            endpoint.addresses.extend(text.and_then(|text| reading.address(address, text)));
        }
        if let Some(conditions) = field(item, "conditions") {
            endpoint.ready = reading.boolean(conditions, "ready").unwrap_or(true);
            let serves = reading.boolean(conditions, "serving").unwrap_or(false);
            endpoint.serving = serves && reading.boolean(conditions, "terminating").unwrap_or(false);
        }
        slice.endpoints.push(endpoint);
    }
    slice
}
