//! The ABI between the agent's two halves: what the eBPF programs write and what user space reads.
//!
//! Everything here is plain old data with a layout asserted at compile time. Bytes that the kernel hands over
//! (paths, names, arguments) stay bytes: nothing of them is known to be UTF-8.
#![no_std]
#![forbid(unsafe_code)]

pub mod capability;
pub mod connections;
pub mod counter;
pub mod denial;
pub mod event;
pub mod map;
pub mod offset;
