//! Empty programs: attached for a moment to learn what this kernel allows.

use aya_ebpf::{
    macros::{fentry, kprobe, lsm, raw_tracepoint},
    programs::{FEntryContext, LsmContext, ProbeContext, RawTracePointContext},
};

#[lsm]
pub(crate) fn empty_lsm(_ctx: LsmContext) -> i32 {
    0
}

#[fentry]
pub(crate) fn empty_fentry(_ctx: FEntryContext) -> i32 {
    0
}

#[kprobe]
pub(crate) fn empty_kprobe(_ctx: ProbeContext) -> u32 {
    0
}

#[raw_tracepoint]
pub(crate) fn empty(_ctx: RawTracePointContext) -> i32 {
    0
}
