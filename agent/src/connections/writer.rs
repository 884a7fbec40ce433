//! One table in the kernel: what is written of it, and taken away again.

use std::{collections::BTreeSet, net::IpAddr};

use agent_common::{
    connections::{Entry, Host, Prefix, TABLE_BITS},
    event::IpBytes,
};
use policy::network::{Cidr, Ports, Tables};

use super::{
    Shared,
    maps::{Full, Maps},
    sets::Sets,
};

/// Writes tables.
pub(super) struct Writer<'a, M> {
    pub(super) maps: &'a mut M,
    pub(super) sets: &'a mut Sets,
}

impl<M: Maps> Writer<'_, M> {
    /// Writes a whole table, or nothing.
    pub(super) fn write(&mut self, table: u32, tables: &Tables) -> Result<Shared, Full> {
        let mut hosts = tables.hosts();
        let written = hosts.try_for_each(|(address, ports)| self.write_host(table, address, ports));
        let written = written.and_then(|()| self.write_prefixes(table, tables));
        let shared = Shared {
            hosts: tables.hosts().map(|(address, _)| address).collect::<BTreeSet<_>>(),
            prefixes: tables.prefixes().map(|(cidr, _)| *cidr).collect(),
        };
        if written.is_err() {
            self.erase(table, &shared);
        }
        written.map(|()| shared)
    }

    /// Writes single addresses, or nothing.
    pub(super) fn write_hosts(&mut self, table: u32, hosts: &[(IpAddr, Ports)]) -> Result<(), Full> {
        let written = hosts.iter().try_for_each(|(address, ports)| self.write_host(table, *address, ports));
        if written.is_err() {
            hosts.iter().for_each(|(address, _)| self.erase_host(table, *address));
        }
        written
    }

    /// Puts what holds for an address, in place of what held.
    pub(super) fn write_host(&mut self, table: u32, address: IpAddr, ports: &Ports) -> Result<(), Full> {
        let set = self.sets.number(ports, self.maps)?;
        self.maps.set_host(Host { address: bytes(address), table }, set)
    }

    fn write_prefixes(&mut self, table: u32, tables: &Tables) -> Result<(), Full> {
        tables.prefixes().try_for_each(|(cidr, entry)| {
            let pods = self.sets.number(&entry.pods, self.maps)?;
            let others = self.sets.number(&entry.others, self.maps)?;
            let (bits, key) = prefix(table, cidr);
            self.maps.set_prefix(bits, key, Entry { pods, others })
        })
    }

    /// Takes an address out.
    pub(super) fn erase_host(&mut self, table: u32, address: IpAddr) {
        self.maps.remove_host(Host { address: bytes(address), table });
    }

    /// Takes a table away. First what holds for the most: so, whoever still looks something up finds what held or nothing,
    /// and what is not found is not denied.
    pub(super) fn erase(&mut self, table: u32, shared: &Shared) {
        let mut prefixes = shared.prefixes.clone();
        prefixes.sort_by_key(Cidr::length);
        for cidr in &prefixes {
            let (bits, key) = prefix(table, cidr);
            self.maps.remove_prefix(bits, key);
        }
        shared.hosts.iter().for_each(|address| self.erase_host(table, *address));
    }
}

/// The sets of ports that a table has.
pub(super) fn sets(tables: &Tables) -> impl Iterator<Item = &Ports> {
    let of_prefixes = tables.prefixes().flat_map(|(_, entry)| [&*entry.pods, &*entry.others]);
    tables.hosts().map(|(_, ports)| ports).chain(of_prefixes)
}

fn prefix(table: u32, cidr: &Cidr) -> (u32, Prefix) {
    let above = if cidr.network().is_ipv4() { 96 } else { 0 };
    (TABLE_BITS + above + u32::from(cidr.length()), Prefix { table, address: bytes(cidr.network()) })
}

/// As the programs see it: IPv4 as `::ffff:a.b.c.d`.
pub(super) fn bytes(address: IpAddr) -> IpBytes {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}
