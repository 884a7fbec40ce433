//! What is in one namespace.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::network::document::NetworkPolicy;
use crate::network::selector::{Labels, Selector};

/// Objects by one of their labels: key, value.
type ByLabel<T> = HashMap<Box<str>, HashMap<Box<str>, BTreeSet<T>>>;

/// A namespace.
#[derive(Clone, Debug, Default)]
pub(in crate::network) struct Space {
    /// Its labels, if it is declared.
    pub(super) labels: Option<Labels>,
    pub(super) pods: BTreeSet<u32>,
    by_label: ByLabel<u32>,
    pub(super) policies: BTreeMap<Box<str>, NetworkPolicy>,
    /// Policies by a label that whom they select must have.
    anchored: ByLabel<Box<str>>,
    /// The policies that have no such label.
    unanchored: BTreeSet<Box<str>>,
}

impl Space {
    pub(in crate::network) fn labels(&self) -> Option<&Labels> {
        self.labels.as_ref()
    }

    pub(super) fn policy(&self, name: &str) -> Option<&NetworkPolicy> {
        self.policies.get(name)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.labels.is_none() && self.pods.is_empty() && self.policies.is_empty()
    }

    pub(super) fn add_pod(&mut self, id: u32, labels: &Labels) {
        self.pods.insert(id);
        for (key, value) in labels {
            add(&mut self.by_label, key, value, id);
        }
    }

    pub(super) fn remove_pod(&mut self, id: u32, labels: &Labels) {
        self.pods.remove(&id);
        for (key, value) in labels {
            remove(&mut self.by_label, key, value, &id);
        }
    }

    pub(super) fn add_policy(&mut self, policy: NetworkPolicy) {
        let name = policy.name.name.clone();
        match policy.selector.anchor() {
            Some((key, value)) => add(&mut self.anchored, key, value, name.clone()),
            None => drop(self.unanchored.insert(name.clone())),
        }
        self.policies.insert(name, policy);
    }

    pub(super) fn remove_policy(&mut self, name: &str) -> Option<NetworkPolicy> {
        let policy = self.policies.remove(name)?;
        match policy.selector.anchor() {
            Some((key, value)) => remove(&mut self.anchored, key, value, &policy.name.name),
            None => drop(self.unanchored.remove(name)),
        }
        Some(policy)
    }

    /// The policies that select whoever has these labels, in the order of their names.
    pub(super) fn selecting(&self, labels: &Labels) -> Vec<&NetworkPolicy> {
        let anchored = labels.iter().filter_map(|(key, value)| self.anchored.get(key)?.get(value)).flatten();
        let names: BTreeSet<&Box<str>> = anchored.chain(&self.unanchored).collect();
        let policies = names.into_iter().filter_map(|name| self.policies.get(name));
        policies.filter(|policy| policy.selector.selects(labels)).collect()
    }

    /// The Pods that may be selected: all that are, and perhaps more.
    pub(super) fn candidates(&self, selector: &Selector) -> Option<&BTreeSet<u32>> {
        match selector.anchor() {
            Some((key, value)) => self.by_label.get(key)?.get(value),
            None => Some(&self.pods),
        }
    }
}

fn add<T: Ord>(index: &mut ByLabel<T>, key: &str, value: &str, item: T) {
    index.entry(key.into()).or_default().entry(value.into()).or_default().insert(item);
}

fn remove<T: Ord>(index: &mut ByLabel<T>, key: &str, value: &str, item: &T) {
    let Some(values) = index.get_mut(key) else { return };
    if let Some(items) = values.get_mut(value) {
        items.remove(item);
        if items.is_empty() {
            values.remove(value);
        }
    }
    if values.is_empty() {
        index.remove(key);
    }
}
