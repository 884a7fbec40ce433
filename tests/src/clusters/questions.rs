//! Peers and ports at which an answer may change: what documents name, and what lies beside it.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use policy::network::Cidr;
use serde_json::Value;

use super::Dice;

/// Whom no document names: loopback, no address at all, and strangers, of whom the last two write IPv4 addresses as IPv6
/// ones.
const EVERYWHERE: [&str; 14] = [
    "127.0.0.1",
    "127.255.255.255",
    "128.0.0.0",
    "0.0.0.0",
    "0.0.0.1",
    "255.255.255.255",
    "8.8.8.8",
    "::",
    "::1",
    "::2",
    "2001:db8::1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "::ffff:127.0.0.1",
    "::ffff:0.0.0.0",
];
const PORTS: [u16; 3] = [1, 443, u16::MAX];

/// Peers with a few ports each. Every IPv4 address comes as an IPv6 one, too.
pub fn of(documents: &[Value], dice: &mut Dice, ports_each: usize) -> Vec<SocketAddr> {
    let mut named = Named::default();
    documents.iter().for_each(|document| named.add("", document));
    let everywhere = EVERYWHERE.iter().filter_map(|text| text.parse().ok());
    let addresses: BTreeSet<IpAddr> = named.addresses.into_iter().chain(everywhere).collect();
    let ports: Vec<u16> = named.ports.into_iter().chain(PORTS).filter(|port| *port > 0).collect();
    let mapped = addresses.iter().filter_map(|address| match address {
        IpAddr::V4(v4) => Some(IpAddr::V6(v4.to_ipv6_mapped())),
        IpAddr::V6(_) => None,
    });
    let peers: BTreeSet<IpAddr> = addresses.iter().copied().chain(mapped).collect();
    let mut asked = Vec::new();
    for peer in peers {
        asked.extend((0..ports_each).map(|_| SocketAddr::new(peer, *dice.one(&ports))));
    }
    asked
}

#[derive(Default)]
struct Named {
    addresses: BTreeSet<IpAddr>,
    /// What is named often is asked for often.
    ports: Vec<u16>,
}

impl Named {
    /// What a part of a document names, which is under this key.
    fn add(&mut self, key: &str, part: &Value) {
        match part {
            Value::Object(fields) => fields.iter().for_each(|(key, value)| self.add(key, value)),
            Value::Array(items) => items.iter().for_each(|item| self.add(key, item)),
            Value::String(text) => self.add_text(text),
            Value::Number(number) if key.to_ascii_lowercase().ends_with("port") => {
                let port = number.as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or_default();
                self.ports.extend([port.saturating_sub(1), port, port, port.saturating_add(1)]);
            }
            _ => {}
        }
    }

    fn add_text(&mut self, text: &str) {
        if let Ok(address) = text.parse::<IpAddr>() {
            self.addresses.insert(address);
        } else if let Ok(range) = Cidr::parse(text) {
            self.addresses.extend(edges(&range));
        }
    }
}

/// The first and the last address of a range, and those before and after it.
fn edges(range: &Cidr) -> [IpAddr; 4] {
    match range.network() {
        IpAddr::V4(first) => {
            let first = first.to_bits();
            let last = first | u32::MAX.checked_shr(range.length().into()).unwrap_or(0);
            [first.wrapping_sub(1), first, last, last.wrapping_add(1)].map(|bits| Ipv4Addr::from(bits).into())
        }
        IpAddr::V6(first) => {
            let first = first.to_bits();
            let last = first | u128::MAX.checked_shr(range.length().into()).unwrap_or(0);
            [first.wrapping_sub(1), first, last, last.wrapping_add(1)].map(|bits| Ipv6Addr::from(bits).into())
        }
    }
}
