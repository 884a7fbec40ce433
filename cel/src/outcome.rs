//! What an evaluation answers.

use crate::error::EvaluationError;
use crate::value::Value;
use std::collections::BTreeSet;

/// What an expression comes to.
#[derive(Clone, Debug)]
pub enum Outcome<'a> {
    /// A value.
    Value(Value<'a>),
    /// An error, and where in the expression it happened.
    Error(EvaluationError),
    /// It depends on parts of the input that are unknown: these, as JSON Pointers (`/event/executable/origin`).
    ///
    /// Where an unknown part was reached through a value that the expression itself made (an element of a
    /// filtered list), the pointer is that of what the value was made from.
    Unknown(BTreeSet<String>),
}
