//! What an evaluation answers.

use crate::error::EvaluationError;
use crate::value::Value;
use std::collections::BTreeSet;

/// What an expression comes to.
///
/// ```
/// use cel::{AttributePattern, Budget, Environment, Outcome, Program, StaticType};
///
/// let environment = Environment::standard().with_variable("pod", StaticType::Dyn);
/// let input = serde_json::json!({"pod": {"name": "web"}});
/// let labels = [AttributePattern::variable("pod").field("labels")];
/// let said = |source| {
///     let program = Program::compile(&environment, source).unwrap();
///     match program.evaluate_partial(&input, &labels, &mut Budget::default()) {
///         Outcome::Value(value) => format!("is {value}"),
///         Outcome::Error(error) => format!("fails at {}: {error}", error.position),
///         Outcome::Unknown(paths) => format!("depends on {paths:?}"),
///     }
/// };
/// assert_eq!(said("pod.name + '!'"), "is \"web!\"");
/// assert_eq!(said("pod.image"), "fails at 1:5: no such key: image");
/// assert_eq!(said("pod.labels.app == 'web'"), "depends on {\"/pod/labels\"}");
/// ```
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
