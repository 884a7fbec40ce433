//! Optional values.

use crate::value::{Held, Value};
use std::sync::Arc;

/// A value, or none.
#[derive(Clone, Debug)]
pub struct Optional<'a>(Option<Held<'a, Value<'a>>>);

impl<'a> Optional<'a> {
    /// No value.
    pub const NONE: Self = Self(None);

    /// A value.
    #[must_use]
    pub fn of(value: Value<'a>) -> Self {
        Self(Some(Held::Shared(Arc::new(value))))
    }

    /// The value, if there is one.
    #[must_use]
    pub fn value(&self) -> Option<Value<'a>> {
        match &self.0 {
            None => None,
            Some(Held::Borrowed(value)) => Some(value.borrowed()),
            Some(Held::Shared(value)) => Some((**value).clone()),
        }
    }

    /// The same, where it is.
    pub(crate) fn get(&self) -> Option<&Value<'a>> {
        self.0.as_deref()
    }

    /// Whether there is one.
    #[must_use]
    pub const fn is_some(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn borrowed(&self) -> Optional<'_> {
        Optional(self.0.as_ref().map(Held::borrowed))
    }

    pub(crate) fn into_owned(self) -> Option<Optional<'static>> {
        Some(match self.value() {
            None => Optional::NONE,
            Some(value) => Optional::of(value.into_owned()?),
        })
    }
}

impl<'a> From<Option<Value<'a>>> for Optional<'a> {
    fn from(value: Option<Value<'a>>) -> Self {
        value.map_or(Self::NONE, Self::of)
    }
}
