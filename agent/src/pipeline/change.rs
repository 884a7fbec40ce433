//! A field in which a container became weaker is an event.

use std::sync::Arc;

use policy::Known;
use policy::event::{Ancestor, Ancestry, Detail, Event, Executable, FieldChange, Task};
use policy::observed::{Change, Facts};

use super::Pipeline;
use crate::correlate::resolve::Resolved;
use crate::judge::Tell;
use crate::observe::seen;

impl Pipeline {
    /// A program ran as root where none may: it is named, if it is still there.
    pub(super) fn became(
        &mut self,
        cgroup: u64,
        container: &Arc<Resolved>,
        change: &Change,
        facts: &Facts,
        tell: &mut impl Tell,
    ) {
        let map = facts.uid_map.as_ref().known();
        let is_root = |uid| map.and_then(|map| map.inside(uid)) == Some(0);
        self.changed(cgroup, container, change, self.observed.ran_as(cgroup, is_root), tell);
    }

    /// What the kernel shows is shown by the container's own tasks; by which is known only of what one ran.
    pub(super) fn changed(
        &mut self,
        cgroup: u64,
        container: &Arc<Resolved>,
        change: &Change,
        by: Option<u32>,
        tell: &mut impl Tell,
    ) {
        let event = self.event_of(change, by);
        let pod = self.observed_pod(cgroup, container);
        let pod = pod.as_ref().map(AsRef::as_ref);
        self.judge.judge_change(&event, change, container, pod, tell);
    }

    fn event_of(&self, change: &Change, by: Option<u32>) -> Event {
        let program = by.and_then(|pid| Some((pid, self.processes.running(pid)?)));
        let Ancestor { path, origin } = program.map_or(Ancestor::UNKNOWN, |(_, running)| (**running).clone());
        Event {
            task: Known::Known(Task::Container),
            executable: Executable { path, origin, script: None },
            ancestry: program
                .map_or(Ancestry(vec![Ancestor::UNKNOWN]), |(pid, _)| seen::ancestry(&self.processes, pid)),
            uid: Known::Unknown,
            gid: Known::Unknown,
            detail: Detail::FactsChange(FieldChange::from(change)),
        }
    }
}
