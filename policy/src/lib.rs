#![forbid(unsafe_code)]
//! The pure core: no IO, no clock, no async.
