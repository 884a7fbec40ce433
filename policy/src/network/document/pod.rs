//! What the answer needs of a Pod.

use std::net::IpAddr;

use super::reading::{Reading, field};
use super::{Name, Protocol};
use crate::network::Labels;
use crate::yaml::{Node, Value};

/// A Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Its name.
    pub name: Name,
    /// Its labels.
    pub labels: Labels,
    /// Its addresses; a finished Pod has none, since another may have them by now.
    pub addresses: Vec<IpAddr>,
    /// The addresses of its node, as far as its status says them.
    pub host_addresses: Vec<IpAddr>,
    /// It is in the node's network, so that its addresses are the node's.
    pub host_network: bool,
    /// The node that it is on.
    pub node: Option<Box<str>>,
    /// Ports with a name of its containers and its sidecars.
    pub ports: Vec<NamedPort>,
}

/// A port that a container gives a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedPort {
    /// The name.
    pub name: Box<str>,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its number.
    pub number: u16,
}

impl Pod {
    /// The numbers that a name stands for.
    pub fn named(&self, protocol: Protocol, name: &str) -> impl Iterator<Item = u16> {
        self.ports.iter().filter(move |port| port.is_called(protocol, name)).map(|port| port.number)
    }
}

impl NamedPort {
    /// Whether a rule that names a port of the protocol means this one.
    pub fn is_called(&self, protocol: Protocol, name: &str) -> bool {
        self.protocol == protocol && *self.name == *name
    }
}

pub(super) fn read(reading: &mut Reading, node: &Node, name: Name) -> Pod {
    let metadata = field(node, "metadata").unwrap_or(node);
    let labels = reading.labels(metadata, "labels");
    let mut pod = Pod {
        name,
        labels,
        addresses: Vec::new(),
        host_addresses: Vec::new(),
        host_network: false,
        node: None,
        ports: Vec::new(),
    };
    if let Some(spec) = field(node, "spec") {
        pod.host_network = reading.boolean(spec, "hostNetwork").unwrap_or(false);
        pod.node = reading.text(spec, "nodeName").filter(|name| !name.is_empty()).map(Box::from);
        for container in reading.list(spec, "containers") {
            read_ports(reading, container, &mut pod.ports);
        }
        let init = reading.list(spec, "initContainers").iter();
        // Only a sidecar still runs when the Pod serves.
        for sidecar in init.filter(|init| init.get("restartPolicy").and_then(Node::as_str) == Some("Always"))
        {
            read_ports(reading, sidecar, &mut pod.ports);
        }
    }
    if let Some(status) = field(node, "status") {
        pod.host_addresses = addresses(reading, status, "hostIP", "hostIPs");
        let is_finished = matches!(reading.text(status, "phase"), Some("Succeeded" | "Failed"));
        if !is_finished {
            pod.addresses = addresses(reading, status, "podIP", "podIPs");
        }
    }
    pod
}

/// A status has an address by itself, and a list that begins with the same one.
fn addresses(reading: &mut Reading, status: &Node, one: &str, all: &str) -> Vec<IpAddr> {
    let mut addresses: Vec<_> = reading.address_at(status, one).into_iter().collect();
    for item in reading.list(status, all) {
        addresses.extend(reading.address_at(item, "ip"));
    }
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

fn read_ports(reading: &mut Reading, container: &Node, ports: &mut Vec<NamedPort>) {
    for item in reading.list(container, "ports") {
        let Some(name) = field(item, "name").filter(|name| matches!(name.value, Value::String(_))) else {
            continue;
        };
        let Some(name) = reading.as_text(name).filter(|name| !name.is_empty()) else { continue };
        let protocol = reading.protocol(item);
        if let Some(number) = reading.port(item, "containerPort") {
            ports.push(NamedPort { name: name.into(), protocol, number });
        }
    }
}
