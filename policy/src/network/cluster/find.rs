//! Pods by what selectors ask.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Cluster, PodId};
use crate::known::Known;
use crate::nearest::nearest;
use crate::network::answer::{Cause, Match};
use crate::network::canonical;
use crate::network::document::{NAME_LABEL, Name, Pod};
use crate::network::selector::{Labels, Selector};

impl Cluster {
    /// Whether a namespace is selected. Of one that is not declared only the name is known, which the API server also
    /// makes a label.
    pub(in crate::network) fn selects_namespace(&self, selector: &Selector, namespace: &str) -> Match {
        if let Some(labels) = self.space(namespace).and_then(|space| space.labels()) {
            return selector.selects(labels).into();
        }
        let (known, unknown): (Vec<_>, Vec<_>) =
            selector.requirements.iter().partition(|requirement| &*requirement.key == NAME_LABEL);
        if !known.iter().all(|requirement| requirement.holds(Some(namespace))) {
            Match::No
        } else if unknown.is_empty() {
            Match::Yes
        } else {
            Match::Unknown(Cause::NamespaceNotDeclared)
        }
    }

    /// The Pod that has an address; None within if no Pod has it. Unknown where that cannot be told: several have it, not
    /// all of the cluster is declared, or something could not be read.
    pub fn pod_at(&self, address: IpAddr) -> Known<Option<&Name>> {
        let mut pods = self.pods_at(canonical(address));
        match (pods.next(), pods.next()) {
            (Some(pod), None) => Known::Known(Some(&pod.name)),
            (None, _) if self.is_whole() && !self.is_in_doubt() => Known::Known(None),
            _ => Known::Unknown,
        }
    }

    /// The declared Pod (or Service) that was probably meant by a name that nobody has: one of this name in another
    /// namespace, or one of a name like it in this one.
    pub fn nearest(&self, name: &Name, or_service: bool) -> Option<&Name> {
        let pods = self.by_name.keys();
        let services = self.services.keys().filter(|_| or_service);
        let (same, others): (Vec<_>, Vec<_>) =
            pods.chain(services).partition(|known| known.name == name.name);
        let near = || {
            let here = others.iter().filter(|known| known.namespace == name.namespace);
            // In their order, so that of two that are as near it is always the same one.
            let here: BTreeSet<&str> = here.map(|known| &*known.name).collect();
            let word = nearest(&name.name, here)?;
            others.iter().find(|known| *known.name == *word && known.namespace == name.namespace).copied()
        };
        same.into_iter().min().or_else(near)
    }

    /// The Pods of a namespace that are selected.
    pub(super) fn selected<'a>(
        &'a self,
        namespace: &str,
        selector: &Selector,
    ) -> impl Iterator<Item = &'a Pod> {
        let candidates = self.space(namespace).and_then(|space| space.candidates(selector));
        let pods = candidates.into_iter().flatten().filter_map(|id| self.pod(PodId(*id)));
        pods.filter(|pod| selector.selects(&pod.labels)).collect::<Vec<_>>().into_iter()
    }

    /// The Pods that a peer of a rule selects or may select.
    pub(in crate::network) fn selected_by_peer<'a>(
        &'a self,
        own: &str,
        namespaces: Option<&Selector>,
        pods: Option<&Selector>,
    ) -> Vec<&'a Pod> {
        let everyone = Selector::default();
        let pods = pods.unwrap_or(&everyone);
        match namespaces {
            None => self.selected(own, pods).collect(),
            Some(selector) => {
                let names =
                    self.spaces.keys().filter(|name| self.selects_namespace(selector, name) != Match::No);
                names.flat_map(|name| self.selected(name, pods)).collect()
            }
        }
    }

    /// The Pods that have a port of this name.
    pub(in crate::network) fn with_port(&self, name: &str) -> impl Iterator<Item = &Pod> {
        let ids: Option<&BTreeSet<u32>> = self.by_port_name.get(name);
        ids.into_iter().flatten().filter_map(|id| self.pod(PodId(*id)))
    }

    /// The labels of a namespace, if it is declared.
    pub fn namespace_labels(&self, name: &str) -> Option<&Labels> {
        self.space(name)?.labels()
    }
}
