//! What an expression reads: the traits that an input implements, and their answers.

use crate::error::EvaluationError;
use crate::outcome::Outcome;
use crate::value::Value;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// The answer of an input to a look-up.
#[derive(Clone, Debug)]
pub enum Lookup<'a> {
    /// It is there.
    Found(Value<'a>),
    /// It is known not to be there.
    Absent,
    /// Whether it is there, and what it is, cannot be known here.
    Unknown,
    /// It is computed, and computing it failed.
    Failed(Failure),
}

/// Why an evaluation gave no value.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The expression failed.
    Error(Box<EvaluationError>),
    /// The value depends on these parts of the input, as JSON Pointers, which are unknown.
    Unknown(Box<BTreeSet<String>>),
}

/// Where an expression's variables come from.
pub trait Input {
    /// The variable declared with `name`, as the `slot`th (from 0) of the environment.
    fn variable(&self, slot: usize, name: &str) -> Lookup<'_>;
}

/// An object of the input: fields by name.
///
/// It is read while it is shared, hence `Sync`.
pub trait Object: Sync {
    /// The field of that name.
    fn field<'a>(&'a self, name: &str) -> Lookup<'a>;

    /// The field of that name, where it is an object of the input itself: the way through objects is the same as by
    /// [`field`](Self::field), but no value is made on it.
    fn object<'a>(&'a self, name: &str) -> Option<&'a dyn Object> {
        if let Lookup::Found(value) = self.field(name) { value.as_object() } else { None }
    }

    /// Whether there is a field of that name, as [`field`](Self::field) would say; None where it would say neither.
    fn has(&self, name: &str) -> Option<bool> {
        match self.field(name) {
            Lookup::Found(_) => Some(true),
            Lookup::Absent => Some(false),
            Lookup::Unknown | Lookup::Failed(_) => None,
        }
    }

    /// How many fields there are.
    fn size(&self) -> usize;

    /// Shows each field's name to `visit`, in an order that stays the same, until that breaks off.
    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a str) -> ControlFlow<()>);
}

/// An array of the input.
///
/// It is read while it is shared, hence `Sync`.
pub trait Array: Sync {
    /// How many elements there are.
    fn size(&self) -> usize;

    /// The element at an index from 0; Absent past the end.
    fn get(&self, index: usize) -> Lookup<'_>;
}

/// No variables at all.
impl Input for () {
    fn variable(&self, _slot: usize, _name: &str) -> Lookup<'_> {
        Lookup::Absent
    }
}

impl<'a> Lookup<'a> {
    /// A part that is there, or known not to be.
    #[inline]
    pub fn of<T>(part: Option<&'a T>) -> Self
    where
        Value<'a>: From<&'a T>,
    {
        // What is found is made where the caller wants it: no value is moved.
        match part {
            Some(part) => Lookup::Found(Value::from(part)),
            None => Lookup::Absent,
        }
    }
}

impl<'a> Lookup<'a> {
    pub(crate) fn borrowed(part: Option<&'a Value<'a>>) -> Self {
        match part {
            Some(part) => Lookup::Found(part.borrowed()),
            None => Lookup::Absent,
        }
    }

    pub(crate) fn cloned(part: Option<&Value<'a>>) -> Self {
        match part {
            Some(part) => Lookup::Found(part.clone()),
            None => Lookup::Absent,
        }
    }
}

impl<'a> From<Option<Value<'a>>> for Lookup<'a> {
    fn from(found: Option<Value<'a>>) -> Self {
        found.map_or(Lookup::Absent, Lookup::Found)
    }
}

impl<'a> From<Outcome<'a>> for Lookup<'a> {
    fn from(outcome: Outcome<'a>) -> Self {
        match outcome {
            Outcome::Value(value) => Lookup::Found(value),
            Outcome::Error(error) => Lookup::Failed(Failure::Error(Box::new(error))),
            Outcome::Unknown(paths) => Lookup::Failed(Failure::Unknown(Box::new(paths))),
        }
    }
}
