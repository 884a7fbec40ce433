//! Facts first seen: a table for all containers, of which each may use up its own share and no more.

use core::intrinsics::{AtomicOrdering, atomic_xadd};

use agent_common::counter::Outcome::{self, Deduplicated, Lost, OverBudget, Submitted};
use aya_ebpf::{bindings::BPF_NOEXIST, maps::HashMap};

/// Counts a fact, and sends it where it is new to its container. `used` is where the container's share is counted, which
/// is asked for only then.
#[inline(always)]
pub(crate) fn first_seen<K>(
    facts: &HashMap<K, u64>,
    key: &K,
    most: u32,
    used: impl FnOnce() -> Option<*mut u32>,
    send: impl FnOnce() -> bool,
) -> Outcome {
    if let Some(times) = facts.get_ptr_mut(key) {
        // SAFETY: a live value of a map that is not preallocated.
        unsafe { atomic_xadd::<u64, u64, { AtomicOrdering::Relaxed }>(times, 1) };
        return Deduplicated;
    }
    let Some(used) = used() else { return OverBudget };
    // SAFETY: a field of a live value of a map that is not preallocated.
    if unsafe { *used } >= most || facts.insert(key, 1, u64::from(BPF_NOEXIST)).is_err() {
        return OverBudget;
    }
    // SAFETY: as above.
    unsafe { atomic_xadd::<u32, u32, { AtomicOrdering::Relaxed }>(used, 1) };
    if send() {
        return Submitted;
    }
    // Forgotten again, so that the next time is the first.
    let _ = facts.remove(key);
    // SAFETY: as above.
    unsafe { atomic_xadd::<u32, u32, { AtomicOrdering::Relaxed }>(used, u32::MAX) };
    Lost
}
