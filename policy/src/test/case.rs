//! The input of a case: the shape that expressions see, each part of it optional.

mod file;
mod socket;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::event::{
    Ancestor, Ancestry, Args, Capabilities, Container, ContainerKind, Detail, Event, EventKind, FieldChange,
    Image, Node, SocketCall, Task, UserNamespace,
};
use crate::known::Known;
use crate::text::Text;
use file::{ExecutableCase, FileCase};
use socket::SocketCase;

pub(super) fn known<T>(value: Option<T>) -> Known<T> {
    value.map_or(Known::Unknown, Known::Known)
}

fn text(value: Option<String>) -> Known<Text> {
    known(value).map(|text| Text::from(text.as_str()))
}

/// `event` of a case.
#[derive(Deserialize)]
pub(super) struct EventCase {
    kind: EventKind,
    task: Option<Task>,
    #[serde(default)]
    executable: ExecutableCase,
    args: Option<Vec<Option<String>>>,
    capability: Option<String>,
    #[serde(rename = "userNamespace")]
    user_namespace: Option<UserNamespace>,
    #[serde(default)]
    socket: SocketCase,
    change: Option<ChangeCase>,
    ancestry: Option<Vec<FileCase>>,
    uid: Option<u32>,
    gid: Option<u32>,
}

/// `change` of a case. A `from` that is left out is absent: the Pod says nothing.
#[derive(Deserialize)]
struct ChangeCase {
    field: Option<String>,
    from: Option<Value>,
    to: Option<Value>,
}

impl ChangeCase {
    const UNKNOWN: FieldChange =
        FieldChange { field: Known::Unknown, from: Known::Unknown, to: Known::Unknown };

    fn into_change(self) -> FieldChange {
        let Self { field, from, to } = self;
        FieldChange { field: known(field), from: Known::Known(from), to: known(to) }
    }
}

impl EventCase {
    pub(super) fn into_event(self) -> Event {
        let Self {
            kind,
            task,
            executable,
            args,
            capability,
            user_namespace,
            socket,
            change,
            ancestry,
            uid,
            gid,
        } = self;
        let detail = match kind {
            EventKind::Exec => {
                let unknown = || vec![Known::Unknown];
                Detail::Exec {
                    args: Args(args.map_or_else(unknown, |args| args.into_iter().map(text).collect())),
                }
            }
            EventKind::CapabilityUse => Detail::CapabilityUse {
                capability: known(capability.map(Cow::Owned)),
                user_namespace: known(user_namespace),
            },
            EventKind::Connect => Detail::Socket(socket.into_socket(SocketCall::Connect)),
            EventKind::SendTo => Detail::Socket(socket.into_socket(SocketCall::SendTo)),
            EventKind::Bind => Detail::Socket(socket.into_socket(SocketCall::Bind)),
            EventKind::Listen => Detail::Socket(socket.into_socket(SocketCall::Listen)),
            EventKind::Accept => Detail::Socket(socket.into_socket(SocketCall::Accept)),
            EventKind::RawSocket => Detail::Socket(socket.into_socket(SocketCall::RawSocket)),
            EventKind::FactsChange => {
                Detail::FactsChange(change.map_or(ChangeCase::UNKNOWN, ChangeCase::into_change))
            }
        };
        let ancestor = |FileCase { path, origin }| Ancestor { path, origin };
        let ancestry =
            ancestry.map_or_else(|| vec![Ancestor::UNKNOWN], |list| list.into_iter().map(ancestor).collect());
        Event {
            task: known(task),
            executable: executable.0,
            ancestry: Ancestry(ancestry),
            uid: known(uid),
            gid: known(gid),
            detail,
        }
    }
}

/// `container` of a case.
#[derive(Default, Deserialize)]
pub(super) struct ContainerCase {
    name: Option<String>,
    kind: Option<ContainerKind>,
    #[serde(default)]
    id: String,
    runtime: Option<String>,
    #[serde(default)]
    image: ImageCase,
    #[serde(default)]
    capabilities: CapabilitiesCase,
}

#[derive(Default, Deserialize)]
struct ImageCase {
    reference: Option<String>,
    digest: Option<String>,
}

#[derive(Default, Deserialize)]
struct CapabilitiesCase {
    allowed: Option<Vec<String>>,
    added: Option<Vec<String>>,
}

impl ContainerCase {
    pub(super) fn into_container(self) -> Container {
        let Self { name, kind, id, runtime, image, capabilities } = self;
        Container {
            name: known(name),
            kind: known(kind),
            id,
            runtime: known(runtime),
            image: Image { reference: known(image.reference), digest: known(image.digest) },
            capabilities: Capabilities {
                allowed: known(capabilities.allowed.map(|names| names.iter().map(String::as_str).collect())),
                added: known(capabilities.added),
            },
        }
    }
}

/// `node` of a case.
#[derive(Default, Deserialize)]
pub(super) struct NodeCase {
    #[serde(default)]
    name: String,
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    kernel: String,
}

impl NodeCase {
    pub(super) fn into_node(self) -> Node {
        let Self { name, labels, kernel } = self;
        Node { name, labels: known(labels), kernel }
    }
}
