//! Namespaces and nodes.

use std::net::IpAddr;

use super::Name;
use super::reading::{Reading, field};
use crate::network::Labels;
use crate::network::address::Cidr;
use crate::yaml::{Node as Tree, Value};

/// The label that the API server gives every namespace.
pub(in crate::network) const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// A namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Its name.
    pub name: Box<str>,
    /// Its labels, with the one that the API server sets to its name.
    pub labels: Labels,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: Box<str>,
    /// Its addresses. Whoever is on the node adds those of its interfaces (a bridge's, a tunnel's): probes come from
    /// there.
    pub addresses: Vec<IpAddr>,
    /// The ranges that its Pods' addresses are from.
    pub pod_ranges: Vec<Cidr>,
}

pub(super) fn read_namespace(reading: &mut Reading, node: &Tree, name: Name) -> Namespace {
    let metadata = field(node, "metadata").unwrap_or(node);
    let mut labels = reading.labels(metadata, "labels");
    labels.insert(NAME_LABEL.into(), name.name.clone());
    Namespace { name: name.name, labels }
}

pub(super) fn read_node(reading: &mut Reading, node: &Tree, name: Name) -> Node {
    let mut read = Node { name: name.name, addresses: Vec::new(), pod_ranges: Vec::new() };
    for item in field(node, "status").map_or(&[][..], |status| reading.list(status, "addresses")) {
        if matches!(reading.text(item, "type"), Some("InternalIP" | "ExternalIP")) {
            read.addresses.extend(reading.address_at(item, "address"));
        }
    }
    let Some(spec) = field(node, "spec") else { return read };
    let ranges = field(spec, "podCIDR").into_iter().chain(reading.list(spec, "podCIDRs"));
    for item in ranges.filter(|item| matches!(&item.value, Value::String(text) if !text.is_empty())) {
        match Cidr::parse(item.as_str().unwrap_or_default()) {
            Ok(range) => read.pod_ranges.push(range),
            Err(error) => reading.invalid(item, error.to_string()),
        }
    }
    read.pod_ranges.sort_unstable();
    read.pod_ranges.dedup();
    read
}
