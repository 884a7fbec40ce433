//! Patterns of what is unknown.

use crate::value::{Key, Value};

/// A pattern of the parts of the input that are unknown, whatever the input says: a variable, and what is selected
/// from it. As in cel-go, an expression that reads what a pattern matches, something below it, or all of something
/// that it is a part of, is unknown.
///
/// ```
/// use cel::{AttributePattern, Budget, Environment, Outcome, Program, StaticType};
///
/// let environment = Environment::standard().with_variable("pod", StaticType::Dyn);
/// let program = Program::compile(&environment, "pod.status.phase == 'Running' || pod.name == 'web'").unwrap();
/// let input = serde_json::json!({"pod": {"name": "web"}});
///
/// let status = [AttributePattern::variable("pod").field("status")];
/// let outcome = program.evaluate_partial(&input, &status, &mut Budget::default());
/// assert!(matches!(outcome, Outcome::Value(value) if value.as_bool() == Some(true)));
/// ```
#[derive(Clone, Debug)]
pub struct AttributePattern {
    variable: String,
    qualifiers: Vec<Qualifier>,
}

#[derive(Clone, Debug)]
enum Qualifier {
    Any,
    Is(Key<'static>),
}

impl AttributePattern {
    /// All of a variable, by the name that it was declared with.
    #[must_use]
    pub fn variable(name: impl Into<String>) -> Self {
        Self { variable: name.into(), qualifiers: Vec::new() }
    }

    /// The field of that name of what the pattern matches so far.
    #[must_use]
    pub fn field(self, name: impl Into<String>) -> Self {
        self.key(Key::String(name.into().into()))
    }

    /// The element or the entry with that key.
    #[must_use]
    pub fn key(mut self, key: Key<'static>) -> Self {
        self.qualifiers.push(Qualifier::Is(key));
        self
    }

    /// Every field, element or entry.
    #[must_use]
    pub fn any(mut self) -> Self {
        self.qualifiers.push(Qualifier::Any);
        self
    }

    pub(crate) fn is_about(&self, variable: &str) -> bool {
        self.variable == variable
    }

    /// How many of the steps the pattern has a word about.
    pub(crate) const fn length(&self) -> usize {
        self.qualifiers.len()
    }

    /// Whether the pattern allows a step; one behind its end is allowed, too. A key that is unknown is only what every
    /// key is.
    pub(crate) fn allows(&self, step: usize, key: Option<&Value<'_>>) -> bool {
        match self.qualifiers.get(step) {
            None | Some(Qualifier::Any) => true,
            Some(Qualifier::Is(wanted)) => key.and_then(Key::to_find).is_some_and(|key| key == *wanted),
        }
    }
}
