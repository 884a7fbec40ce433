//! What is known, and what cannot be.

use serde::{Serialize, Serializer};

/// A value, or the fact that it cannot be known at this point.
///
/// Expressions see [`Known::Unknown`] as CEL's unknown: a verdict that depends on it is `Unknown`. In JSON it is
/// `null`, which no field of an event is otherwise, and which is not the same as a field left out: that one is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Known<T> {
    /// The value.
    Known(T),
    /// It cannot be known here.
    #[default]
    Unknown,
}

impl<T> Known<T> {
    /// The same, borrowed.
    pub fn as_ref(&self) -> Known<&T> {
        match self {
            Known::Known(value) => Known::Known(value),
            Known::Unknown => Known::Unknown,
        }
    }

    /// The value, if it is known.
    pub fn known(self) -> Option<T> {
        match self {
            Known::Known(value) => Some(value),
            Known::Unknown => None,
        }
    }

    /// The same with the value changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Known::Known(value) => Known::Known(change(value)),
            Known::Unknown => Known::Unknown,
        }
    }
}

impl<T> From<T> for Known<T> {
    fn from(value: T) -> Self {
        Known::Known(value)
    }
}

impl<T: Serialize> Serialize for Known<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().known().serialize(serializer)
    }
}
