//! Counting, for each CPU by itself.

use agent_common::counter::{Class, Outcome, slot};

use crate::maps::COUNTERS;

/// Adds one to a counter of this CPU.
#[inline(always)]
pub(crate) fn count(class: Class, outcome: Outcome) {
    if let Some(value) = COUNTERS.get_ptr_mut(slot(class, outcome)) {
        // SAFETY: the slot is this CPU's own and the program cannot be preempted by another that writes it.
        unsafe { *value += 1 };
    }
}
