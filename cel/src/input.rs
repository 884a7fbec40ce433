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

/// Where an expression's variables come from. JSON is one: the fields of the object are the variables.
///
/// ```
/// use cel::{Budget, Environment, Input, Lookup, Outcome, Program, StaticType, Value};
///
/// struct Request<'r> {
///     path: &'r str,
///     user: Option<&'r str>,
/// }
///
/// impl Input for Request<'_> {
///     fn variable(&self, _slot: usize, name: &str) -> Lookup<'_> {
///         match name {
///             "path" => Lookup::Found(Value::from(self.path)),
///             // Who it is is told by somebody else, later.
///             "user" => self.user.map_or(Lookup::Unknown, |user| Lookup::Found(Value::from(user))),
///             _ => Lookup::Absent,
///         }
///     }
/// }
///
/// let environment = Environment::standard()
///     .with_variable("path", StaticType::String)
///     .with_variable("user", StaticType::String);
/// let program = Program::compile(&environment, "path.startsWith('/public/') || user == 'root'").unwrap();
///
/// let public = Request { path: "/public/index", user: None };
/// assert!(matches!(program.evaluate(&public, &mut Budget::default()), Outcome::Value(Value::Bool(true))));
/// let private = Request { path: "/private", user: None };
/// assert!(matches!(program.evaluate(&private, &mut Budget::default()), Outcome::Unknown(paths)
///     if paths.contains("/user")));
/// ```
pub trait Input {
    /// The variable declared with `name`, as the `slot`th (from 0) of the environment.
    fn variable(&self, slot: usize, name: &str) -> Lookup<'_>;
}

/// An object of the input: fields by name.
///
/// It is read while it is shared, hence `Sync`.
///
/// ```
/// use cel::{Budget, Environment, Input, Lookup, Object, Outcome, Program, StaticType, Value};
/// use std::ops::ControlFlow;
///
/// struct Container {
///     name: String,
///     args: Vec<String>,
/// }
///
/// impl Object for Container {
///     fn field<'a>(&'a self, name: &str) -> Lookup<'a> {
///         match name {
///             "name" => Lookup::Found(Value::from(&self.name)),
///             "args" => Lookup::Found(Value::array(&self.args)),
///             _ => Lookup::Absent,
///         }
///     }
///
///     fn size(&self) -> usize {
///         2
///     }
///
///     fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a str) -> ControlFlow<()>) {
///         let _ = ["name", "args"].into_iter().try_for_each(visit);
///     }
/// }
///
/// impl Input for Container {
///     fn variable(&self, _slot: usize, _name: &str) -> Lookup<'_> {
///         Lookup::Found(Value::object(self))
///     }
/// }
///
/// let environment = Environment::standard().with_variable("container", StaticType::Dyn);
/// let container = Container { name: "web".to_owned(), args: vec!["--port=80".to_owned()] };
/// for source in ["container.name == 'web'", "'--port=80' in container.args", "!has(container.image)"] {
///     let program = Program::compile(&environment, source).unwrap();
///     let outcome = program.evaluate(&container, &mut Budget::default());
///     assert!(matches!(outcome, Outcome::Value(Value::Bool(true))), "{source}");
/// }
/// ```
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

/// An array of the input. A `Vec` of what has a [`Value`] is one.
///
/// It is read while it is shared, hence `Sync`.
///
/// ```
/// use cel::{Array, Budget, Environment, Input, Lookup, Outcome, Program, StaticType, Value};
///
/// /// Squares, none of which is kept.
/// struct Squares;
///
/// impl Array for Squares {
///     fn size(&self) -> usize {
///         100
///     }
///
///     fn get(&self, index: usize) -> Lookup<'_> {
///         let index = i64::try_from(index).ok().filter(|index| *index < 100);
///         Lookup::from(index.map(|index| Value::Int(index * index)))
///     }
/// }
///
/// impl Input for Squares {
///     fn variable(&self, _slot: usize, _name: &str) -> Lookup<'_> {
///         Lookup::Found(Value::array(self))
///     }
/// }
///
/// let environment = Environment::standard().with_variable("squares", StaticType::list(StaticType::Int));
/// let program = Program::compile(&environment, "squares[12] == 144 && squares.exists(s, s > 9000)").unwrap();
/// let outcome = program.evaluate(&Squares, &mut Budget::default());
/// assert!(matches!(outcome, Outcome::Value(Value::Bool(true))));
/// ```
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
