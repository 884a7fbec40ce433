//! Containers held against their Pods: when each is looked at, and what of it is kept.
//!
//! A container is looked at once at a time, so that however much it does it costs one look; what happens meanwhile makes
//! one more.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use policy::Known;
use policy::observed::{Change, Facts, Overlay};
use serde_json::Value;

use crate::declarations::Pod;
use crate::observe::facts::Looked;

mod container;
mod image;
mod kept;
#[cfg(test)]
mod tests;

use container::{Container, Telling, Turn};
pub use kept::ObservedPod;
use kept::{Kept, said};

/// As many as map `CONTAINERS` holds, at about 250 bytes each: 4 MiB.
const CONTAINERS_MAX: usize = agent_common::map::CONTAINERS_MAX as usize;

/// The real ids of a task, in the initial user namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids {
    pub uid: u32,
    pub gid: u32,
}

/// Of a task after an exec: what tells whether it is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Creds {
    /// The effective ids, in the initial user namespace.
    pub effective: (u32, u32),
    /// Capabilities by number, in the container's user namespace.
    pub permitted: u64,
}

/// A look that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub cgroup: u64,
    /// A time at which the container's first process was there.
    pub init_seen: u64,
    /// A task whose credentials were new, and when it had them.
    pub task: Option<(u32, u64)>,
}

/// What is kept of all containers.
#[derive(Debug, Default)]
pub struct Observed {
    /// Boxed, since up to half of a table is room.
    containers: HashMap<u64, Box<Container>>,
    /// Those to be looked at, the longest waiting first.
    due: VecDeque<u64>,
    /// Those that could not be looked at yet.
    later: Vec<u64>,
    hasher: RandomState,
    /// Memory that contradictions take.
    bytes: usize,
    refused: u64,
    untold: Untold,
}

/// Contradictions that no record tells, each as often as a container was found to have changed with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Untold {
    /// Beyond those told of one container.
    pub changes: u64,
    /// Folders of the node beyond those that are laid over a Pod.
    pub mounts: u64,
}

impl Observed {
    /// A container's first exec of its own: its ids are told by that alone, where they can be.
    pub fn started(&mut self, cgroup: u64, ids: Option<Ids>, creds: Creds, time: u64) {
        self.gone(cgroup);
        if let Some(container) = self.keep(cgroup) {
            **container = Container {
                init_seen: time,
                first: ids,
                pairs: vec![(creds.effective, None)],
                permitted: creds.permitted,
                ..Container::default()
            };
            self.want(cgroup, None);
        }
    }

    /// A container that was running already.
    pub fn found(&mut self, cgroup: u64, time: u64) {
        if let Some(container) = self.keep(cgroup) {
            container.init_seen = time;
            self.want(cgroup, None);
        }
    }

    fn keep(&mut self, cgroup: u64) -> Option<&mut Box<Container>> {
        if self.containers.len() >= CONTAINERS_MAX && !self.containers.contains_key(&cgroup) {
            self.refused += 1;
            return None;
        }
        Some(self.containers.entry(cgroup).or_default())
    }

    /// A later exec of a task of its own. True if a look is due, since its effective ids are new or it may do more than
    /// any before it.
    pub fn exec(&mut self, cgroup: u64, creds: Creds, pid: u32, time: u64) -> bool {
        let Some(container) = self.containers.get_mut(&cgroup) else { return false };
        let are_ids_new = container.is_new(creds.effective);
        if are_ids_new {
            container.pairs.push((creds.effective, Some(pid)));
        }
        let is_due = container.is_permitted_more(creds.permitted) || are_ids_new;
        if is_due {
            self.want(cgroup, Some((pid, time)));
        }
        is_due
    }

    /// How often a container has used the capabilities that let it change what it may do, by `now`: more than before, and
    /// a look is due; after a rest where many looks showed nothing new.
    pub fn used(&mut self, cgroup: u64, uses: u64, now: u64) {
        let Some(container) = self.containers.get_mut(&cgroup) else { return };
        if uses > container.uses && now < container.rests_until {
            return;
        }
        let is_due = uses > container.uses;
        container.uses = uses;
        if is_due {
            container.rests_until = now.saturating_add(container.rest());
            self.want(cgroup, None);
        }
    }

    /// Declarations changed: a container whose Pod is another object than the one it was held against is held against
    /// that.
    pub fn declarations_changed(&mut self, mut pod_of: impl FnMut(u64) -> Option<Arc<Pod>>) {
        let others = self.containers.iter().filter_map(|(cgroup, container)| {
            let (now, before) = (pod_of(*cgroup)?, container.pod.as_ref());
            (!before.is_some_and(|before| Arc::ptr_eq(before, &now))).then_some(*cgroup)
        });
        let others: Vec<u64> = others.collect();
        for cgroup in others {
            self.want(cgroup, None);
        }
    }

    /// A container is being held against this Pod.
    pub fn hold_against(&mut self, cgroup: u64, pod: &Arc<Pod>) {
        if let Some(container) = self.containers.get_mut(&cgroup) {
            container.pod = Some(Arc::clone(pod));
        }
    }

    fn want(&mut self, cgroup: u64, task: Option<(u32, u64)>) {
        let Some(container) = self.containers.get_mut(&cgroup) else { return };
        container.task = task.or(container.task);
        match &mut container.turn {
            Turn::Waits => {}
            Turn::Asked { again } => *again = true,
            turn @ Turn::Idle => {
                *turn = Turn::Waits;
                self.due.push_back(cgroup);
            }
        }
    }

    /// The next container to be looked at. It is asked about then, until [`Observed::postpone`] or
    /// [`Observed::answered`].
    pub fn take_due(&mut self) -> Option<Due> {
        loop {
            let cgroup = self.due.pop_front()?;
            let waits = |container: &&mut Box<Container>| container.turn == Turn::Waits;
            // It may be gone meanwhile, or another with its number have been looked at.
            let Some(container) = self.containers.get_mut(&cgroup).filter(waits) else { continue };
            container.turn = Turn::Asked { again: false };
            return Some(Due { cgroup, init_seen: container.init_seen, task: container.task.take() });
        }
    }

    /// It cannot be looked at now: it is due again at the next [`Observed::retry`].
    pub fn postpone(&mut self, due: Due) {
        if let Some(container) = self.containers.get_mut(&due.cgroup) {
            container.turn = Turn::Waits;
            container.task = container.task.or(due.task);
            self.later.push(due.cgroup);
        }
    }

    /// What was postponed is due again.
    pub fn retry(&mut self) {
        self.due.extend(self.later.drain(..));
    }

    /// A look was taken, or nobody was left to be looked at. Gives the facts of the container as far as they are known
    /// by now.
    pub fn answered(&mut self, cgroup: u64, looked: Option<&Looked>) -> Option<Facts> {
        let container = self.containers.get_mut(&cgroup)?;
        let again = container.turn == Turn::Asked { again: true };
        container.turn = Turn::Idle;
        container.unchanged = container.unchanged.saturating_add(1);
        let facts = looked.map(|looked| container.facts(looked));
        if again {
            self.want(cgroup, None);
        }
        facts
    }

    /// Takes the contradictions between a container and its Pod over. Gives those that were not told before, if any of
    /// them or the Pod, as it is declared, is another than the last time.
    pub fn contradicted(&mut self, cgroup: u64, pod: &Value, overlay: &Overlay) -> Option<Vec<Change>> {
        let said: Vec<String> = overlay.changes().iter().map(said).collect();
        let outcome = self.hasher.hash_one((form(pod), &said, overlay.omitted()));
        let container = self.containers.get_mut(&cgroup)?;
        if container.outcome.replace(outcome) == Some(outcome) {
            return None;
        }
        container.changed();
        self.untold.mounts += overlay.omitted() as u64;
        let mut news = Vec::new();
        for (said, change) in said.iter().zip(overlay.changes()) {
            match container.tell(self.hasher.hash_one(said)) {
                Telling::News => news.push(change.clone()),
                Telling::Again => {}
                Telling::NoRoom => self.untold.changes += 1,
            }
        }
        self.bytes -= container.contradictions.bytes();
        container.contradictions = Kept::of(overlay, &said, self.bytes);
        self.bytes += container.contradictions.bytes();
        Some(news)
    }

    /// The digests that the runtime knows a container's image by, for a Pod that pins `wanted`; if they are to be asked for,
    /// by `ask`, which says whether it could.
    pub fn image_digests(
        &mut self,
        cgroup: u64,
        wanted: &str,
        ask: impl FnOnce() -> bool,
    ) -> Known<Vec<String>> {
        let Some(container) = self.containers.get_mut(&cgroup) else { return Known::Unknown };
        container.image.get_or_insert_default().digests(wanted, ask)
    }

    /// The runtime told by which digests it knows a container's image, or did not: then it is asked again at a later look.
    pub fn image_told(&mut self, cgroup: u64, digests: Option<Vec<String>>) {
        let image = self.containers.get_mut(&cgroup).and_then(|container| container.image.as_mut());
        if image.is_some_and(|image| image.told(digests)) {
            self.want(cgroup, None);
        }
    }

    /// Looks again at containers whose image the runtime has not told.
    pub fn want_untold(&mut self) {
        let is_untold =
            |container: &Container| container.image.as_ref().is_some_and(|image| image.is_untold());
        let untold = self.containers.iter().filter(|(_, container)| is_untold(container));
        for cgroup in untold.map(|(cgroup, _)| *cgroup).collect::<Vec<_>>() {
            self.want(cgroup, None);
        }
    }

    /// Whether a contradiction was not told before. It counts as told then.
    pub fn is_news(&mut self, cgroup: u64, change: &Change) -> bool {
        let hash = self.hasher.hash_one(said(change));
        let Some(container) = self.containers.get_mut(&cgroup) else { return false };
        let telling = container.tell(hash);
        self.untold.changes += u64::from(telling == Telling::NoRoom);
        if telling == Telling::News {
            container.changed();
        }
        telling == Telling::News
    }

    /// A task of its own, after the first one, that had such an effective user id at its exec.
    #[must_use]
    pub fn ran_as(&self, cgroup: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let pairs = &self.containers.get(&cgroup)?.pairs;
        pairs.iter().find_map(|((uid, _), task)| is_it(*uid).then_some(*task)?)
    }

    /// The Pod of a container, as declared, with what contradicts it laid over. Unknown where there was no room to keep
    /// that.
    pub fn pod(&mut self, cgroup: u64, declared: &Arc<Pod>) -> Known<ObservedPod> {
        match self.containers.get_mut(&cgroup) {
            Some(container) => container.contradictions.pod(declared, &mut self.bytes),
            None => Known::Known(ObservedPod::Declared(Arc::clone(declared))),
        }
    }

    /// A container is gone, or was none.
    pub fn gone(&mut self, cgroup: u64) {
        if let Some(container) = self.containers.remove(&cgroup) {
            self.bytes -= container.contradictions.bytes();
        }
    }

    /// What was not told.
    #[must_use]
    pub fn untold(&self) -> Untold {
        self.untold
    }

    /// Containers kept, and those that were not for want of room.
    #[must_use]
    pub fn size(&self) -> (usize, u64) {
        (self.containers.len(), self.refused)
    }
}

/// What is declared of a Pod, and not how it fares: what tells one form of it from another.
#[must_use]
pub fn form(pod: &Value) -> String {
    let metadata = ["namespace", "name", "uid", "labels", "annotations"].map(|field| &pod["metadata"][field]);
    format!("{metadata:?} {}", pod["spec"])
}
