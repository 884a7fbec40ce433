//! A call on sockets, held against the NetworkPolicies that are declared.

use std::sync::Arc;

use policy::Known;
use policy::event::{Detail, Event, Socket, SocketCall};
use policy::network::{Answer, Cause, Cluster, Direction, Name, Protocol, Question, Verdict};

use super::Pipeline;
use crate::correlate::resolve::Resolved;

/// What is known of whether a call is permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    /// It is none that policies speak of.
    NotAsked,
    Answered(Answer),
    /// No policy allows it, but it may be an answer, which is always allowed.
    MayAnswer,
    /// Its Pod is expected, and not declared.
    PodAwaited,
}

impl Permission {
    fn permitted(&self) -> Known<bool> {
        match self {
            Self::Answered(answer) => match answer.verdict() {
                Verdict::Allowed => Known::Known(true),
                Verdict::Denied => Known::Known(false),
                Verdict::Unknown => Known::Unknown,
            },
            Self::NotAsked | Self::MayAnswer | Self::PodAwaited => Known::Unknown,
        }
    }

    /// Whether it is Unknown for want of a declaration that may still come. A policy that cannot be read is none: what
    /// it says once it can is no answer for what came before.
    pub(super) fn may_be_declared(&self) -> bool {
        let cause = match self {
            Self::PodAwaited => return true,
            Self::Answered(Answer::Unknown(cause)) => cause,
            Self::Answered(_) | Self::NotAsked | Self::MayAnswer => return false,
        };
        match cause {
            Cause::PodNotDeclared
            | Cause::NamespaceNotDeclared
            | Cause::PeerNotDeclared
            | Cause::SharedAddress
            | Cause::Unread
            | Cause::NoSuchPort
            | Cause::NoEndpoints => true,
            Cause::HostNetwork
            | Cause::UdpIngress
            | Cause::RefusedPolicy
            | Cause::Rewritten
            | Cause::EndpointsDiffer => false,
        }
    }
}

impl Pipeline {
    /// Tells of a call who is on the other side, and whether that is permitted, as far as is declared by now.
    pub(super) fn hold_against_network(&self, event: &mut Event, container: &Resolved) -> Permission {
        match event.detail {
            Detail::Socket(_) => hold_against(&self.identity.network(), event, container),
            _ => Permission::NotAsked,
        }
    }
}

/// The same, against what this cluster declares.
pub(super) fn hold_against(cluster: &Cluster, event: &mut Event, container: &Resolved) -> Permission {
    let Detail::Socket(socket) = &mut event.detail else { return Permission::NotAsked };
    if !socket.call.has_peer() {
        return Permission::NotAsked;
    }
    tell_peer(cluster, socket);
    let permission = match container.pod.as_ref() {
        Some(pod) => ask(cluster, &Name::new(&pod.namespace, &pod.name), socket),
        None if container.is_awaited() => Permission::PodAwaited,
        None => Permission::NotAsked,
    };
    socket.permitted = permission.permitted();
    if let (Some(false), Some(pod)) = (socket.permitted.known(), container.pod.as_ref()) {
        socket.policies = selecting(cluster, &Name::new(&pod.namespace, &pod.name), socket);
    }
    permission
}

/// The names of the policies that select a Pod.
fn selecting(cluster: &Cluster, pod: &Name, socket: &Socket) -> Vec<Arc<str>> {
    let (Some(pod), Some(question)) = (cluster.find(pod), question(socket)) else { return Vec::new() };
    let policies = cluster.explain(pod, &question).policies;
    policies.into_iter().map(|policy| Arc::from(&*policy.name.name)).collect()
}

fn tell_peer(cluster: &Cluster, socket: &mut Socket) {
    let Some(ip) = socket.peer.ip.known() else { return };
    let at = cluster.pod_at(ip);
    let name = |of: fn(&Name) -> &str| at.map(|name| name.map(|name| Arc::from(of(name))));
    socket.peer.pod = name(|name| &name.name);
    socket.peer.namespace = name(|name| &name.namespace);
}

/// ICMP and its like cannot be asked.
fn ask(cluster: &Cluster, pod: &Name, socket: &Socket) -> Permission {
    let Some(question) = question(socket) else { return Permission::NotAsked };
    let answer = match cluster.find(pod) {
        Some(pod) => cluster.answer(pod, &question),
        None => Answer::Unknown(Cause::PodNotDeclared),
    };
    match answer {
        Answer::Denied if may_answer(socket) => Permission::MayAnswer,
        answer => Permission::Answered(answer),
    }
}

/// The kernel side leaves a peer's port out where the program chose its own.
fn may_answer(socket: &Socket) -> bool {
    socket.call == SocketCall::SendTo && socket.peer.port == Known::Unknown
}

/// Of rules about ports only one that is about all of them is about this one, which nobody can have.
const ANY_PORT: u16 = 0;

fn question(socket: &Socket) -> Option<Question> {
    let (direction, port) = match socket.call {
        SocketCall::Accept => (Direction::Ingress, socket.local.port),
        SocketCall::Connect => (Direction::Egress, socket.peer.port),
        // Who may be answered has asked from any port.
        SocketCall::SendTo => (Direction::Egress, Known::Known(socket.peer.port.known().unwrap_or(ANY_PORT))),
        SocketCall::Bind | SocketCall::Listen | SocketCall::RawSocket => return None,
    };
    let protocol = Protocol::from_word(socket.protocol.known()?.name()?)?;
    Some(Question { direction, peer: socket.peer.ip.known()?, port: port.known()?, protocol })
}

#[cfg(test)]
mod tests;
