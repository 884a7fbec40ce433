//! What was seen, beside what was declared.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::event::{
    Container, Detail, Event, FieldChange, Local, Origin, Peer, Socket, SocketCall, UserNamespace,
};
use crate::known::Known;
use crate::observed::Change;
use crate::text::Text;

/// What a decision rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// The event, with everything that expressions may read of it. None where a Pod was judged.
    #[serde(flatten)]
    pub event: Option<Event>,
    /// In what the observed Pod differs from the declared one, of what the policy reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What was declared, in a line.
    pub declared: String,
    /// What was observed, in a line.
    pub observed: String,
}

impl Evidence {
    /// Of an event in a container.
    pub fn of(event: &Event, container: &Container) -> Self {
        let (declared, observed) = match &event.detail {
            Detail::Exec { .. } => (declared_image(container), observed_program(event)),
            Detail::CapabilityUse { capability, user_namespace } => {
                let used = observed_use(event, capability.as_ref().known(), *user_namespace);
                (declared_capabilities(container), used)
            }
            Detail::Socket(socket) => (declared_network(socket, container), observed_call(event, socket)),
            Detail::FactsChange(change) => both_of(change),
        };
        Self { event: Some(event.clone()), changes: Vec::new(), declared, observed }
    }

    /// Of an observed Pod, judged by a policy that reads these paths ([`crate::Judgement::paths`]).
    pub fn of_pod(overlay: &[Change], reads: &[String]) -> Self {
        let is_read = |change: &&Change| reads.iter().any(|path| is_part_of(&change.path, path));
        let changes: Vec<Change> = overlay.iter().filter(is_read).cloned().collect();
        if changes.is_empty() {
            let (declared, observed) = ("the Pod says so itself".to_owned(), "as declared".to_owned());
            return Self { event: None, changes, declared, observed };
        }
        let line = |value: &dyn Fn(&Change) -> String| {
            changes
                .iter()
                .map(|change| format!("{}: {}", change.path, value(change)))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let declared =
            line(&|change| change.declared.as_ref().map_or("nothing".to_owned(), Value::to_string));
        let observed = line(&|change| change.observed.to_string());
        Self { event: None, changes, declared, observed }
    }
}

/// Whether a field of the Pod is part of what an expression reads, or has a part that it reads.
fn is_part_of(field: &str, read: &str) -> bool {
    let Some(read) = read.strip_prefix("/object") else { return false };
    let is_below = |one: &str, other: &str| {
        one.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_below(field, read) || is_below(read, field)
}

/// A field as it is declared, and as it would have to be.
fn both_of(change: &FieldChange) -> (String, String) {
    let FieldChange { field, from, to } = change;
    let field = field.as_ref().known().map_or("a field", String::as_str);
    let line = |value: Option<&Value>| match value {
        Some(value) => format!("{field}: {value}"),
        None => format!("no {field}"),
    };
    let declared = from.as_ref().known().map(|declared| line(declared.as_ref()));
    let unknown = || format!("{field} is not known");
    (declared.unwrap_or_else(unknown), to.as_ref().known().map_or_else(unknown, |to| line(Some(to))))
}

fn declared_image(container: &Container) -> String {
    let image = &container.image;
    match (image.reference.as_ref().known(), image.digest.as_ref().known()) {
        (Some(reference), Some(digest)) => format!("programs of the image {reference} ({digest})"),
        (Some(name), None) | (None, Some(name)) => format!("programs of the image {name}"),
        (None, None) => "programs of the container's image, whose name is not known".to_owned(),
    }
}

fn declared_capabilities(container: &Container) -> String {
    match container.capabilities.allowed.as_ref().known() {
        None => "capabilities that are not known: the OCI spec cannot be read".to_owned(),
        Some(allowed) if allowed.is_empty() => "no capabilities".to_owned(),
        Some(allowed) => format!("capabilities {}", allowed.names().collect::<Vec<_>>().join(", ")),
    }
}

fn observed_use(
    event: &Event,
    capability: Option<&Cow<'static, str>>,
    user_namespace: Known<UserNamespace>,
) -> String {
    let program = event.executable.path.as_ref().known().map_or("a program", Text::as_str);
    let capability = capability.map_or("a capability", |name| name);
    let whose = match user_namespace {
        Known::Known(UserNamespace::Child) => " in a user namespace of its own",
        Known::Known(UserNamespace::Ancestor) => " in a user namespace outside the container's",
        Known::Known(UserNamespace::Container) | Known::Unknown => "",
    };
    format!("{program} used {capability}{whose}")
}

fn declared_network(socket: &Socket, container: &Container) -> String {
    match (socket.call, socket.permitted) {
        (SocketCall::Bind | SocketCall::Listen, _) => {
            "the container's ports, as its Pod lists them".to_owned()
        }
        (SocketCall::RawSocket, _) => declared_capabilities(container),
        (_, Known::Known(true)) => "NetworkPolicies that allow it".to_owned(),
        (_, Known::Known(false)) => {
            format!("NetworkPolicies{}, none of which allows it", named(&socket.policies))
        }
        (_, Known::Unknown) => "whether a NetworkPolicy allows it cannot be told".to_owned(),
    }
}

/// The names that lead to where it would be allowed.
fn named(policies: &[Arc<str>]) -> String {
    /// More than these say no more.
    const MOST: usize = 8;
    let shown = policies.iter().take(MOST).map(|name| &**name).collect::<Vec<_>>().join(", ");
    match (policies.len(), policies.len().saturating_sub(MOST)) {
        (0, _) => String::new(),
        (_, 0) => format!(" {shown}"),
        (_, others) => format!(" {shown} and {others} more"),
    }
}

fn observed_call(event: &Event, socket: &Socket) -> String {
    let program = event.executable.path.as_ref().known().map_or("a program", Text::as_str);
    let protocol = socket.protocol.known().map(|protocol| format!("{protocol} ")).unwrap_or_default();
    let (peer, local) = (shown_peer(&socket.peer), shown_local(socket.local));
    match socket.call {
        SocketCall::Connect => format!("{program} asked to connect to {protocol}{peer}"),
        SocketCall::SendTo => format!("{program} asked to send to {protocol}{peer}"),
        SocketCall::Bind => format!("{program} took the address {protocol}{local}"),
        SocketCall::Listen => format!("{program} listens on {protocol}{local}"),
        SocketCall::Accept => format!("a connection from {peer} came to {protocol}{local}"),
        SocketCall::RawSocket => {
            format!("{program} made a raw socket, {protocol}").trim_end_matches([' ', ',']).to_owned()
        }
    }
}

fn shown_peer(peer: &Peer) -> String {
    let address = shown_local(Local { ip: peer.ip, port: peer.port });
    match (&peer.namespace, &peer.pod) {
        (Known::Known(Some(namespace)), Known::Known(Some(pod))) => format!("{address} ({namespace}/{pod})"),
        _ => address,
    }
}

/// As RFC 3986 writes hosts with ports.
fn shown_local(Local { ip, port }: Local) -> String {
    let port = port.known().map(|port| format!(":{port}")).unwrap_or_default();
    match ip.known() {
        Some(IpAddr::V6(ip)) if !port.is_empty() => format!("[{ip}]{port}"),
        Some(ip) => format!("{ip}{port}"),
        None => format!("an address{port}"),
    }
}

fn observed_program(event: &Event) -> String {
    let program = observed_file(&event.executable.path, &event.executable.origin);
    match &event.executable.script {
        Some(script) => {
            format!("{}, a script run by {program}", observed_file(&script.path, &script.origin))
        }
        None => program,
    }
}

fn observed_file(path: &Known<Text>, origin: &Origin) -> String {
    let path = path.as_ref().known().map_or("a file", Text::as_str);
    let whence = match origin {
        Origin::Image => "from the image".to_owned(),
        Origin::CopiedUp => "from the image, its content unchanged".to_owned(),
        Origin::Upper => "written after the container started".to_owned(),
        Origin::Volume(kind) => match kind {
            Known::Known(kind) => format!("from a volume ({})", kind.as_str()),
            Known::Unknown => "from a volume".to_owned(),
        },
        Origin::Memfd => "from memory, without a file".to_owned(),
        Origin::Deleted => "from a deleted file".to_owned(),
        Origin::Host => "from a file system of the node".to_owned(),
        Origin::Unknown => "of unknown origin".to_owned(),
    };
    format!("{path} {whence}")
}
