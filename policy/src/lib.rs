#![forbid(unsafe_code)]
//! The pure core: what policies say, and what is so. No IO, no clock, no async: time is an argument.

pub mod canonical;
pub mod decide;
pub mod digest;
pub mod document;
pub mod event;
pub mod judgement;
pub mod known;
mod nearest;
pub mod record;
pub mod text;
pub mod time;
pub mod yaml;

pub use decide::{Action, BecauseOf, Decision, Point};
pub use digest::Digest;
pub use judgement::{Judgement, Verdict};
pub use known::Known;
pub use record::Record;
pub use text::Text;
pub use time::Timestamp;
