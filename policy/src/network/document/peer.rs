//! The peers and ports of a rule.

use super::policy::{IpBlock, Peer, Port, PortMatch};
use super::reading::{Reading, field};
use super::selector;
use crate::network::address::Cidr;
use crate::yaml::{MistakeKind, Node, Value};

pub(super) fn read(reading: &mut Reading, node: &Node) -> Option<Peer> {
    if !reading.mapping(node, &["podSelector", "namespaceSelector", "ipBlock"]) {
        return None;
    }
    let mut selector = |key| field(node, key).map(|node| selector::read(reading, node));
    let (pods, namespaces) = (selector("podSelector"), selector("namespaceSelector"));
    match field(node, "ipBlock") {
        Some(block) if pods.is_some() || namespaces.is_some() => {
            reading.invalid(block, "a peer with an ipBlock has no selector");
            None
        }
        Some(block) => read_block(reading, block).map(Peer::Block),
        None if pods.is_none() && namespaces.is_none() => {
            reading.invalid(node, "a peer needs a podSelector, a namespaceSelector or an ipBlock");
            None
        }
        None => Some(Peer::Pods { namespaces, pods }),
    }
}

fn read_block(reading: &mut Reading, node: &Node) -> Option<IpBlock> {
    if !reading.mapping(node, &["cidr", "except"]) {
        return None;
    }
    let Some(at) = field(node, "cidr") else {
        reading.say(node, MistakeKind::Missing("cidr"));
        return None;
    };
    let cidr = read_cidr(reading, at)?;
    let mut except = Vec::new();
    for item in reading.list(node, "except") {
        let Some(inner) = read_cidr(reading, item) else { continue };
        if !cidr.contains(&inner) || inner == cidr {
            reading.invalid(item, format!("{inner} is not a part of {cidr}"));
        }
        except.push(inner);
    }
    Some(IpBlock { cidr, except })
}

fn read_cidr(reading: &mut Reading, node: &Node) -> Option<Cidr> {
    let text = reading.as_text(node)?;
    Cidr::parse(text).map_err(|error| reading.invalid(node, error.to_string())).ok()
}

pub(super) fn read_port(reading: &mut Reading, node: &Node) -> Option<Port> {
    if !reading.mapping(node, &["protocol", "port", "endPort"]) {
        return None;
    }
    let protocol = reading.protocol(node);
    let end = field(node, "endPort");
    let port = match field(node, "port") {
        None => {
            if let Some(end) = end {
                reading.invalid(end, "an endPort needs a port");
            }
            PortMatch::Any
        }
        Some(port) => match &port.value {
            Value::String(name) => {
                if let Some(end) = end {
                    reading.invalid(end, "an endPort needs a port that is a number");
                }
                check_name(reading, port, name);
                PortMatch::Named(name.as_str().into())
            }
            _ => {
                let first = reading.as_port(port)?;
                let last = end.map_or(Some(first), |end| reading.as_port(end))?;
                if let Some(end) = end.filter(|_| last < first) {
                    reading.invalid(end, format!("the endPort {last} is before the port {first}"));
                }
                PortMatch::Range(first, last)
            }
        },
    };
    Some(Port { protocol, port })
}

/// `IsValidPortName`: RFC 6335's service names, in lower case.
fn check_name(reading: &mut Reading, node: &Node, name: &str) {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_name = name.len() <= 15
        && name.chars().all(inner)
        && name.contains(|c: char| c.is_ascii_lowercase())
        && !name.contains("--")
        && !name.starts_with('-')
        && !name.ends_with('-');
    if !is_name {
        reading.invalid(
            node,
            format!("`{name}` is no port's name: at most 15 lower-case letters, digits and `-`, a letter among them"),
        );
    }
}
