//! What became otherwise, written in such an order that a look-up finds what held or what holds.

use std::{
    collections::{BTreeSet, HashSet},
    net::IpAddr,
};

use agent_common::{connections::NO_TABLE, map::PodTables};
use policy::network::{Changes, Direction, Name, Ports, TableId};
use tracing::warn;

use super::{
    Connections, Full, Kept, Left, Maps, Shared,
    writer::{Writer, bytes},
};

/// The bit of the numbers of tables that a Pod has for itself.
const OWN: u32 = 1 << 31;

impl<M: Maps> Connections<M> {
    /// Writes what holds now. Gives the Pods that have other tables than before.
    pub(super) fn apply(&mut self, changes: &Changes) -> (HashSet<Name>, Left) {
        let mut left = Left::default();
        let egress = changes.pods.iter().filter(|(_, direction)| *direction == Direction::Egress);
        let mut concerned: BTreeSet<Name> = egress.map(|(pod, _)| pod.clone()).collect();
        for (table, addresses) in &changes.addresses {
            if let Err(full) = self.replace(*table, addresses, &mut left) {
                concerned.extend(self.give_up(*table, &full, &mut left));
            }
        }
        let changed = concerned.into_iter().filter(|pod| self.renew(pod, &mut left)).collect();
        let Some(network) = &self.network else { return (changed, left) };
        let is_pod = |address: &IpAddr| network.cluster().is_pod(*address);
        let (pods, others) = changes.pod_addresses.iter().copied().partition::<Vec<_>, _>(is_pod);
        left.pods = pods;
        self.put_pod_addresses(others.into_iter().map(|address| (address, false)));
        left.shared.extend(self.dropped());
        (changed, left)
    }

    /// Puts what holds for some addresses of a table. Those that it has no more are left.
    fn replace(&mut self, table: TableId, addresses: &BTreeSet<IpAddr>, left: &mut Left) -> Result<(), Full> {
        let tables = self.network.as_ref().and_then(|network| network.shared(table));
        let (Some(tables), Some(written)) = (tables, self.shared.get_mut(&table)) else { return Ok(()) };
        let mut writer = Writer { maps: &mut self.maps, sets: &mut self.sets };
        for address in addresses {
            match tables.host(*address) {
                Some(ports) => {
                    writer.write_host(table.number(), *address, ports)?;
                    written.hosts.insert(*address);
                }
                None if written.hosts.remove(address) => left.hosts.push((table.number(), *address)),
                None => {}
            }
        }
        Ok(())
    }

    /// A table has no room any more: its Pods get none.
    fn give_up(&mut self, table: TableId, full: &Full, left: &mut Left) -> Vec<Name> {
        self.refuse(full);
        left.shared.extend(self.shared.remove(&table).map(|shared| (table.number(), shared)));
        let has_it = |kept: &Kept| kept.tables.shared == table.number();
        self.pods.iter().filter(|(_, kept)| has_it(kept)).map(|(pod, _)| pod.clone()).collect()
    }

    /// Writes what a Pod has now; true if that is another table than before.
    fn renew(&mut self, pod: &Name, left: &mut Left) -> bool {
        let Some((before, own)) =
            self.pods.get_mut(pod).map(|kept| (kept.tables, std::mem::take(&mut kept.own)))
        else {
            return false;
        };
        let (tables, hosts) = match self.written(pod, before.own, &own) {
            Ok(written) => written,
            Err(full) => {
                self.refuse(&full);
                (PodTables::default(), Vec::new())
            }
        };
        if tables.own != before.own {
            left.hosts.extend(own.into_iter().map(|(address, _)| (before.own, address)));
        }
        if let Some(kept) = self.pods.get_mut(pod) {
            (kept.tables, kept.own) = (tables, hosts);
        }
        tables != before
    }

    /// The tables of a Pod, which are in the kernel then. Nothing is said of one that is free or not declared.
    fn written(
        &mut self,
        pod: &Name,
        number: u32,
        before: &[(IpAddr, Ports)],
    ) -> Result<(PodTables, Vec<(IpAddr, Ports)>), Full> {
        let tables = self.network.as_ref().and_then(|network| network.tables(pod, Direction::Egress));
        let Some((tables, (id, shared))) = tables.and_then(|tables| Some((tables, tables.shared()?))) else {
            return Ok((PodTables::default(), Vec::new()));
        };
        let mut writer = Writer { maps: &mut self.maps, sets: &mut self.sets };
        if let std::collections::hash_map::Entry::Vacant(vacant) = self.shared.entry(id) {
            vacant.insert(writer.write(id.number(), shared)?);
        }
        let own: Vec<_> = tables.own().map(|(address, ports)| (address, ports.clone())).collect();
        let number = match own.as_slice() {
            [] => NO_TABLE,
            own if own == before => number,
            own => {
                self.owns += 1;
                writer.write_hosts(OWN | self.owns, own)?;
                OWN | self.owns
            }
        };
        Ok((PodTables { own: number, shared: id.number() }, own))
    }

    /// The tables that no Pod has any more.
    pub(super) fn dropped(&mut self) -> Vec<(u32, Shared)> {
        let used: HashSet<u32> = self.pods.values().map(|kept| kept.tables.shared).collect();
        let dropped = self.shared.extract_if(|table, _| !used.contains(&table.number()));
        dropped.map(|(table, shared)| (table.number(), shared)).collect()
    }

    /// Tells the kernel which addresses are declared Pods'.
    pub(super) fn put_pod_addresses(&mut self, addresses: impl IntoIterator<Item = (IpAddr, bool)>) {
        for (address, is_pod) in addresses {
            if !is_pod {
                self.maps.remove_pod_address(bytes(address));
            } else if let Err(full) = self.maps.set_pod_address(bytes(address)) {
                self.refuse(&full);
            }
        }
    }

    fn refuse(&mut self, full: &Full) {
        self.refused += 1;
        warn!(%full, "there is more in NetworkPolicies than the kernel side has room for: some of what they forbid is seen and not denied");
    }
}
