//! A map with a byte budget that gives up what was not asked for the longest.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

#[cfg(test)]
mod tests;

/// What an entry costs beside its own weight: a hash slot, a tree slot and their bookkeeping, rounded up.
const ENTRY: usize = 128;

#[derive(Debug)]
struct Slot<V> {
    value: V,
    weight: usize,
    used: u64,
}

/// Least recently used first out. Evictions are counted.
#[derive(Debug)]
pub(crate) struct Lru<K, V> {
    slots: HashMap<K, Slot<V>>,
    /// Keys by the tick of their last use; ticks are unique.
    order: BTreeMap<u64, K>,
    tick: u64,
    bytes: usize,
    budget: usize,
    evicted: u64,
}

impl<K: Eq + Hash + Clone, V> Lru<K, V> {
    pub(crate) fn new(budget: usize) -> Self {
        Self { slots: HashMap::new(), order: BTreeMap::new(), tick: 0, bytes: 0, budget, evicted: 0 }
    }

    /// Adds or replaces; what no longer fits leaves, and is returned oldest first. `weight` is in bytes.
    pub(crate) fn insert(&mut self, key: K, value: V, weight: usize) -> Vec<(K, V)> {
        self.remove(&key);
        self.tick += 1;
        let weight = weight + ENTRY;
        self.bytes += weight;
        self.order.insert(self.tick, key.clone());
        self.slots.insert(key, Slot { value, weight, used: self.tick });
        self.shrink()
    }

    pub(crate) fn get(&mut self, key: &K) -> Option<&V> {
        let slot = self.slots.get_mut(key)?;
        self.tick += 1;
        if let Some(key) = self.order.remove(&slot.used) {
            self.order.insert(self.tick, key);
        }
        slot.used = self.tick;
        Some(&slot.value)
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let slot = self.slots.remove(key)?;
        self.order.remove(&slot.used);
        self.bytes -= slot.weight;
        Some(slot.value)
    }

    fn shrink(&mut self) -> Vec<(K, V)> {
        let mut gone = Vec::new();
        while self.bytes > self.budget
            && let Some((_, key)) = self.order.pop_first()
            && let Some(value) = self.remove(&key)
        {
            self.evicted += 1;
            gone.push((key, value));
        }
        gone
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.slots.values_mut().map(|slot| &mut slot.value)
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn evicted(&self) -> u64 {
        self.evicted
    }
}
