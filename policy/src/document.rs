//! The documents that people write.

mod about;

pub use about::{About, Control, Severity};
