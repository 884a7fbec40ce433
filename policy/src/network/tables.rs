//! The answer for Pods and a direction, in the form that a kernel can look up: addresses to ports.

mod common;
mod compile;
mod own;
mod pool;
mod prefixes;
mod single;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::address::{Cidr, canonical};
use super::answer::Verdict;
use super::document::Protocol;
use super::ports::Ports;
pub(super) use common::Common;
pub(super) use own::Reach;
pub(super) use pool::Pool;
pub(super) use single::Single;

/// What holds for each address and port of a direction, for all Pods that have in common what it depends on.
///
/// First `hosts`, then the longest prefix. A prefix says two things, since a declared Pod's address is another matter
/// than one that nobody has: which it is tells one set of all declared Pods' addresses ([`super::Cluster::is_pod`]),
/// shared by all tables, so that a table has no entry for a Pod that no selector of its policies selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    pub(super) hosts: BTreeMap<IpAddr, Arc<Ports>>,
    pub(super) prefixes: BTreeMap<Cidr, Entry>,
    /// Which lengths there are, the longest first.
    lengths: Vec<u8>,
}

/// What a prefix says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// For the addresses of declared Pods.
    pub pods: Arc<Ports>,
    /// For all others.
    pub others: Arc<Ports>,
}

impl Tables {
    pub(super) fn new(prefixes: BTreeMap<Cidr, Entry>) -> Self {
        let mut lengths: Vec<u8> = prefixes.keys().map(Cidr::length).collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths.dedup();
        Self { hosts: BTreeMap::new(), prefixes, lengths }
    }

    /// What holds for a port of an address; `is_pod` says whether a declared Pod has it.
    pub fn answer(&self, peer: IpAddr, is_pod: bool, protocol: Protocol, port: u16) -> Verdict {
        let peer = canonical(peer);
        self.at(peer, is_pod).map_or(Verdict::Denied, |ports| ports.at(protocol, port))
    }

    /// What holds for an address: for no port, if nothing says it.
    pub(super) fn at(&self, peer: IpAddr, is_pod: bool) -> Option<&Ports> {
        self.hosts.get(&peer).or_else(|| self.by_prefix(peer, is_pod)).map(|ports| &**ports)
    }

    /// What holds for a single address, if that is something else than for its prefix.
    pub fn host(&self, address: IpAddr) -> Option<&Ports> {
        self.hosts.get(&address).map(|ports| &**ports)
    }

    /// Single addresses for which something else holds than for their prefix.
    pub fn hosts(&self) -> impl Iterator<Item = (IpAddr, &Ports)> {
        self.hosts.iter().map(|(address, ports)| (*address, &**ports))
    }

    /// The single addresses for which the other says something else by themselves.
    pub(super) fn hosts_unlike(&self, other: &Self) -> BTreeSet<IpAddr> {
        let addresses = self.hosts.keys().chain(other.hosts.keys());
        addresses.filter(|address| self.hosts.get(address) != other.hosts.get(address)).copied().collect()
    }

    /// The prefixes, shorter ones before those that they contain.
    pub fn prefixes(&self) -> impl Iterator<Item = (&Cidr, &Entry)> {
        self.prefixes.iter()
    }

    fn by_prefix(&self, peer: IpAddr, is_pod: bool) -> Option<&Arc<Ports>> {
        let width = Cidr::host(peer).length();
        let lengths = self.lengths.iter().filter(|length| **length <= width);
        let entry = lengths.filter_map(|length| self.prefixes.get(&Cidr::around(peer, *length))).next()?;
        Some(if is_pod { &entry.pods } else { &entry.others })
    }

    /// Puts what holds for an address, nothing where its prefix says the same; true if that became otherwise.
    fn set(&mut self, address: IpAddr, is_pod: bool, ports: Ports, pool: &mut Pool) -> bool {
        let is_said = self.by_prefix(address, is_pod).is_some_and(|said| **said == ports);
        let before = if is_said {
            self.hosts.remove(&address)
        } else if self.hosts.get(&address).is_some_and(|before| **before == ports) {
            return false;
        } else {
            self.hosts.insert(address, pool.keep(ports));
            return true;
        };
        before.is_some()
    }
}
