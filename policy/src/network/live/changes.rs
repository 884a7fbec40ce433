//! What a change made otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Direction, Name, TableId};

/// What became otherwise in a [`super::Network`], so that a copy of it can follow entry by entry.
///
/// A copy has no gap if it follows in this order, in which an entry that says what holds now is there before what it
/// stands in for goes: what there is, of the Pods' own addresses, of `new` tables and of `addresses`; `pod_addresses`;
/// which table each of the `pods` has, in one write; what there is no more, of `addresses`, of the Pods' own addresses
/// and what is `dropped`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Tables that were not there before.
    pub new: BTreeSet<TableId>,
    /// Tables of which these single addresses became otherwise, and nothing else.
    pub addresses: BTreeMap<TableId, BTreeSet<IpAddr>>,
    /// Addresses that became a declared Pod's, or are one's no more.
    pub pod_addresses: BTreeSet<IpAddr>,
    /// Watched Pods that have another table, other addresses of their own, or whose tables came or went altogether.
    pub pods: BTreeSet<(Name, Direction)>,
    /// Tables that no watched Pod has any more.
    pub dropped: BTreeSet<TableId>,
}

impl Changes {
    /// Whether all is as it was.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A table keeps its number, and these addresses became otherwise.
    pub(super) fn at(&mut self, table: TableId, addresses: BTreeSet<IpAddr>) {
        if !addresses.is_empty() {
            self.addresses.entry(table).or_default().extend(addresses);
        }
    }
}
