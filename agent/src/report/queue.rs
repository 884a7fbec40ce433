//! Records that wait for an output. `submitted = written + dropped + waiting`, always.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use policy::{Record, Timestamp};

#[cfg(test)]
mod tests;

/// Records that may wait, 2 to 4 KiB each.
pub(super) const MOST: usize = 1024;

/// What became of the records submitted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub submitted: u64,
    pub written: u64,
    pub dropped: u64,
}

/// What was dropped since the last gap that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Untold {
    pub(super) lost: u64,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Arc<Record>>,
    counts: Counts,
    untold: Option<Untold>,
    closed: bool,
    done: bool,
}

/// A bounded queue between the event loop, which never waits, and one thread.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

impl Queue {
    /// The lock is held for a few instructions at a time, never while the output is written.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn submit(&self, record: &Arc<Record>) {
        let mut state = self.state();
        state.counts.submitted += 1;
        if state.closed || state.waiting.len() >= MOST {
            state.counts.dropped += 1;
            state.add_untold(Untold { lost: 1, from: record.time, to: record.time });
        } else {
            state.waiting.push_back(Arc::clone(record));
            // The thread waits only while there is nothing, and waking it is a system call.
            if state.waiting.len() == 1 {
                self.changed.notify_all();
            }
        }
    }

    pub(super) fn counts(&self) -> Counts {
        self.state().counts
    }

    /// The oldest record, which stays in the queue, and whether the queue is closed; waits for one. `None` once the
    /// queue is closed and empty.
    pub(super) fn front(&self) -> Option<(Arc<Record>, bool)> {
        let waits = |state: &mut State| state.waiting.is_empty() && !state.closed;
        let state = self.changed.wait_while(self.state(), waits).unwrap_or_else(PoisonError::into_inner);
        state.waiting.front().map(|record| (Arc::clone(record), state.closed))
    }

    /// Takes the oldest record off, which was written, and what is to be told of before.
    pub(super) fn written(&self) -> Option<Untold> {
        let mut state = self.state();
        if state.waiting.pop_front().is_some() {
            state.counts.written += 1;
        }
        state.untold.take()
    }

    pub(super) fn untold_again(&self, untold: Untold) {
        self.state().add_untold(untold);
    }

    /// Waits; says whether the queue is closed, which ends the wait.
    pub(super) fn pause(&self, time: Duration) -> bool {
        let waits = |state: &mut State| !state.closed;
        let (state, _) = self
            .changed
            .wait_timeout_while(self.state(), time, waits)
            .unwrap_or_else(PoisonError::into_inner);
        state.closed
    }

    /// The thread's last word.
    pub(super) fn done(&self) {
        self.state().done = true;
        self.changed.notify_all();
    }

    /// Closes the queue and waits for the thread. What still waits then is dropped.
    pub(super) fn finish(&self, patience: Duration) -> Counts {
        let mut state = self.state();
        state.closed = true;
        self.changed.notify_all();
        let waits = |state: &mut State| !state.done;
        let (mut state, _) =
            self.changed.wait_timeout_while(state, patience, waits).unwrap_or_else(PoisonError::into_inner);
        state.counts.dropped += std::mem::take(&mut state.waiting).len() as u64;
        state.counts
    }
}

impl State {
    fn add_untold(&mut self, more: Untold) {
        let before = self.untold.unwrap_or(Untold { lost: 0, ..more });
        let Untold { lost, from, to } = before;
        self.untold = Some(Untold { lost: lost + more.lost, from: from.min(more.from), to: to.max(more.to) });
    }
}
