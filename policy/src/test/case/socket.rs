//! `event.socket` of a case.

use std::net::IpAddr;
use std::sync::Arc;

use serde::Deserialize;

use super::known;
use crate::event::{Family, Local, Peer, Protocol, Socket, SocketCall};
use crate::known::Known;

/// What is left out is Unknown, but for the Pod of a peer whose address is given: no Pod has it.
#[derive(Default, Deserialize)]
pub(super) struct SocketCase {
    protocol: Option<ProtocolCase>,
    family: Option<Family>,
    #[serde(default)]
    local: AddressCase,
    #[serde(default)]
    peer: PeerCase,
    permitted: Option<bool>,
}

#[derive(Default, Deserialize)]
struct AddressCase {
    ip: Option<IpAddr>,
    port: Option<u16>,
}

#[derive(Default, Deserialize)]
struct PeerCase {
    ip: Option<IpAddr>,
    port: Option<u16>,
    pod: Option<Arc<str>>,
    namespace: Option<Arc<str>>,
}

#[derive(Clone, Copy, Deserialize)]
#[expect(clippy::upper_case_acronyms, reason = "as Kubernetes writes them")]
enum ProtocolCase {
    TCP,
    UDP,
    SCTP,
    ICMP,
    ICMPV6,
    RAW,
}

impl From<ProtocolCase> for Protocol {
    fn from(protocol: ProtocolCase) -> Self {
        Self(match protocol {
            ProtocolCase::ICMP => 1,
            ProtocolCase::TCP => 6,
            ProtocolCase::UDP => 17,
            ProtocolCase::ICMPV6 => 58,
            ProtocolCase::SCTP => 132,
            ProtocolCase::RAW => 255,
        })
    }
}

impl SocketCase {
    pub(super) fn into_socket(self, call: SocketCall) -> Socket {
        let Self { protocol, family, local, peer, permitted } = self;
        Socket {
            call,
            protocol: known(protocol).map(Protocol::from),
            family: known(family.or_else(|| peer.ip.or(local.ip).map(Family::from))),
            local: Local { ip: known(local.ip), port: known(local.port) },
            peer: peer.into_peer(),
            permitted: known(permitted),
            policies: Vec::new(),
        }
    }
}

impl PeerCase {
    fn into_peer(self) -> Peer {
        let Self { ip, port, pod, namespace } = self;
        let of_it = |name: Option<Arc<str>>| match (name, ip) {
            (None, None) => Known::Unknown,
            (name, _) => Known::Known(name),
        };
        Peer { ip: known(ip), port: known(port), pod: of_it(pod), namespace: of_it(namespace) }
    }
}
