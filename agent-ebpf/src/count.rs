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
    add_one_shared(slot(class, outcome));
}

/// What was done about an exec or a use of a capability.
#[inline(always)]
pub(crate) fn count_denial(denial: Denial) {
    add_one(denial_slot(denial));
}

/// What was done about a call on a socket, counted as the call is.
#[inline(always)]
pub(crate) fn count_denial_shared(denial: Denial) {
    add_one_shared(denial_slot(denial));
}

#[inline(always)]
fn add_one(slot: u32) {
    if let Some(value) = COUNTERS.get_ptr_mut(slot) {
        // SAFETY: the slot is this CPU's own and the program cannot be preempted by another that writes it.
        unsafe { *value += 1 };
    }
}

#[inline(always)]
fn add_one_shared(slot: u32) {
    if let Some(value) = COUNTERS.get_ptr_mut(slot) {
        // SAFETY: a live value of the array.
        unsafe { atomic_xadd::<u64, u64, { AtomicOrdering::Relaxed }>(value, 1) };
    }
}
