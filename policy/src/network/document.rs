//! The objects that the answer depends on, read out of documents as the API server takes them.

mod peer;
mod place;
mod pod;
mod policy;
mod reading;
mod selector;
mod service;

use std::fmt;

use serde::Serialize;

pub(super) use place::NAME_LABEL;
pub use place::{Namespace, Node};
pub use pod::{NamedPort, Pod};
pub use policy::{IpBlock, NetworkPolicy, Peer, Port, PortMatch, Rule};
pub use service::{Endpoint, EndpointSlice, Service, ServicePort, SlicePort, TargetPort};

use crate::yaml::{self, Mistake, Value};
use reading::Reading;

/// A protocol that has ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the protocols' own names")]
pub enum Protocol {
    Tcp,
    Udp,
    Sctp,
}

impl Protocol {
    /// All that a NetworkPolicy may name.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// Reads the API's word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.word() == word)
    }

    /// The API's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the API's own names")]
pub enum Kind {
    NetworkPolicy,
    Pod,
    Namespace,
    Service,
    EndpointSlice,
    Node,
}

/// An object's namespace and name; the namespace is empty where the kind has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[expect(missing_docs, reason = "the type's sentence says it")]
pub struct Name {
    pub namespace: Box<str>,
    pub name: Box<str>,
}

impl Name {
    /// The name of an object in a namespace.
    pub fn new(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// Which object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the type's sentence says it")]
pub struct Key {
    pub kind: Kind,
    pub name: Name,
}

/// An object that the answer depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the API's own names")]
pub enum Object {
    NetworkPolicy(NetworkPolicy),
    Pod(Pod),
    Namespace(Namespace),
    Service(Service),
    EndpointSlice(EndpointSlice),
    Node(Node),
    /// Something of a kind that matters could not be read: whose address it has is not known.
    Unread(Key),
}

impl Object {
    /// Which it is.
    pub fn key(&self) -> Key {
        let key = |kind, name: &Name| Key { kind, name: name.clone() };
        match self {
            Self::NetworkPolicy(policy) => key(Kind::NetworkPolicy, &policy.name),
            Self::Pod(pod) => key(Kind::Pod, &pod.name),
            Self::Namespace(namespace) => key(Kind::Namespace, &Name::new("", &namespace.name)),
            Self::Service(service) => key(Kind::Service, &service.name),
            Self::EndpointSlice(slice) => key(Kind::EndpointSlice, &slice.name),
            Self::Node(node) => key(Kind::Node, &Name::new("", &node.name)),
            Self::Unread(unread) => unread.clone(),
        }
    }
}

/// What a document says, with every mistake that was found. An object with a mistake is there all the same, as one
/// that makes Unknown what it might have changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// The objects.
    pub objects: Vec<Object>,
    /// What is wrong with them.
    pub mistakes: Vec<Mistake>,
}

/// Reads a document: an object, or a list of them. Kinds that do not matter here are passed over.
pub fn read(document: &yaml::Node) -> Read {
    let mut read = Read::default();
    let kind = document.get("kind").and_then(yaml::Node::as_str).unwrap_or_default();
    let items = document.get("items").map(|items| &items.value);
    match (kind.strip_suffix("List"), items) {
        (Some(of), Some(Value::List(items))) => {
            for item in items {
                // Items of a typed list leave out their kind.
                let own = item.get("kind").and_then(yaml::Node::as_str);
                read_object(item, own.unwrap_or(of), &mut read);
            }
        }
        _ => read_object(document, kind, &mut read),
    }
    read
}

fn read_object(node: &yaml::Node, kind: &str, read: &mut Read) {
    let mut reading = Reading::default();
    let kind = match kind {
        // The same word is a kind of other groups (crd.projectcalico.org), whose meaning is another.
        "NetworkPolicy" if is_of_group(node, "networking.k8s.io/") => Kind::NetworkPolicy,
        "Pod" => Kind::Pod,
        "Namespace" => Kind::Namespace,
        // serving.knative.dev has Services, too.
        "Service" if is_of_core(node) => Kind::Service,
        "EndpointSlice" => Kind::EndpointSlice,
        "Node" => Kind::Node,
        _ => return,
    };
    let name = reading.name(node, !matches!(kind, Kind::Namespace | Kind::Node));
    let object = match (kind, name) {
        (Kind::NetworkPolicy, name) => Object::NetworkPolicy(policy::read(&mut reading, node, name)),
        (_, None) => Object::Unread(Key { kind, name: Name::new("", "") }),
        (Kind::Pod, Some(name)) => Object::Pod(pod::read(&mut reading, node, name)),
        (Kind::Namespace, Some(name)) => Object::Namespace(place::read_namespace(&mut reading, node, name)),
        (Kind::Service, Some(name)) => Object::Service(service::read(&mut reading, node, name)),
        (Kind::EndpointSlice, Some(name)) => {
            Object::EndpointSlice(service::read_slice(&mut reading, node, name))
        }
        (Kind::Node, Some(name)) => Object::Node(place::read_node(&mut reading, node, name)),
    };
    let is_whole = reading.mistakes.is_empty() || kind == Kind::NetworkPolicy;
    read.objects.push(if is_whole { object } else { Object::Unread(object.key()) });
    read.mistakes.append(&mut reading.mistakes);
}

/// A document without a version is taken for the one that it was meant to be.
fn is_of_group(node: &yaml::Node, prefix: &str) -> bool {
    node.get("apiVersion").and_then(yaml::Node::as_str).is_none_or(|version| version.starts_with(prefix))
}

fn is_of_core(node: &yaml::Node) -> bool {
    node.get("apiVersion").and_then(yaml::Node::as_str).is_none_or(|version| version == "v1")
}
