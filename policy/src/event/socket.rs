//! What a socket was asked to do, and with whom.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::EventKind;
use crate::known::Known;

/// A call on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SocketCall {
    /// connect(2).
    Connect,
    /// sendto(2) or sendmsg(2) with an address, on a socket that is not connected.
    SendTo,
    /// bind(2).
    Bind,
    /// listen(2).
    Listen,
    /// A connection came to be established from outside.
    Accept,
    /// socket(2) with SOCK_RAW.
    RawSocket,
}

impl SocketCall {
    /// Every call.
    pub const ALL: [Self; 6] =
        [Self::Connect, Self::SendTo, Self::Bind, Self::Listen, Self::Accept, Self::RawSocket];

    /// The kind of its event.
    pub fn kind(self) -> EventKind {
        match self {
            Self::Connect => EventKind::Connect,
            Self::SendTo => EventKind::SendTo,
            Self::Bind => EventKind::Bind,
            Self::Listen => EventKind::Listen,
            Self::Accept => EventKind::Accept,
            Self::RawSocket => EventKind::RawSocket,
        }
    }

    /// Whether it is about the socket's own address.
    pub fn has_local(self) -> bool {
        matches!(self, Self::Bind | Self::Listen | Self::Accept)
    }

    /// Whether it is about another one's.
    pub fn has_peer(self) -> bool {
        matches!(self, Self::Connect | Self::SendTo | Self::Accept)
    }
}

/// The protocol above IP, by its number (IANA, Protocol Numbers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Protocol(pub u8);

impl Protocol {
    /// 6.
    pub const TCP: Self = Self(6);
    /// 17.
    pub const UDP: Self = Self(17);

    /// As Kubernetes writes it, or as IANA does in capitals; of others none.
    pub fn name(self) -> Option<&'static str> {
        match self.0 {
            0 => Some("IP"),
            1 => Some("ICMP"),
            6 => Some("TCP"),
            17 => Some("UDP"),
            58 => Some("ICMPV6"),
            132 => Some("SCTP"),
            136 => Some("UDPLITE"),
            255 => Some("RAW"),
            _ => None,
        }
    }
}

/// The name, else the number.
impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{}", self.0),
        }
    }
}

impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `ipFamilies` of a Service has the same words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words say it")]
pub enum Family {
    IPv4,
    IPv6,
}

impl Family {
    /// The word that policies use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IPv4 => "IPv4",
            Self::IPv6 => "IPv6",
        }
    }
}

impl From<IpAddr> for Family {
    fn from(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::IPv4 } else { Self::IPv6 }
    }
}

/// What `event.socket` shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Socket {
    /// What was asked.
    pub call: SocketCall,
    /// What the socket speaks above IP.
    pub protocol: Known<Protocol>,
    /// An IPv4 address that is written as an IPv6 one (`::ffff:0:0/96`) counts as what goes over the wire.
    pub family: Known<Family>,
    /// The socket's own address, for calls that are about it.
    pub local: Local,
    /// The other side's, alike.
    pub peer: Peer,
    /// Whether the NetworkPolicies that are declared let it be.
    pub permitted: Known<bool>,
    /// Where none of them does, the names of those that select the Pod, which are of its namespace. For who reads it, not for
    /// expressions.
    pub policies: Vec<Arc<str>>,
}

impl Socket {
    /// One of which only the call is known.
    pub fn unknown(call: SocketCall) -> Self {
        Self {
            call,
            protocol: Known::Unknown,
            family: Known::Unknown,
            local: Local::default(),
            peer: Peer::default(),
            permitted: Known::Unknown,
            policies: Vec::new(),
        }
    }
}

/// A socket's own address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Local {
    /// All zeroes are any of the host's.
    pub ip: Known<IpAddr>,
    /// 0 is any that is free.
    pub port: Known<u16>,
}

/// Who is on the other side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub ip: Known<IpAddr>,
    /// Unknown where it is the other side's to choose.
    pub port: Known<u16>,
    /// The Pod that has the address; None, and absent to expressions, if no Pod has it.
    pub pod: Known<Option<Arc<str>>>,
    /// The Pod's namespace, alike.
    pub namespace: Known<Option<Arc<str>>>,
}

impl Serialize for Socket {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { call, protocol, family, local, peer, permitted, policies } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("protocol", protocol)?;
        map.serialize_entry("family", family)?;
        if call.has_local() {
            map.serialize_entry("local", local)?;
        }
        if call.has_peer() {
            map.serialize_entry("peer", peer)?;
        }
        map.serialize_entry("permitted", permitted)?;
        if !policies.is_empty() {
            map.serialize_entry("networkPolicies", policies)?;
        }
        map.end()
    }
}

impl Serialize for Local {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { ip, port } = self;
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("ip", ip)?;
        map.serialize_entry("port", port)?;
        map.end()
    }
}

impl Serialize for Peer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { ip, port, pod, namespace } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ip", ip)?;
        map.serialize_entry("port", port)?;
        for (name, value) in [("pod", pod), ("namespace", namespace)] {
            match value {
                Known::Known(None) => {}
                Known::Known(Some(value)) => map.serialize_entry(name, &**value)?,
                Known::Unknown => map.serialize_entry(name, &())?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests;
