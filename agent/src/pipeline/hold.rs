//! Events that wait: for a Pod to be declared, or for a file to be looked at.

use std::collections::HashMap;

use crate::observe::seen::Seen;

/// An event whose Pod is not known yet is held this long.
const IDENTITY_NANOSECONDS: u64 = 2_000_000_000;
/// A file is looked at in less, or its origin is Unknown.
const ANSWER_NANOSECONDS: u64 = 1_500_000_000;
/// Memory for what waits.
const BYTES_MAX: usize = 4 << 20;

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
    waiting: std::collections::BTreeMap<u64, (Seen, Reason)>,
    /// Where the event of a token stands.
    tokens: HashMap<u64, u64>,
    next: u64,
    bytes: usize,
    pushed_out: u64,
}

impl Hold {
    /// A number that no other question has.
    pub(super) fn token(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Keeps an event. Where there is no room, the one that has waited the longest is given back.
    pub(super) fn push(&mut self, seen: Seen, reason: Reason) -> Option<Seen> {
        let first =
            if self.bytes + seen.bytes() > BYTES_MAX { self.waiting.keys().next().copied() } else { None };
        let first = first.and_then(|number| self.remove(number));
        self.pushed_out += u64::from(first.is_some());
        let number = self.token();
        self.bytes += seen.bytes();
        if let Reason::Answer(token) = reason {
            self.tokens.insert(token, number);
        }
        self.waiting.insert(number, (seen, reason));
        first.map(|(seen, _)| seen)
    }

    /// The event that waits for this answer, if it still does.
    pub(super) fn take(&mut self, token: u64) -> Option<Seen> {
        let number = *self.tokens.get(&token)?;
        Some(self.remove(number)?.0)
    }

    /// Takes out what has waited as long as it may.
    pub(super) fn due(&mut self, now: u64) -> Vec<(Seen, Reason)> {
        let is_due = |(seen, reason): &(Seen, Reason)| {
            let patience = match reason {
                Reason::Identity => IDENTITY_NANOSECONDS,
                Reason::Answer(_) => ANSWER_NANOSECONDS,
            };
            seen.time.saturating_add(patience) <= now
        };
        let due: Vec<u64> =
            self.waiting.iter().filter(|(_, held)| is_due(held)).map(|(number, _)| *number).collect();
        due.into_iter().filter_map(|number| self.remove(number)).collect()
    }

    /// Takes out what waited for an identity that is known now.
    pub(super) fn known(&mut self, mut known: impl FnMut(&Seen) -> bool) -> Vec<Seen> {
        let mut ready = Vec::new();
        for (number, (seen, reason)) in &self.waiting {
            if *reason == Reason::Identity && known(seen) {
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
        let (seen, reason) = self.waiting.remove(&number)?;
        self.bytes -= seen.bytes();
        if let Reason::Answer(token) = reason {
            self.tokens.remove(&token);
        }
        Some((seen, reason))
    }
}

#[cfg(test)]
mod tests;
