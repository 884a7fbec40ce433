//! From what the kernel shows to what policies see.

pub mod clock;
pub mod processes;
