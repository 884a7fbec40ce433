//! What a test's variables are.

use std::collections::BTreeMap;

use cel::{EvaluationError, EvaluationErrorKind, Failure, Input, Lookup, Position, Value};
use serde_json::Value as Json;

use crate::value::{self, Unreadable, field};

#[derive(Debug)]
pub(super) struct Bindings(BTreeMap<String, Binding>);

/// `cel.expr.ExprValue`
#[derive(Debug)]
enum Binding {
    Value(Value<'static>),
    Error(EvaluationError),
    Unknown,
}

impl Bindings {
    /// Reads the test's bindings, and the constants among its declarations.
    pub(super) fn read(test: &Json) -> Result<Self, Unreadable> {
        let mut bindings = BTreeMap::new();
        for declaration in field(test, "type_env").and_then(Json::as_array).into_iter().flatten() {
            let constant = declaration["ident"].get("value");
            if let (Some(name), Some(constant)) = (declaration["name"].as_str(), constant) {
                bindings.insert(name.to_owned(), Binding::Value(value::from_json(constant)?));
            }
        }
        for (name, binding) in test["bindings"].as_object().into_iter().flatten() {
            bindings.insert(name.clone(), Binding::read(binding)?);
        }
        Ok(Self(bindings))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl Binding {
    fn read(binding: &Json) -> Result<Self, Unreadable> {
        if let Some(error) = binding.get("error") {
            let kind = EvaluationErrorKind::NoSuchAttribute(error.to_string());
            let position = Position { offset: 0, line: 1, column: 1 };
            return Ok(Self::Error(EvaluationError { position, kind }));
        }
        if binding.get("unknown").is_some() {
            return Ok(Self::Unknown);
        }
        value::from_json(&binding["value"]).map(Self::Value)
    }
}

impl Input for Bindings {
    fn variable(&self, _slot: usize, name: &str) -> Lookup<'_> {
        match self.0.get(name) {
            Some(Binding::Value(value)) => Lookup::Found(value.borrowed()),
            Some(Binding::Error(error)) => Lookup::Failed(Failure::Error(Box::new(error.clone()))),
            Some(Binding::Unknown) => Lookup::Unknown,
            None => Lookup::Absent,
        }
    }
}
