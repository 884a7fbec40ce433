//! What holds for one Pod: its own addresses before the table that it shares.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::shelf::{Shelf, TableId};
use super::{Changes, Common, Reach, Single, Tables, View};
use crate::network::answer::Verdict;
use crate::network::canonical;
use crate::network::document::Protocol;
use crate::network::ports::Ports;

/// What is kept of a Pod and direction.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// None: it is free.
    pub(super) shared: Option<TableId>,
    pub(super) own: BTreeMap<IpAddr, Ports>,
}

impl Kept {
    pub(super) fn of(view: &View<'_>, reach: &Reach<'_>, shelf: &mut Shelf, changes: &mut Changes) -> Self {
        if view.is_free() {
            return Self { shared: None, own: BTreeMap::new() };
        }
        let (id, shared) = shelf.take(Common::of(view), view.cluster, changes);
        let mut single = Single::of(view);
        let own = reach.addresses().into_iter();
        let own = own.filter_map(|address| Some((address, single.unlike(shared, address)?)));
        Self { shared: Some(id), own: own.collect() }
    }

    /// Puts what holds at an address; true if that became otherwise.
    pub(super) fn set(&mut self, address: IpAddr, own: Option<Ports>) -> bool {
        if self.own.get(&address) == own.as_ref() {
            return false;
        }
        match own {
            Some(ports) => self.own.insert(address, ports),
            None => self.own.remove(&address),
        };
        true
    }
}

/// What holds for a Pod and direction.
#[derive(Clone, Copy, Debug)]
pub struct PodTables<'a> {
    shared: Option<(TableId, &'a Tables)>,
    own: &'a BTreeMap<IpAddr, Ports>,
}

impl<'a> PodTables<'a> {
    pub(super) fn new(kept: &'a Kept, shelf: &'a Shelf) -> Self {
        let shared = kept.shared.and_then(|id| Some((id, shelf.get(id)?)));
        Self { shared, own: &kept.own }
    }

    /// Whether no policy selects the Pod, so that everything is allowed and it has no table.
    pub fn is_free(&self) -> bool {
        self.shared.is_none()
    }

    /// The table that it shares with all Pods for which the same holds, but at addresses of their own; none if it is
    /// free.
    pub fn shared(&self) -> Option<(TableId, &'a Tables)> {
        self.shared
    }

    /// The addresses for which something else holds than in the table: its own, those of Services that it is behind.
    pub fn own(&self) -> impl Iterator<Item = (IpAddr, &'a Ports)> {
        self.own.iter().map(|(address, ports)| (*address, ports))
    }

    /// What holds for a port of an address; `is_pod` says whether a declared Pod has it.
    pub fn answer(&self, peer: IpAddr, is_pod: bool, protocol: Protocol, port: u16) -> Verdict {
        let Some((_, shared)) = self.shared else { return Verdict::Allowed };
        match self.own.get(&canonical(peer)) {
            Some(ports) => ports.at(protocol, port),
            None => shared.answer(peer, is_pod, protocol, port),
        }
    }
}
