//! Reading parts of a document, each mistake with its place.

use std::net::IpAddr;

use super::Name;
use crate::nearest::nearest;
use crate::network::Labels;
use crate::network::address::canonical;
use crate::yaml::{Mistake, MistakeKind, Node, Value};

/// What was wrong so far.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) mistakes: Vec<Mistake>,
}

/// A field that is there and is not nothing.
pub(super) fn field<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.get(key).filter(|value| value.value != Value::Null)
}

impl Reading {
    pub(super) fn say(&mut self, node: &Node, kind: MistakeKind) {
        self.mistakes.push(Mistake { position: node.position, kind });
    }

    pub(super) fn invalid(&mut self, node: &Node, sentence: impl Into<String>) {
        self.say(node, MistakeKind::Invalid(sentence.into()));
    }

    fn wants(&mut self, node: &Node, wanted: &str) {
        self.say(node, MistakeKind::Type { wanted: wanted.to_owned(), found: node.describe().to_owned() });
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node, key: &str) -> Option<&'n str> {
        let value = field(node, key)?;
        self.as_text(value)
    }

    pub(super) fn as_text<'n>(&mut self, value: &'n Node) -> Option<&'n str> {
        let text = value.as_str();
        if text.is_none() {
            self.wants(value, "a text");
        }
        text
    }

    pub(super) fn boolean(&mut self, node: &Node, key: &str) -> Option<bool> {
        let value = field(node, key)?;
        let Value::Bool(flag) = value.value else {
            self.wants(value, "a boolean");
            return None;
        };
        Some(flag)
    }

    /// A port's number: 1 to 65535.
    pub(super) fn port(&mut self, node: &Node, key: &str) -> Option<u16> {
        let value = field(node, key)?;
        self.as_port(value)
    }

    pub(super) fn as_port(&mut self, value: &Node) -> Option<u16> {
        let Value::Int(number) = value.value else {
            self.wants(value, "a port's number");
            return None;
        };
        let port = u16::try_from(number).ok().filter(|port| *port > 0);
        if port.is_none() {
            self.invalid(value, format!("a port is between 1 and 65535, not {number}"));
        }
        port
    }

    /// The entries of a list; none where there is no list.
    pub(super) fn list<'n>(&mut self, node: &'n Node, key: &str) -> &'n [Node] {
        match field(node, key) {
            None => &[],
            Some(Node { value: Value::List(items), .. }) => items,
            Some(other) => {
                self.wants(other, "a list");
                &[]
            }
        }
    }

    /// Whether it is a mapping; with `known`, of nothing but these fields.
    pub(super) fn mapping(&mut self, node: &Node, known: &'static [&'static str]) -> bool {
        let Value::Map(entries) = &node.value else {
            self.wants(node, "a mapping");
            return false;
        };
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let nearest = nearest(&entry.key, known.iter().copied());
            let kind = MistakeKind::UnknownField { field: entry.key.clone(), nearest };
            self.mistakes.push(Mistake { position: entry.position, kind });
        }
        true
    }

    /// A mapping of texts.
    pub(super) fn labels(&mut self, node: &Node, key: &str) -> Labels {
        let Some(node) = field(node, key) else { return Labels::new() };
        let Value::Map(entries) = &node.value else {
            self.wants(node, "a mapping");
            return Labels::new();
        };
        let mut labels = Labels::new();
        for entry in entries {
            if let Some(value) = self.as_text(&entry.value) {
                labels.insert(entry.key.as_str().into(), value.into());
            }
        }
        labels
    }

    pub(super) fn address(&mut self, node: &Node, text: &str) -> Option<IpAddr> {
        let address = text.parse().ok().map(canonical);
        if address.is_none() {
            self.invalid(node, format!("`{text}` is no IP address"));
        }
        address
    }

    /// A field that is an address.
    pub(super) fn address_at(&mut self, node: &Node, key: &str) -> Option<IpAddr> {
        let text = self.text(node, key).filter(|text| !text.is_empty())?;
        self.address(field(node, key)?, text)
    }

    /// A protocol, TCP where none is given.
    pub(super) fn protocol(&mut self, node: &Node) -> super::Protocol {
        let Some(word) = self.text(node, "protocol") else { return super::Protocol::Tcp };
        super::Protocol::from_word(word).unwrap_or_else(|| {
            let kind = MistakeKind::UnknownWord {
                word: word.to_owned(),
                known: &["TCP", "UDP", "SCTP"],
                nearest: None,
            };
            self.say(field(node, "protocol").unwrap_or(node), kind);
            super::Protocol::Tcp
        })
    }

    /// The object's name; `default` where a manifest leaves the namespace out, as kubectl has it.
    pub(super) fn name(&mut self, node: &Node, is_namespaced: bool) -> Option<Name> {
        let Some(metadata) = field(node, "metadata") else {
            self.say(node, MistakeKind::Missing("metadata"));
            return None;
        };
        let before = self.mistakes.len();
        let namespace = self.text(metadata, "namespace").filter(|_| is_namespaced);
        let name = self.text(metadata, "name").filter(|name| !name.is_empty());
        if self.mistakes.len() > before {
            return None;
        }
        if name.is_none() {
            self.say(metadata, MistakeKind::Missing("name"));
        }
        let namespace = namespace.unwrap_or(if is_namespaced { "default" } else { "" });
        name.map(|name| Name::new(namespace, name))
    }
}
