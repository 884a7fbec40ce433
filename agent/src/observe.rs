//! From what the kernel shows to what policies see.

pub mod clock;
pub mod facts;
pub mod inspect;
pub mod processes;
pub mod seen;
