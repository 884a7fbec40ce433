//! Counting, for each CPU by itself.

use agent_common::counter::{Class, Denial, Outcome, denial_slot, slot};

use crate::maps::COUNTERS;

/// Adds one to a counter of this CPU.
#[inline(always)]
pub(crate) fn count(class: Class, outcome: Outcome) {
    add_one(slot(class, outcome));
}

/// The same, of what was done about an exec.
#[inline(always)]
pub(crate) fn count_denial(denial: Denial) {
    add_one(denial_slot(denial));
}

#[inline(always)]
fn add_one(slot: u32) {
    if let Some(value) = COUNTERS.get_ptr_mut(slot) {
        // SAFETY: the slot is this CPU's own and the program cannot be preempted by another that writes it.
        unsafe { *value += 1 };
    }
}
