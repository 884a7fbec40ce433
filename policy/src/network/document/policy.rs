//! `networking.k8s.io/v1` NetworkPolicy, with what `ValidateNetworkPolicy` refuses.

use super::reading::{Reading, field};
use super::{Name, Protocol, peer, selector};
use crate::network::address::Cidr;
use crate::network::{Direction, Selector};
use crate::yaml::{MistakeKind, Node};

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// Its name; both parts are empty where they could not be read, and then it is one of every namespace.
    pub name: Name,
    /// Whom it is about.
    pub selector: Selector,
    /// What it allows out of the Pods that it selects; absent if it is not about that.
    pub egress: Option<Vec<Rule>>,
    /// What it allows into the Pods that it selects; absent if it is not about that.
    pub ingress: Option<Vec<Rule>>,
    /// It had a mistake: what it allows is not known, and neither rules' list has an entry.
    pub refused: bool,
}

/// Traffic that matches both a peer and a port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// One of these; anyone if there is none.
    pub peers: Vec<Peer>,
    /// One of these; any if there is none.
    pub ports: Vec<Port>,
}

/// Whom a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Pods.
    Pods {
        /// In these namespaces; absent: the policy's own.
        namespaces: Option<Selector>,
        /// Which there; absent: all.
        pods: Option<Selector>,
    },
    /// Addresses.
    Block(IpBlock),
}

impl Peer {
    /// The addresses, if it is no Pods.
    pub fn block(&self) -> Option<&IpBlock> {
        match self {
            Self::Block(block) => Some(block),
            Self::Pods { .. } => None,
        }
    }
}

/// Addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpBlock {
    /// All of these,
    pub cidr: Cidr,
    /// but none of these.
    pub except: Vec<Cidr>,
}

/// Ports of a protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The protocol; TCP where the document says none.
    pub protocol: Protocol,
    /// Which.
    pub port: PortMatch,
}

/// Which ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortMatch {
    /// All.
    Any,
    /// From the first to the last, which is one of them.
    Range(u16, u16),
    /// Those that containers of the Pod that is connected to call so.
    Named(Box<str>),
}

impl NetworkPolicy {
    /// Its rules for a direction; absent if it is not about that.
    pub fn rules(&self, direction: Direction) -> Option<&[Rule]> {
        match direction {
            Direction::Egress => self.egress.as_deref(),
            Direction::Ingress => self.ingress.as_deref(),
        }
    }
}

pub(super) fn read(reading: &mut Reading, node: &Node, name: Option<Name>) -> NetworkPolicy {
    let empty = Node { position: node.position, value: crate::yaml::Value::Map(Vec::new()) };
    let spec = field(node, "spec").unwrap_or(&empty);
    reading.mapping(spec, &["podSelector", "ingress", "egress", "policyTypes"]);
    let before = reading.mistakes.len();
    let selector = field(spec, "podSelector").map(|node| selector::read(reading, node)).unwrap_or_default();
    let is_selector_read = reading.mistakes.len() == before;
    // A field that nobody knows may have been meant as any of these.
    let types = types(reading, spec).filter(|_| before == 0);
    let ingress = rules(reading, spec, "ingress", "from");
    let egress = rules(reading, spec, "egress", "to");
    let refused = !reading.mistakes.is_empty();
    let is_about = |direction: Direction| match &types {
        Some(types) => types.contains(&direction),
        // Nobody can tell which it was meant to be about.
        None => true,
    };
    let of =
        |direction, rules: Vec<Rule>| is_about(direction).then_some(if refused { Vec::new() } else { rules });
    NetworkPolicy {
        name: name.unwrap_or(Name::new("", "")),
        selector: if is_selector_read { selector } else { Selector::default() },
        egress: of(Direction::Egress, egress),
        ingress: of(Direction::Ingress, ingress),
        refused,
    }
}

/// The directions that it is about: Ingress always and Egress if it has an egress rule, where it does not say. `None`
/// if they cannot be read.
fn types(reading: &mut Reading, spec: &Node) -> Option<Vec<Direction>> {
    let before = reading.mistakes.len();
    let list = reading.list(spec, "policyTypes");
    if list.len() > 2 {
        reading.invalid(&list[2], "a policy has at most two policyTypes");
    }
    let mut types = Vec::new();
    for item in list {
        match reading.as_text(item) {
            Some("Ingress") => types.push(Direction::Ingress),
            Some("Egress") => types.push(Direction::Egress),
            Some(word) => {
                let kind = MistakeKind::UnknownWord {
                    word: word.to_owned(),
                    known: &["Ingress", "Egress"],
                    nearest: crate::nearest::nearest(word, ["Ingress", "Egress"]),
                };
                reading.say(item, kind);
            }
            None => {}
        }
    }
    if types.is_empty() {
        types.push(Direction::Ingress);
        types.extend(selector::has_entries(spec, "egress").then_some(Direction::Egress));
    }
    (reading.mistakes.len() == before).then_some(types)
}

fn rules(reading: &mut Reading, spec: &Node, key: &str, peers: &'static str) -> Vec<Rule> {
    let known: &'static [&'static str] = if peers == "from" { &["ports", "from"] } else { &["ports", "to"] };
    let mut rules = Vec::new();
    for item in reading.list(spec, key) {
        if !reading.mapping(item, known) {
            continue;
        }
        let mut rule = Rule::default();
        for port in reading.list(item, "ports") {
            rule.ports.extend(peer::read_port(reading, port));
        }
        for peer in reading.list(item, peers) {
            rule.peers.extend(peer::read(reading, peer));
        }
        rules.push(rule);
    }
    rules
}
