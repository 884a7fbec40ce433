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
    Unknown(BTreeSet<String>),
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
            Outcome::Unknown(paths) => Lookup::Failed(Failure::Unknown(paths)),
        }
    }
}
