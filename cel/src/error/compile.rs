//! What is wrong with an expression that does not compile.

use super::EvaluationErrorKind;
use crate::position::Position;
use std::fmt;

/// Everything wrong with an expression that did not compile, in the order of the source; at least one. It shows as a
/// line each, with the place in the source before it.
///
/// ```
/// use cel::{Environment, Program};
///
/// let errors = Program::compile(&Environment::standard(), "'a' + 1 == x").unwrap_err();
/// let lines = [
///     "1:5: no matching overload for \"_+_\" applied to (string, int), expected (string, string)",
///     "1:12: undeclared name \"x\"",
/// ];
/// assert_eq!(errors.to_string(), lines.join("\n"));
/// assert_eq!(errors.iter().count(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct CompileErrors(pub(crate) Vec<CompileError>);

/// One thing wrong with an expression that did not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// Where it is.
    pub position: Position,
    /// What it is.
    pub kind: CompileErrorKind,
}

/// What can be wrong with an expression that does not compile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileErrorKind {
    /// The source is longer than is read.
    #[error("the expression has {size} bytes, more than {limit}")]
    TooLong {
        /// Bytes of the source.
        size: usize,
        /// Bytes that are read.
        limit: usize,
    },
    /// Expressions inside expressions inside expressions.
    #[error("the expression is nested more than {0} deep")]
    TooDeep(usize),
    /// A character that begins no token.
    #[error("unexpected character {0:?}{meant}", meant = nearest(doubled(*.0)))]
    Character(char),
    /// A token at a place where it cannot be.
    #[error("found {found}, expected {expected}")]
    Unexpected {
        /// The token.
        found: String,
        /// What could have been there.
        expected: &'static str,
    },
    /// A string or a quoted name without its end.
    #[error("the {0} does not end")]
    Unterminated(&'static str),
    /// A backslash followed by what it cannot be followed by.
    #[error("invalid escape in a {of}: {reason}")]
    Escape {
        /// `string` or `bytes`.
        of: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// A number that its type does not reach.
    #[error("{literal} is not {expected}")]
    Number {
        /// The literal.
        literal: String,
        /// What it should have been.
        expected: &'static str,
    },
    /// A word that the language keeps for itself.
    #[error("{0:?} is a reserved word")]
    Reserved(String),
    /// A name that is no variable, type or constant.
    #[error("undeclared name {name:?}{}", nearest(nearest_known.as_deref()))]
    UndeclaredName {
        /// The name.
        name: String,
        /// The most similar name that is known.
        nearest_known: Option<String>,
    },
    /// A call of a function that there is not.
    #[error("unknown {style} {name:?}{}", nearest(nearest_known.as_deref()))]
    UnknownFunction {
        /// The name.
        name: String,
        /// Whether `name(x)` or `x.name()` was asked for.
        style: Style,
        /// The most similar name that is known.
        nearest_known: Option<String>,
    },
    /// A function called with too many or too few arguments.
    #[error("{name:?} takes {expected} arguments, found {found}")]
    Arity {
        /// The function.
        name: String,
        /// How many it takes: `1`, `1 or 2`.
        expected: String,
        /// How many there are.
        found: usize,
    },
    /// A macro whose arguments are not what it needs.
    #[error("invalid use of the macro {name:?}: expected {expected}")]
    Macro {
        /// The macro.
        name: &'static str,
        /// How it is written.
        expected: &'static str,
    },
    /// A constant pattern that is no regular expression.
    #[error("invalid regular expression: {0}")]
    Regex(String),
    /// A function or an operator that does not take such arguments.
    #[error("no matching overload for {function:?} applied to {arguments}{}", expected_arguments(expected))]
    NoMatchingOverload {
        /// The function, or the operator as `_+_`.
        function: String,
        /// The types that there are: `(int, string)`, for a member function `string.(int)`.
        arguments: String,
        /// Those that there could be, if they are few.
        expected: Vec<String>,
    },
    /// Something of another type than is needed in its place.
    #[error("expected type {expected}, found {found}")]
    TypeMismatch {
        /// The type that is needed.
        expected: String,
        /// The type that there is.
        found: String,
    },
    /// A field that an object does not have.
    #[error("undefined field {field:?}{}", nearest(nearest_known.as_deref()))]
    UndefinedField {
        /// The field.
        field: String,
        /// The most similar one that the object has.
        nearest_known: Option<String>,
    },
    /// A field of what has no fields.
    #[error("type {found} has no fields, expected a map or an object")]
    NoFields {
        /// The type.
        found: String,
    },
    /// A macro over what has no elements.
    #[error("type {found} has no elements, expected a list or a map")]
    NotIterable {
        /// The type.
        found: String,
    },
    /// Types inside types inside types.
    #[error("the types in the expression are too large")]
    TypesTooLarge,
    /// A constant text that is not what it is to become.
    #[error("invalid {of}: {text}")]
    Literal {
        /// `duration` or `timestamp`.
        of: &'static str,
        /// The text, as a literal.
        text: String,
    },
    /// A constant text that is to be formatted, which could not be, with what it is given.
    #[error(transparent)]
    Format(Box<EvaluationErrorKind>),
    /// More values for a constant text than it has clauses.
    #[error("the text to be formatted has {clauses} clauses, found {values} values")]
    FormatValues {
        /// How many clauses.
        clauses: usize,
        /// How many values.
        values: usize,
    },
    /// A constant index of a type that no index can be of.
    #[error("a value of type {0} cannot be an index")]
    Key(&'static str),
    /// Syntax of the language that this environment does not offer.
    #[error("{0} are not supported")]
    Unsupported(&'static str),
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// `name(x)`
    Global,
    /// `x.name()`
    Member,
}

fn expected_arguments(expected: &[String]) -> String {
    if expected.is_empty() { String::new() } else { format!(", expected {}", expected.join(" or ")) }
}

fn nearest(known: Option<&str>) -> String {
    known.map_or_else(String::new, |name| format!(", did you mean {name:?}?"))
}

/// The operator that a character is half of.
const fn doubled(character: char) -> Option<&'static str> {
    match character {
        '=' => Some("=="),
        '&' => Some("&&"),
        '|' => Some("||"),
        _ => None,
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Global => "function",
            Self::Member => "member function",
        })
    }
}

impl CompileErrors {
    /// Each error.
    pub fn iter(&self) -> impl Iterator<Item = &CompileError> {
        self.0.iter()
    }

    /// Each error with its line of the source and a caret below its place, for a terminal.
    ///
    /// ```
    /// use cel::{Environment, Program};
    ///
    /// let source = "1 == 1 &&\n  siz('abc') == 3";
    /// let errors = Program::compile(&Environment::standard(), source).unwrap_err();
    /// assert_eq!(
    ///     errors.render(source),
    ///     "2:3: unknown function \"siz\", did you mean \"size\"?\n  siz('abc') == 3\n  ^"
    /// );
    /// ```
    #[must_use]
    pub fn render(&self, source: &str) -> String {
        let one =
            |error: &CompileError| format!("{}: {error}\n{}", error.position, error.position.caret(source));
        self.iter().map(one).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for CompileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{}: {error}", error.position)?;
        }
        Ok(())
    }
}

impl std::error::Error for CompileErrors {}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for CompileError {}
