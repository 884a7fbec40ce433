//! What is judged, as the evaluator sees it: fields are answered from the types themselves, and no tree is built.

use std::ops::ControlFlow;
use std::sync::Arc;

use cel::{Array, Lookup, Object, Value};
use serde::Serialize;

use crate::canonical;
use crate::digest::Digest;
use crate::document::Match;
use crate::event::{
    Ancestor, Ancestry, Args, Capabilities, Container, Detail, Event, Executable, FieldChange, Image, Local,
    Node, Origin, Peer, Script, Socket,
};
use crate::known::Known;
use crate::text::Text;

/// What is judged.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// An event in a container.
    Event(EventInput<'a>),
    /// An object of the API server, or the Pod as the node shows it.
    Resource(&'a ResourceInput<'a>),
}

/// An event, and where it happened.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct EventInput<'a> {
    /// What happened.
    pub event: &'a Event,
    /// In which container.
    pub container: &'a Container,
    /// The observed Pod. Unknown for a container without one.
    pub pod: Known<&'a serde_json::Value>,
    /// On which node.
    pub node: &'a Node,
}

impl Input<'_> {
    /// The digest of everything that an expression may read.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Event(input) => canonical::digest(input),
            Self::Resource(input) => canonical::digest(input),
        }
    }

    /// The variable of this slot.
    pub(crate) fn variable(&self, slot: usize) -> Lookup<'_> {
        match self {
            Self::Event(input) => input.variable(slot),
            Self::Resource(input) => input.variable(slot),
        }
    }
}

/// The variables of policies with this match, in the order of their slots.
pub(crate) fn variables(matches: &Match) -> &'static [&'static str] {
    match matches {
        Match::Events(_) => &EVENT_VARIABLES,
        Match::Resources(_) => &resource::VARIABLES,
    }
}

const EVENT_VARIABLES: [&str; 4] = ["event", "container", "pod", "node"];

impl<'a> EventInput<'a> {
    /// The variable of this slot.
    fn variable(&self, slot: usize) -> Lookup<'a> {
        match slot {
            0 => Lookup::Found(Value::object(self.event)),
            1 => Lookup::Found(Value::object(self.container)),
            2 => known(self.pod, Value::from),
            3 => Lookup::Found(Value::object(self.node)),
            _ => Lookup::Absent,
        }
    }
}

fn known<'a, T>(value: Known<T>, found: impl FnOnce(T) -> Value<'a>) -> Lookup<'a> {
    value.known().map_or(Lookup::Unknown, |value| Lookup::Found(found(value)))
}

fn text(value: &Known<Text>) -> Lookup<'_> {
    known(value.as_ref(), |text| Value::from(text.as_str()))
}

fn string(value: &Known<String>) -> Lookup<'_> {
    known(value.as_ref(), |text| Value::from(text.as_str()))
}

/// What is not there is absent.
fn optional(value: &Known<Option<Arc<str>>>) -> Lookup<'_> {
    match value {
        Known::Known(Some(text)) => Lookup::Found(Value::from(&**text)),
        Known::Known(None) => Lookup::Absent,
        Known::Unknown => Lookup::Unknown,
    }
}

fn number(value: Known<u32>) -> Lookup<'static> {
    known(value, |number| Value::from(i64::from(number)))
}

fn strings(value: &Known<Vec<String>>) -> Lookup<'_> {
    known(value.as_ref(), |list| Value::array(list))
}

/// Answers `size` and `keys` from the names that a type may have and what `field` says of each.
macro_rules! object {
    ($type:ty { $($name:literal => $answer:expr,)* }, |$self:ident| ) => {
        impl Object for $type {
            fn field<'a>(&'a self, name: &str) -> Lookup<'a> {
                let $self = self;
                match name {
                    $($name => $answer,)*
                    _ => Lookup::Absent,
                }
            }

            fn size(&self) -> usize {
                [$($name),*].iter().filter(|name| !matches!(self.field(name), Lookup::Absent)).count()
            }

            fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a str) -> ControlFlow<()>) {
                for name in [$($name),*] {
                    if !matches!(self.field(name), Lookup::Absent) && visit(name).is_break() {
                        return;
                    }
                }
            }
        }
    };
}

mod resource;

pub use resource::ResourceInput;

object! { Event {
    "kind" => Lookup::Found(Value::from(this.kind().as_str())),
    "task" => known(this.task, |task| Value::from(task.as_str())),
    "executable" => Lookup::Found(Value::object(&this.executable)),
    "ancestry" => Lookup::Found(Value::array(&this.ancestry)),
    "uid" => number(this.uid),
    "gid" => number(this.gid),
    "args" => match &this.detail {
        Detail::Exec { args } => Lookup::Found(Value::array(args)),
        _ => Lookup::Absent,
    },
    "capability" => match &this.detail {
        Detail::CapabilityUse { capability, .. } => known(capability.as_ref(), |name| Value::from(&**name)),
        _ => Lookup::Absent,
    },
    "userNamespace" => match &this.detail {
        Detail::CapabilityUse { user_namespace, .. } => known(*user_namespace, |of| Value::from(of.as_str())),
        _ => Lookup::Absent,
    },
    "socket" => match &this.detail {
        Detail::Socket(socket) => Lookup::Found(Value::object(socket)),
        _ => Lookup::Absent,
    },
    "change" => match &this.detail {
        Detail::FactsChange(change) => Lookup::Found(Value::object(change)),
        _ => Lookup::Absent,
    },
}, |this| }

object! { Socket {
    "protocol" => known(this.protocol, |protocol| match protocol.name() {
        Some(name) => Value::from(name),
        None => Value::from(protocol.to_string()),
    }),
    "family" => known(this.family, |family| Value::from(family.as_str())),
    "local" => if this.call.has_local() { Lookup::Found(Value::object(&this.local)) } else { Lookup::Absent },
    "peer" => if this.call.has_peer() { Lookup::Found(Value::object(&this.peer)) } else { Lookup::Absent },
    "permitted" => known(this.permitted, Value::from),
}, |this| }

object! { Local {
    "ip" => known(this.ip, |ip| Value::from(ip.to_string())),
    "port" => number(this.port.map(u32::from)),
}, |this| }

object! { Peer {
    "ip" => known(this.ip, |ip| Value::from(ip.to_string())),
    "port" => number(this.port.map(u32::from)),
    "pod" => optional(&this.pod),
    "namespace" => optional(&this.namespace),
}, |this| }

object! { FieldChange {
    "field" => string(&this.field),
    "from" => match this.from.as_ref() {
        Known::Known(declared) => declared.as_ref().map_or(Lookup::Absent, |value| Lookup::Found(Value::from(value))),
        Known::Unknown => Lookup::Unknown,
    },
    "to" => known(this.to.as_ref(), Value::from),
}, |this| }

object! { Executable {
    "path" => text(&this.path),
    "origin" => origin(&this.origin),
    "volume" => volume(&this.origin),
    "script" => this.script.as_ref().map_or(Lookup::Absent, |script| Lookup::Found(Value::object(script))),
}, |this| }

object! { Script {
    "path" => text(&this.path),
    "origin" => origin(&this.origin),
    "volume" => volume(&this.origin),
}, |this| }

object! { Ancestor {
    "path" => text(&this.path),
    "origin" => origin(&this.origin),
}, |this| }

object! { Container {
    "name" => string(&this.name),
    "kind" => known(this.kind, |kind| Value::from(kind.as_str())),
    "id" => Lookup::Found(Value::from(this.id.as_str())),
    "runtime" => string(&this.runtime),
    "image" => Lookup::Found(Value::object(&this.image)),
    "capabilities" => Lookup::Found(Value::object(&this.capabilities)),
}, |this| }

object! { Image {
    "reference" => string(&this.reference),
    "digest" => string(&this.digest),
}, |this| }

object! { Capabilities {
    "allowed" => known(this.allowed.as_ref(), |set| Value::array(set)),
    "added" => strings(&this.added),
}, |this| }

object! { Node {
    "name" => Lookup::Found(Value::from(this.name.as_str())),
    "labels" => known(this.labels.as_ref(), |labels| Value::object(labels)),
    "kernel" => Lookup::Found(Value::from(this.kernel.as_str())),
}, |this| }

fn origin(origin: &Origin) -> Lookup<'_> {
    match origin {
        Origin::Unknown => Lookup::Unknown,
        known => Lookup::Found(Value::from(known.as_str())),
    }
}

fn volume(origin: &Origin) -> Lookup<'_> {
    origin.volume().map_or(Lookup::Absent, |kind| known(kind, Value::from))
}

impl Array for Args {
    fn size(&self) -> usize {
        self.0.len()
    }

    fn get(&self, index: usize) -> Lookup<'_> {
        self.0.get(index).map_or(Lookup::Absent, text)
    }
}

impl Array for Ancestry {
    fn size(&self) -> usize {
        self.0.len()
    }

    fn get(&self, index: usize) -> Lookup<'_> {
        self.0.get(index).map_or(Lookup::Absent, |ancestor| Lookup::Found(Value::object(ancestor)))
    }
}
