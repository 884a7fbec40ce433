//! Looking at containers, and what comes of it.

use std::collections::HashMap;
use std::sync::Arc;

use agent_common::event::{self as abi, Task, flag};
use agent_common::map::CapabilityKey;
use policy::Known;
use policy::observed::{Facts, NodeFacts, Observation, ObservedContainer, became, overlay};
use policy::record::{Body, Drift};

use super::Pipeline;
use crate::correlate::resolve::Resolved;
use crate::decode;
use crate::identity::Standing;
use crate::judge::Tell;
use crate::observe::facts::Looked;
use crate::observed::{Creds, Due, Ids, ObservedPod};

/// How often it is asked whether capabilities were used that let a container change what it may do.
const USES_NANOSECONDS: u64 = 1_000_000_000;

/// SETGID, SETUID, SETPCAP, SYS_ADMIN (include/uapi/linux/capability.h).
const CHANGING: [u8; 4] = [6, 7, 8, 21];

impl Pipeline {
    /// An exec may be a container's first, or the first with such credentials: then the container is looked at.
    pub(super) fn note_credentials(&mut self, exec: &decode::Exec<'_>) {
        let abi::Exec { header, uid, gid, permitted, .. } = exec.fixed;
        let creds = Creds { effective: (uid, gid), permitted };
        let is_due = if exec.is(flag::INIT) {
            let ids = (!exec.is(flag::OTHER_IDS)).then_some(Ids { uid, gid });
            self.observed.started(header.cgroup, ids, creds, header.time);
            true
        } else {
            exec.task == Task::Container && self.observed.exec(header.cgroup, creds, header.pid, header.time)
        };
        if is_due {
            self.look();
        }
    }

    /// Asks for every look that is due, as far as there is room.
    pub(super) fn look(&mut self) {
        while let Some(due) = self.observed.take_due() {
            match self.identity.of(due.cgroup) {
                Standing::Container(container) if !container.sandbox => self.ask_for(&container, due),
                // It may turn out to be one.
                Standing::Undecided => self.observed.postpone(due),
                Standing::Container(_) | Standing::Stranger => self.observed.gone(due.cgroup),
            }
        }
    }

    fn ask_for(&mut self, container: &Resolved, due: Due) {
        // Without a first process that the kernel side knows of there is nothing to look at.
        let Some(look) = self.identity.look(container, due) else { return self.observed.gone(due.cgroup) };
        if !self.inspector.look(due.cgroup, look) {
            self.observed.postpone(due);
        }
    }

    /// A look was taken: a container whose Pod is known is held against it.
    pub(super) fn looked(&mut self, cgroup: u64, looked: Option<Box<Looked>>, tell: &mut impl Tell) {
        let looked = match looked {
            Some(looked) => match self.complete(cgroup, looked) {
                Some(looked) => Some(looked),
                // It waits for the runtime.
                None => return self.look(),
            },
            None => None,
        };
        self.completed(cgroup, looked, tell);
    }

    /// A look that has all that it can have.
    pub(super) fn completed(&mut self, cgroup: u64, looked: Option<Box<Looked>>, tell: &mut impl Tell) {
        let facts = self.observed.answered(cgroup, looked.as_deref());
        self.look();
        let (Some(looked), Some(facts)) = (looked, facts) else {
            self.metrics.vanished.inc();
            return;
        };
        self.metrics.looks.inc();
        if let Standing::Container(container) = self.identity.of(cgroup) {
            let facts = Facts { image_digests: self.image_digests(cgroup, &container), ..facts };
            self.compare(cgroup, &container, *looked, &facts, tell);
        }
    }

    fn compare(
        &mut self,
        cgroup: u64,
        container: &Arc<Resolved>,
        looked: Looked,
        facts: &Facts,
        tell: &mut impl Tell,
    ) {
        let (Some(pod), Some(declared)) = (&container.pod, container.declared()) else { return };
        self.observed.hold_against(cgroup, pod);
        let capabilities = self.judge.full().names().map(str::to_owned).collect();
        let node =
            NodeFacts { capabilities, cdi_targets: looked.cdi_targets, mount_plugins: looked.mount_plugins };
        let of = ObservedContainer { pod: &pod.object, kind: declared.kind, name: &declared.name };
        let observation = Observation { spec: looked.spec.as_ref(), facts, node: &node };
        if let Some(change) = became(of, observation).filter(|change| self.observed.is_news(cgroup, change)) {
            self.became(cgroup, container, &change, facts, tell);
        }
        let overlay = overlay(of, observation);
        let Some(changes) = self.observed.contradicted(cgroup, &pod.object, &overlay) else { return };
        let subject = container.subject();
        if !changes.is_empty() {
            tell.tell(subject.clone(), Body::Drift(Drift::Contradiction { changes: changes.clone() }));
        }
        for change in &changes {
            self.changed(cgroup, container, change, None, tell);
        }
        let observed = overlay.apply(&pod.object);
        self.judge.judge_pod(&pod.object, &observed, overlay.changes(), &subject, tell);
    }

    /// The observed Pod of a container.
    pub(super) fn observed_pod(&mut self, cgroup: u64, container: &Resolved) -> Known<ObservedPod> {
        container.pod.as_ref().map_or(Known::Unknown, |pod| self.observed.pod(cgroup, pod))
    }

    /// Looks at containers that have used what lets them change what they may do since they were last asked.
    pub(super) fn look_where_used(&mut self, now: u64) {
        if now.saturating_sub(self.uses_asked) < USES_NANOSECONDS {
            return;
        }
        self.uses_asked = now;
        let mut uses: HashMap<u64, u64> = HashMap::new();
        for key in self.identity.capabilities().filter(|key| is_changing(key)) {
            *uses.entry(key.cgroup).or_default() += self.identity.capability_uses(key).unwrap_or(0);
        }
        for (cgroup, uses) in uses {
            self.observed.used(cgroup, uses, now);
        }
    }
}

fn is_changing(key: &CapabilityKey) -> bool {
    CHANGING.contains(&key.capability)
}
