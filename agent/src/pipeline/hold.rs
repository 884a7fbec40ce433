//! Events that wait: for a Pod to be declared, or for a file to be looked at.

use std::collections::{BTreeMap, HashMap};

use crate::observe::seen::Seen;

/// An event whose Pod is not known yet is held this long.
const IDENTITY_NANOSECONDS: u64 = 2_000_000_000;
/// A file is looked at in less, or its origin is Unknown.
const ANSWER_NANOSECONDS: u64 = 1_500_000_000;
/// Memory for what waits. When it is used up, the container with the most goes on early, and no other.
const BYTES_MAX: usize = 4 << 20;
/// Questions of one container that may be open: a sixteenth of the inspector's queue.
const QUESTIONS_EACH: usize = 64;

/// What an event waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Identity,
    /// The answer with this token.
    Answer(u64),
}

/// All that waits, by the order in which it came.
#[derive(Debug, Default)]
pub(super) struct Hold {
    waiting: BTreeMap<u64, Held>,
    /// Where the event of a token stands.
    tokens: HashMap<u64, u64>,
    shares: HashMap<u64, Share>,
    next: u64,
    bytes: usize,
    pushed_out: u64,
}

#[derive(Debug)]
struct Held {
    seen: Seen,
    reason: Reason,
    /// Nanoseconds of CLOCK_BOOTTIME.
    until: u64,
}

/// What one container has here.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    bytes: usize,
    events: usize,
    questions: usize,
}

impl Hold {
    /// A number that no other question has.
    pub(super) fn token(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Whether a container may ask one more question.
    pub(super) fn may_ask(&self, cgroup: u64) -> bool {
        self.shares.get(&cgroup).is_none_or(|share| share.questions < QUESTIONS_EACH)
    }

    /// Keeps an event. Where there is no room, one is given back: the one that has waited the longest of the container
    /// that has the most here.
    pub(super) fn push(&mut self, seen: Seen, reason: Reason, now: u64) -> Option<Seen> {
        let first = if self.bytes + seen.bytes() > BYTES_MAX { self.largest_first() } else { None };
        let first = first.and_then(|number| self.remove(number));
        self.pushed_out += u64::from(first.is_some());
        let number = self.token();
        self.bytes += seen.bytes();
        let share = self.shares.entry(seen.cgroup).or_default();
        share.bytes += seen.bytes();
        share.events += 1;
        let until = match reason {
            Reason::Identity => seen.time.saturating_add(IDENTITY_NANOSECONDS),
            Reason::Answer(token) => {
                share.questions += 1;
                self.tokens.insert(token, number);
                now.saturating_add(ANSWER_NANOSECONDS)
            }
        };
        self.waiting.insert(number, Held { seen, reason, until });
        first.map(|(seen, _)| seen)
    }

    fn largest_first(&self) -> Option<u64> {
        let (cgroup, _) = self.shares.iter().max_by_key(|(_, share)| share.bytes)?;
        self.waiting.iter().find(|(_, held)| held.seen.cgroup == *cgroup).map(|(number, _)| *number)
    }

    /// The event that waits for this answer, if it still does.
    pub(super) fn take(&mut self, token: u64) -> Option<Seen> {
        let number = *self.tokens.get(&token)?;
        Some(self.remove(number)?.0)
    }

    /// Takes out what has waited as long as it may.
    pub(super) fn due(&mut self, now: u64) -> Vec<(Seen, Reason)> {
        let due: Vec<u64> =
            self.waiting.iter().filter(|(_, held)| held.until <= now).map(|(number, _)| *number).collect();
        due.into_iter().filter_map(|number| self.remove(number)).collect()
    }

    /// Takes out what waited for an identity that is known now.
    pub(super) fn known(&mut self, mut known: impl FnMut(&Seen) -> bool) -> Vec<Seen> {
        let mut ready = Vec::new();
        for (number, held) in &self.waiting {
            if held.reason == Reason::Identity && known(&held.seen) {
                ready.push(*number);
            }
        }
        ready.into_iter().filter_map(|number| Some(self.remove(number)?.0)).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Events that went on early for want of room.
    pub(super) fn pushed_out(&self) -> u64 {
        self.pushed_out
    }

    fn remove(&mut self, number: u64) -> Option<(Seen, Reason)> {
        let Held { seen, reason, until: _ } = self.waiting.remove(&number)?;
        self.bytes -= seen.bytes();
        if let Some(share) = self.shares.get_mut(&seen.cgroup) {
            share.bytes -= seen.bytes();
            share.events -= 1;
            if let Reason::Answer(token) = reason {
                share.questions -= 1;
                self.tokens.remove(&token);
            }
            if share.events == 0 {
                self.shares.remove(&seen.cgroup);
            }
        }
        Some((seen, reason))
    }
}

#[cfg(test)]
mod tests;
