//! What an event policy's expressions see: `event`, `container`, `pod` and `node`.
//!
//! The shapes are pinned. In JSON, `null` stands for what cannot be known; a field that is left out is absent.

mod change;
mod container;
mod executable;
mod lists;
mod socket;

use std::borrow::Cow;
use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

pub use change::FieldChange;
pub use container::{Capabilities, Container, ContainerKind, Image, Node};
pub use executable::{Ancestor, Executable, Origin, Script, VolumeKind};
pub use lists::{Ancestry, Args};
pub use socket::{Family, Local, Peer, Protocol, Socket, SocketCall};

use crate::known::Known;
use crate::text;

/// What happened. The list is closed: a policy that matches another kind does not load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EventKind {
    /// A program began to run.
    Exec,
    /// A capability check was granted.
    CapabilityUse,
    /// A connection was asked for.
    Connect,
    /// A datagram was sent from a socket that is not connected.
    SendTo,
    /// A local address was taken.
    Bind,
    /// A socket began to listen.
    Listen,
    /// A connection was established from outside.
    Accept,
    /// A socket was made that bypasses the transport layer.
    RawSocket,
    /// In one more field the kernel shows the container weaker than its Pod declares.
    FactsChange,
}

impl EventKind {
    /// Every kind, in the order in which they are documented.
    pub const ALL: [Self; 9] = [
        Self::Exec,
        Self::CapabilityUse,
        Self::Connect,
        Self::SendTo,
        Self::Bind,
        Self::Listen,
        Self::Accept,
        Self::RawSocket,
        Self::FactsChange,
    ];

    /// The word that policies use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exec => "Exec",
            Self::CapabilityUse => "CapabilityUse",
            Self::Connect => "Connect",
            Self::SendTo => "SendTo",
            Self::Bind => "Bind",
            Self::Listen => "Listen",
            Self::Accept => "Accept",
            Self::RawSocket => "RawSocket",
            Self::FactsChange => "FactsChange",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whose work the task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Task {
    /// The container's own: a descendant of its first process.
    Container,
    /// Entered from outside (kubectl exec, a probe, a hook) and since then running inside the container.
    Injected,
    /// The container runtime's set-up, before the first exec inside the container.
    Runtime,
}

impl Task {
    /// Every kind of task.
    pub const ALL: [Self; 3] = [Self::Container, Self::Injected, Self::Runtime];

    /// The word that policies use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Container => "Container",
            Self::Injected => "Injected",
            Self::Runtime => "Runtime",
        }
    }
}

/// Of which user namespace a capability was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UserNamespace {
    /// The one that the container runs in.
    Container,
    /// One outside it.
    Ancestor,
    /// One that was made inside the container.
    Child,
}

impl UserNamespace {
    /// The word that policies use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Container => "Container",
            Self::Ancestor => "Ancestor",
            Self::Child => "Child",
        }
    }
}

/// Something that happened in a container: who did it, and what.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Whose work it was.
    pub task: Known<Task>,
    /// The program that did it; for an exec, the program that began to run.
    pub executable: Executable,
    /// The programs that led to it, the parent first.
    pub ancestry: Ancestry,
    /// The effective user id, in the initial user namespace.
    pub uid: Known<u32>,
    /// The effective group id, in the initial user namespace.
    pub gid: Known<u32>,
    /// What it did.
    pub detail: Detail,
}

/// The part of an event that only its kind has.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    /// A program began to run.
    Exec {
        /// Its arguments, from argument zero.
        args: Args,
    },
    /// A capability check was granted.
    CapabilityUse {
        /// Its name without a prefix. Unknown where it cannot be told from what the kernel asks by itself.
        capability: Known<Cow<'static, str>>,
        /// Whose user namespace it was asked of.
        user_namespace: Known<UserNamespace>,
    },
    /// A socket was made, or asked to do something.
    Socket(Socket),
    /// In one more field the container is weaker than declared.
    FactsChange(FieldChange),
}

impl Event {
    /// What happened.
    pub fn kind(&self) -> EventKind {
        match &self.detail {
            Detail::Exec { .. } => EventKind::Exec,
            Detail::CapabilityUse { .. } => EventKind::CapabilityUse,
            Detail::Socket(socket) => socket.call.kind(),
            Detail::FactsChange(_) => EventKind::FactsChange,
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { task, executable, ancestry, uid, gid, detail } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", &self.kind())?;
        map.serialize_entry("task", task)?;
        map.serialize_entry("executable", executable)?;
        map.serialize_entry("ancestry", ancestry)?;
        map.serialize_entry("uid", uid)?;
        map.serialize_entry("gid", gid)?;
        match detail {
            Detail::Exec { args: Args(args) } => text::list_entry(&mut map, "args", "argsBytes", args)?,
            Detail::CapabilityUse { capability, user_namespace } => {
                map.serialize_entry("capability", capability)?;
                map.serialize_entry("userNamespace", user_namespace)?;
            }
            Detail::Socket(socket) => map.serialize_entry("socket", socket)?,
            Detail::FactsChange(change) => map.serialize_entry("change", change)?,
        }
        map.end()
    }
}
