//! Counting, for each CPU by itself.

use core::intrinsics::{AtomicOrdering, atomic_xadd};

use agent_common::counter::{Class, Denial, Outcome, denial_slot, slot};

use crate::maps::COUNTERS;

/// Adds one to a counter of this CPU.
#[inline(always)]
pub(crate) fn count(class: Class, outcome: Outcome) {
    add_one(slot(class, outcome));
}

/// The same where another program that counts the same may come in between: one that runs for a call may be preempted,
/// and interrupted by one that runs for a packet.
#[inline(always)]
pub(crate) fn count_shared(class: Class, outcome: Outcome) {
    if let Some(value) = COUNTERS.get_ptr_mut(slot(class, outcome)) {
        // SAFETY: a live value of the array.
        unsafe { atomic_xadd::<u64, u64, { AtomicOrdering::Relaxed }>(value, 1) };
    }
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
