//! The eBPF programs that the agent loads. Entry points are five lines; the work is in `try_*`.
//!
//! The programs keep to what was measured on real kernels: a zeroed local and the raw helper for every read, a
//! mask instead of a branch for every running offset, or the verifier sees millions of instructions.
#![no_std]
#![no_main]
// The bpf target has no `AtomicU64::fetch_add`, but its intrinsic.
#![expect(internal_features, reason = "an atomic add to a map's value has no stable form on this target")]
#![feature(core_intrinsics)]
#![expect(clippy::needless_pass_by_value, reason = "aya's entry points take their context by value")]

/// Says something of one event, where the object was built with feature `log`.
macro_rules! diagnose {
    ($ctx:expr, $($argument:tt)+) => {
        #[cfg(feature = "log")]
        aya_log_ebpf::info!($ctx, $($argument)+);
    };
}

mod capability;
mod cgroup;
mod connections;
mod count;
mod deny;
mod exec;
mod exit;
mod fork;
mod global;
mod maps;
mod origin;
mod owner;
mod path;
mod probe;
mod read;
mod share;
mod socket;
mod task;
mod tcp;

#[panic_handler]
fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// The kernel asks for a GPL-compatible licence before it lends some of its helpers.
#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";
