//! The documents that people write.

mod about;
mod policy;
mod read;
mod resources;
#[cfg(test)]
mod tests;

pub use about::{About, Control, Severity};
pub use policy::{
    API_VERSION, Ceiling, EventMatch, FailurePolicy, Match, MatchCondition, Metadata, Policy, Response,
    ResponseAction, Spec, Validation, Variable,
};
pub use read::{DocumentError, DocumentErrorKind, read_policy};
pub(crate) use resources::Target;
pub use resources::{Operation, ResourceMatch, ResourceRule};
