#![forbid(unsafe_code)]
#![warn(missing_docs)]
//! The pure core: what policies say, and what is so. No IO, no clock, no async: time is an argument.

pub mod canonical;
pub mod capabilities;
pub mod decide;
pub mod digest;
pub mod document;
pub mod evaluate;
pub mod event;
pub mod input;
pub mod judgement;
pub mod known;
mod nearest;
pub mod network;
pub mod observed;
pub mod record;
mod schema;
pub mod set;
pub mod tabulate;
pub mod test;
pub mod text;
pub mod time;
pub mod yaml;

pub use decide::{Action, BecauseOf, Context, Decision, Enforcement, Kill, Point, decide};
pub use digest::Digest;
pub use evaluate::{Which, evaluate};
pub use input::{EventInput, Input, ResourceInput};
pub use judgement::{Judgement, Verdict};
pub use known::Known;
pub use record::Record;
pub use set::{LoadError, Policy, PolicySet, Source};
pub use text::Text;
pub use time::Timestamp;
