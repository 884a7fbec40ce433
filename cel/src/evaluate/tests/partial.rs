//! An input of which parts are unknown, and others failed.

use crate::error::{EvaluationError, EvaluationErrorKind};
use crate::input::{Array, Failure, Input, Lookup, Object};
use crate::position::Position;
use crate::value::Value;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// JSON in which the string `?` is unknown, and `!` failed.
pub(crate) struct Partial(BTreeMap<String, Part>);

enum Part {
    Unknown,
    Failed,
    Scalar(serde_json::Value),
    Object(Partial),
    Array(Vec<Part>),
}

impl Partial {
    /// # Panics
    /// The JSON is not an object.
    pub(crate) fn new(json: &serde_json::Value) -> Self {
        let Part::Object(object) = Part::new(json) else { panic!("{json} is no object") };
        object
    }
}

impl Part {
    fn new(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::String(text) if text == "?" => Self::Unknown,
            serde_json::Value::String(text) if text == "!" => Self::Failed,
            serde_json::Value::Array(elements) => Self::Array(elements.iter().map(Self::new).collect()),
            serde_json::Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), Self::new(value)));
                Self::Object(Partial(fields.collect()))
            }
            scalar => Self::Scalar(scalar.clone()),
        }
    }

    fn look_up(&self) -> Lookup<'_> {
        match self {
            Self::Unknown => Lookup::Unknown,
            Self::Failed => Lookup::Failed(Failure::Error(Box::new(EvaluationError {
                position: Position { offset: 7, line: 1, column: 8 },
                kind: EvaluationErrorKind::DivideByZero,
            }))),
            Self::Scalar(json) => Lookup::Found(Value::from(json)),
            Self::Object(object) => Lookup::Found(Value::object(object)),
            Self::Array(elements) => Lookup::Found(Value::array(elements)),
        }
    }
}

impl Input for Partial {
    fn variable(&self, _slot: usize, name: &str) -> Lookup<'_> {
        self.field(name)
    }
}

impl Object for Partial {
    fn field<'a>(&'a self, name: &str) -> Lookup<'a> {
        self.0.get(name).map_or(Lookup::Absent, Part::look_up)
    }

    fn size(&self) -> usize {
        self.0.len()
    }

    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a str) -> ControlFlow<()>) {
        let _: ControlFlow<()> = self.0.keys().try_for_each(|name| visit(name));
    }
}

impl Array for Vec<Part> {
    fn size(&self) -> usize {
        self.len()
    }

    fn get(&self, index: usize) -> Lookup<'_> {
        self.as_slice().get(index).map_or(Lookup::Absent, Part::look_up)
    }
}
