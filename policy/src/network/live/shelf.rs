//! The tables that Pods share, by number.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::pod::Kept;
use super::{Changes, Cluster, Common, Pool, Tables};

/// The number of a table: never 0, and no other table's as long as this one is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(u32);

impl TableId {
    /// The number.
    pub fn number(self) -> u32 {
        self.0
    }
}

#[derive(Debug, Default)]
pub(super) struct Shelf {
    ids: BTreeMap<Common, TableId>,
    tables: BTreeMap<TableId, Tables>,
    /// Those that may say what holds no more.
    doubtful: BTreeSet<TableId>,
    pool: Pool,
    last: u32,
}

impl Shelf {
    pub(super) fn get(&self, id: TableId) -> Option<&Tables> {
        self.tables.get(&id)
    }

    pub(super) fn of(&self, kept: &Kept) -> Option<&Tables> {
        self.get(kept.shared?)
    }

    /// What those who have this in common share: what is there, unless it is doubtful.
    pub(super) fn take(
        &mut self,
        common: Common,
        cluster: &Cluster,
        changes: &mut Changes,
    ) -> (TableId, &Tables) {
        let known = self.ids.get(&common).copied();
        let id = match known.filter(|id| !self.doubtful.contains(id)) {
            Some(id) => id,
            None => self.compile(common, known, cluster, changes),
        };
        (id, &self.tables[&id])
    }

    /// Tables keep their number if only single addresses become otherwise.
    fn compile(
        &mut self,
        common: Common,
        known: Option<TableId>,
        cluster: &Cluster,
        changes: &mut Changes,
    ) -> TableId {
        let tables = Tables::compile(&common.view(cluster), &mut self.pool);
        let before = known.and_then(|id| Some((id, self.tables.remove(&id)?)));
        self.doubtful.retain(|id| Some(*id) != known);
        let id = match before {
            Some((id, before)) if before.prefixes == tables.prefixes => {
                changes.at(id, before.hosts_unlike(&tables));
                id
            }
            before => {
                changes.dropped.extend(before.map(|(id, _)| id));
                let id = self.unused();
                changes.new.insert(id);
                id
            }
        };
        self.ids.insert(common, id);
        self.tables.insert(id, tables);
        id
    }

    fn unused(&mut self) -> TableId {
        loop {
            self.last = self.last.checked_add(1).unwrap_or(1);
            if !self.tables.contains_key(&TableId(self.last)) {
                return TableId(self.last);
            }
        }
    }

    /// These may say what holds no more: they are compiled again for who takes them next.
    pub(super) fn doubt(&mut self, is_doubtful: impl Fn(&Common) -> bool) {
        let ids = self.ids.iter().filter(|(common, _)| is_doubtful(common));
        self.doubtful.extend(ids.map(|(_, id)| *id));
    }

    /// Works out again what holds for these addresses.
    pub(super) fn refresh(&mut self, cluster: &Cluster, addresses: &BTreeSet<IpAddr>, changes: &mut Changes) {
        for (common, id) in &self.ids {
            let Some(tables) = self.tables.get_mut(id) else { continue };
            let view = common.view(cluster);
            changes.at(*id, tables.refresh(&view, addresses.iter().copied(), &mut self.pool));
        }
    }

    /// Drops all but these.
    pub(super) fn retain(&mut self, used: &BTreeSet<TableId>, changes: &mut Changes) {
        self.ids.retain(|_, id| used.contains(id));
        self.doubtful.retain(|id| used.contains(id));
        let unused: Vec<_> = self.tables.keys().filter(|id| !used.contains(id)).copied().collect();
        for id in unused {
            self.tables.remove(&id);
            changes.addresses.remove(&id);
            changes.dropped.insert(id);
        }
        self.pool.tidy();
    }
}
