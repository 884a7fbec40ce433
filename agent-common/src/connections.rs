//! Where Pods may connect to, as tables: an address leads to a set of ports, and a port of it to a verdict.
//!
//! A look-up asks the Pod's own table and then the shared one for the single address; then the shared one for the longest
//! prefix, which says two things: what holds for declared Pods' addresses, and what for all others.

use bytemuck::{Pod, Zeroable};

use crate::event::IpBytes;

/// No table has this number.
pub const NO_TABLE: u32 = 0;

/// The sets of ports for all of which the same holds. They have no entries in map `PORTS`.
pub mod ports {
    pub const DENIED: u32 = 0;
    pub const UNKNOWN: u32 = 1;
    pub const ALLOWED: u32 = 2;
    /// The first number of a set that has entries.
    pub const FIRST: u32 = 3;
}

/// The values of map `PORTS`. A set without an entry for a port has just been taken away: nothing is known.
pub mod verdict {
    pub const DENIED: u32 = 0;
    pub const UNKNOWN: u32 = 1;
    pub const ALLOWED: u32 = 2;
}

/// Key of map `HOSTS`: one address in a table. The value is the number of a set of ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Pod, Zeroable)]
#[repr(C)]
pub struct Host {
    pub address: IpBytes,
    pub table: u32,
}

/// Data of a key of map `PREFIXES`. All of the table's bits count, then as many of the address's as the prefix has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Pod, Zeroable)]
#[repr(C)]
pub struct Prefix {
    pub table: u32,
    pub address: IpBytes,
}

/// Bits of [`Prefix::table`], to which those of the address are added.
pub const TABLE_BITS: u32 = 32;

/// What a prefix says: numbers of sets of ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Pod, Zeroable)]
#[repr(C)]
pub struct Entry {
    /// For the addresses of declared Pods, which map `POD_ADDRESSES` has.
    pub pods: u32,
    /// For all others.
    pub others: u32,
}

/// Data of a key of map `PORTS`. All bits of the set and the protocol count, then those of the port that its range of a
/// power of two has in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Pod, Zeroable)]
#[repr(C)]
pub struct Port {
    pub set: u32,
    /// By its number (IANA, Protocol Numbers).
    pub protocol: u8,
    pub _pad: u8,
    /// In network order.
    pub port: [u8; 2],
}

/// Bits of [`Port`] before the port's own.
pub const SET_BITS: u32 = 48;
/// All bits of [`Port`].
pub const PORT_BITS: u32 = 64;
/// All bits of [`Prefix`].
pub const ADDRESS_BITS: u32 = 160;

/// Single addresses in all tables: Services, nodes, and Pods that selectors name, of a node's Pods.
pub const HOSTS_MAX: u32 = 262_144;
/// Prefixes in all tables.
pub const PREFIXES_MAX: u32 = 65_536;
/// Ranges of ports in all sets.
pub const PORTS_MAX: u32 = 65_536;
/// Addresses of declared Pods: those of a cluster at Kubernetes' own bound of 150,000 Pods.
pub const POD_ADDRESSES_MAX: u32 = 262_144;

const _: () = {
    assert!(size_of::<Host>() == 20);
    assert!(size_of::<Prefix>() as u32 * 8 == ADDRESS_BITS);
    assert!(size_of::<Port>() as u32 * 8 == PORT_BITS);
    assert!(size_of::<Entry>() == 8);
};
