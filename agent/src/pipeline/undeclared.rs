//! Calls on sockets that came before all was declared that their answer depends on: a Pod is connected to as soon as it
//! has an address, and its declaration comes a moment later.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use policy::{Enforcement, Timestamp, event::Event};

use super::Pipeline;
use crate::identity::Standing;
use crate::judge::{Again, Key, Tell};
use crate::observe::clock;

#[cfg(test)]
mod tests;

/// How long a declaration may come after the call. Later the address may have become another's, and who has it then says
/// nothing about the call.
const LATE_NANOSECONDS: u64 = 60_000_000_000;
/// About 1 KiB each: 1 MiB.
const CALLS_MAX: usize = 1024;

/// A call of which it was not known whether it is permitted.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) cgroup: u64,
    /// The container's, since a cgroup's number is used again.
    pub(super) container: Arc<str>,
    pub(super) key: Key,
    /// As it was judged.
    pub(super) event: Event,
    /// When it came: for people, and in nanoseconds of CLOCK_BOOTTIME.
    pub(super) time: Timestamp,
    pub(super) since: u64,
}

/// Those that are judged again when declarations change.
#[derive(Debug, Default)]
pub(super) struct Undeclared {
    /// By cgroup, each in the order in which they came.
    calls: HashMap<u64, VecDeque<Call>>,
    count: usize,
    evicted: u64,
}

impl Undeclared {
    /// Keeps a call. Where there is no room, the container that has the most here gives up its first one.
    pub(super) fn keep(&mut self, call: Call) {
        let of_it = self.calls.get(&call.cgroup).into_iter().flatten();
        if of_it.clone().any(|kept| kept.key == call.key) {
            return;
        }
        if self.count >= CALLS_MAX
            && let Some(most) = self.calls.values_mut().max_by_key(|calls| calls.len())
        {
            most.pop_front();
            self.count -= 1;
            self.evicted += 1;
        }
        self.calls.entry(call.cgroup).or_default().push_back(call);
        self.count += 1;
    }

    /// Takes out all that may be judged again. Those that are too old are left to what was said of them.
    pub(super) fn take(&mut self, now: u64) -> Vec<Call> {
        self.count = 0;
        let calls = self.calls.drain().flat_map(|(_, calls)| calls);
        calls.filter(|call| now.saturating_sub(call.since) <= LATE_NANOSECONDS).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Calls that were given up for want of room.
    pub(super) fn evicted(&self) -> u64 {
        self.evicted
    }
}

impl Pipeline {
    /// Judges calls again whose answer can be known by now. Each was judged before as far as it was known then, so only
    /// what was Unknown of it is told, and nobody is killed for it any more.
    pub(super) fn judge_undeclared(&mut self, tell: &mut impl Tell) {
        let network = self.identity.network();
        for call in self.undeclared.take(clock::boot_time()) {
            let container = match self.identity.of(call.cgroup) {
                Standing::Container(container) if container.id == call.container => container,
                _ => continue,
            };
            let mut event = call.event.clone();
            if super::network::hold_against(&network, &mut event, &container).may_be_declared() {
                self.undeclared.keep(call);
                continue;
            }
            let pod = self.observed_pod(call.cgroup, &container);
            let again = Again {
                cgroup: call.cgroup,
                key: call.key,
                before: &call.event,
                event: &event,
                container: &container,
                pod: pod.as_ref().map(AsRef::as_ref),
                time: call.time,
                live: self.identity.is_live(&container),
                enforcement: Enforcement::WentOn,
            };
            self.judge.judge_again(&again, tell);
        }
    }
}
