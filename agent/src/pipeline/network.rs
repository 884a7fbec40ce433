//! A call on sockets, held against the NetworkPolicies that are declared.

use std::sync::Arc;

use policy::Known;
use policy::event::{Detail, Event, Socket, SocketCall};
use policy::network::{Cluster, Direction, Name, Protocol, Question, Verdict};

use super::Pipeline;
use crate::correlate::resolve::Resolved;

impl Pipeline {
    /// Tells of a call who is on the other side, and whether that is permitted, as far as is declared by now.
    pub(super) fn hold_against_network(&self, event: &mut Event, container: &Resolved) {
        let Detail::Socket(socket) = &mut event.detail else { return };
        if !socket.call.has_peer() {
            return;
        }
        let cluster = self.identity.network();
        tell_peer(&cluster, socket);
        let pod = container.pod.as_ref().map(|pod| Name::new(&pod.namespace, &pod.name));
        socket.permitted = pod.map_or(Known::Unknown, |pod| permitted(&cluster, &pod, socket));
    }
}

fn tell_peer(cluster: &Cluster, socket: &mut Socket) {
    let Some(ip) = socket.peer.ip.known() else { return };
    let at = cluster.pod_at(ip);
    let name = |of: fn(&Name) -> &str| at.map(|name| name.map(|name| Arc::from(of(name))));
    socket.peer.pod = name(|name| &name.name);
    socket.peer.namespace = name(|name| &name.namespace);
}

/// What cannot be asked (ICMP, a Pod that is not declared) is Unknown.
fn permitted(cluster: &Cluster, pod: &Name, socket: &Socket) -> Known<bool> {
    let Some(question) = question(socket) else { return Known::Unknown };
    let Some(pod) = cluster.find(pod) else { return Known::Unknown };
    match cluster.answer(pod, &question).verdict() {
        Verdict::Allowed => Known::Known(true),
        Verdict::Denied => Known::Known(false),
        Verdict::Unknown => Known::Unknown,
    }
}

fn question(socket: &Socket) -> Option<Question> {
    let (direction, port) = match socket.call {
        SocketCall::Accept => (Direction::Ingress, socket.local.port),
        SocketCall::Connect | SocketCall::SendTo => (Direction::Egress, socket.peer.port),
        SocketCall::Bind | SocketCall::Listen | SocketCall::RawSocket => return None,
    };
    let protocol = Protocol::from_word(socket.protocol.known()?.name()?)?;
    Some(Question { direction, peer: socket.peer.ip.known()?, port: port.known()?, protocol })
}

#[cfg(test)]
mod tests;
