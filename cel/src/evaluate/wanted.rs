//! What a node is evaluated for.

use super::Evaluated;
use crate::fault::Stop;
use crate::value::{Type, Value};

/// What the node around makes use of.
pub(super) trait Wanted<'a>: Sized {
    fn value(value: Value<'a>) -> Self;
    fn truth(truth: bool) -> Self;

    /// The same of what was evaluated to a value.
    fn evaluated(result: Evaluated<'a>) -> Result<Self, Stop> {
        result.map(Self::value)
    }
}

/// All that a condition is asked: one byte.
pub(super) enum Truth {
    True,
    False,
    /// It is of another type.
    Other(Type),
}

impl<'a> Wanted<'a> for Value<'a> {
    fn value(value: Self) -> Self {
        value
    }

    fn truth(truth: bool) -> Self {
        Value::Bool(truth)
    }

    // Not taken apart, so that it is made where it is wanted and never moved.
    fn evaluated(result: Evaluated<'a>) -> Evaluated<'a> {
        result
    }
}

impl<'a> Wanted<'a> for Truth {
    fn value(value: Value<'a>) -> Self {
        if let Value::Bool(truth) = value { Self::truth(truth) } else { Self::Other(value.type_of()) }
    }

    fn truth(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }
}
