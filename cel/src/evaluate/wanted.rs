//! What a node is evaluated for.

use crate::value::{Type, Value};

/// What the node around makes use of.
pub(super) trait Wanted<'a> {
    fn value(value: Value<'a>) -> Self;
    fn truth(truth: bool) -> Self;
}

/// All that a condition is asked.
pub(super) enum Truth {
    Is(bool),
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
}

impl<'a> Wanted<'a> for Truth {
    fn value(value: Value<'a>) -> Self {
        if let Value::Bool(truth) = value { Self::Is(truth) } else { Self::Other(value.type_of()) }
    }

    fn truth(truth: bool) -> Self {
        Self::Is(truth)
    }
}
