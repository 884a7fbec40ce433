//! Whether a Pod may connect somewhere, by the tables that user space keeps of its NetworkPolicies.

use agent_common::{
    connections::{ADDRESS_BITS, Entry, Host, NO_TABLE, PORT_BITS, Port, Prefix, ports, verdict},
    event::{IpBytes, SocketUse},
    map::PodTables,
};
use aya_ebpf::maps::lpm_trie::Key;

use crate::maps::{HOSTS, POD_ADDRESSES, PORTS, PREFIXES};

/// include/uapi/linux/in.h
const IPPROTO_TCP: u8 = 6;
const IPPROTO_UDP: u8 = 17;
const IPPROTO_SCTP: u8 = 132;

/// Whether its policies forbid a call to this peer, for certain. NetworkPolicies say nothing of other protocols.
#[inline(always)]
pub(crate) fn are_denied(tables: PodTables, used: &SocketUse) -> bool {
    let has_ports = matches!(used.protocol, IPPROTO_TCP | IPPROTO_UDP | IPPROTO_SCTP);
    if tables.shared == NO_TABLE || !has_ports {
        return false;
    }
    match set_of(tables, used.address) {
        // Every table has an entry for every address, unless it has just been taken away.
        None | Some(ports::UNKNOWN | ports::ALLOWED) => false,
        Some(ports::DENIED) => true,
        Some(set) => {
            let port = Port { set, protocol: used.protocol, _pad: 0, port: used.port.to_be_bytes() };
            PORTS.get(Key::new(PORT_BITS, port)).is_some_and(|held| *held == verdict::DENIED)
        }
    }
}

/// The set of ports of an address.
#[inline(always)]
fn set_of(tables: PodTables, address: IpBytes) -> Option<u32> {
    if let Some(set) = host(tables.own, address) {
        return Some(set);
    }
    if let Some(set) = host(tables.shared, address) {
        return Some(set);
    }
    let key = Key::new(ADDRESS_BITS, Prefix { table: tables.shared, address });
    let Entry { pods, others } = *PREFIXES.get(key)?;
    Some(if POD_ADDRESSES.get_ptr(address).is_some() { pods } else { others })
}

#[inline(always)]
fn host(table: u32, address: IpBytes) -> Option<u32> {
    if table == NO_TABLE {
        return None;
    }
    // SAFETY: the value is read within one program run; user space replaces it whole.
    HOSTS.get_ptr(Host { address, table }).map(|set| unsafe { *set })
}
