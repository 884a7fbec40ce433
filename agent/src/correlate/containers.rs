//! Which container each cgroup is, kept for as long as events may still ask.

use std::collections::HashMap;
use std::sync::Arc;

use super::lru::Lru;
use super::resolve::Resolved;

#[cfg(test)]
mod tests;

/// Bounds of the table.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Memory for cgroups that exist, in bytes.
    pub live_bytes: usize,
    /// Memory for those just removed: events of theirs are still in the rings.
    pub gone_bytes: usize,
    /// Cgroups that one container may have in the table. One that nests more gives up its own, not others'.
    pub cgroups_each: usize,
}

impl Default for Limits {
    /// About 800 bytes a cgroup: room for 10,000 live ones and 1,300 just gone.
    fn default() -> Self {
        Self { live_bytes: 8 << 20, gone_bytes: 1 << 20, cgroups_each: 64 }
    }
}

/// Cgroup ids with their containers. What was evicted is found again by its path, at the price of a look-up.
#[derive(Debug)]
pub struct Containers {
    live: Lru<u64, Arc<Resolved>>,
    gone: Lru<u64, Arc<Resolved>>,
    /// The cgroups of each container, oldest first.
    cgroups: HashMap<Arc<str>, Vec<u64>>,
    most_each: usize,
    crowded_out: u64,
}

impl Containers {
    pub fn new(limits: Limits) -> Self {
        let Limits { live_bytes, gone_bytes, cgroups_each } = limits;
        Self {
            live: Lru::new(live_bytes),
            gone: Lru::new(gone_bytes),
            cgroups: HashMap::new(),
            most_each: cgroups_each.max(1),
            crowded_out: 0,
        }
    }

    /// Adds a cgroup, or replaces what is known of its container.
    pub fn insert(&mut self, cgroup: u64, container: Arc<Resolved>) {
        // The kernel gives an inode number again at some time; the newer meaning counts.
        self.gone.remove(&cgroup);
        self.detach(cgroup);
        // Hardly a container has more than one.
        let own = self.cgroups.entry(Arc::clone(&container.id)).or_insert_with(|| Vec::with_capacity(1));
        own.push(cgroup);
        let crowded = (own.len() > self.most_each).then(|| own[0]);
        if let Some(oldest) = crowded {
            self.detach(oldest);
            self.crowded_out += 1;
        }
        let weight = container.bytes();
        for (evicted, container) in self.live.insert(cgroup, container, weight) {
            self.unlist(&container.id, evicted);
        }
    }

    /// The container of a cgroup that exists or did a moment ago.
    pub fn get(&mut self, cgroup: u64) -> Option<&Arc<Resolved>> {
        match self.live.get(&cgroup) {
            Some(container) => Some(container),
            None => self.gone.get(&cgroup),
        }
    }

    /// Marks a cgroup as removed. Says which container it was, if that was its last cgroup.
    pub fn remove(&mut self, cgroup: u64) -> Option<Arc<Resolved>> {
        let container = self.detach(cgroup)?;
        self.gone.insert(cgroup, Arc::clone(&container), container.bytes());
        (!self.cgroups.contains_key(&container.id)).then_some(container)
    }

    /// Resolves every live container again: for when declarations changed.
    pub fn update(&mut self, mut again: impl FnMut(&Resolved) -> Option<Resolved>) {
        let mut done: HashMap<Arc<str>, Option<Arc<Resolved>>> = HashMap::new();
        for container in self.live.values_mut() {
            let fresh =
                done.entry(Arc::clone(&container.id)).or_insert_with(|| again(container).map(Arc::new));
            if let Some(fresh) = fresh {
                *container = Arc::clone(fresh);
            }
        }
    }

    /// How many cgroups are known to exist.
    pub fn len(&self) -> usize {
        self.live.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Memory taken, as estimated.
    pub fn bytes(&self) -> usize {
        self.live.bytes() + self.gone.bytes()
    }

    /// Live cgroups given up to stay within the limits. (Those just gone are meant to leave.)
    pub fn evicted(&self) -> u64 {
        self.live.evicted() + self.crowded_out
    }

    fn detach(&mut self, cgroup: u64) -> Option<Arc<Resolved>> {
        let container = self.live.remove(&cgroup)?;
        self.unlist(&container.id, cgroup);
        Some(container)
    }

    fn unlist(&mut self, id: &Arc<str>, cgroup: u64) {
        if let Some(own) = self.cgroups.get_mut(id) {
            own.retain(|other| *other != cgroup);
            if own.is_empty() {
                self.cgroups.remove(id);
            }
        }
    }
}
