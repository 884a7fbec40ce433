//! What can be wrong with an expression, when it is compiled and when it is evaluated.

use crate::position::Position;
use crate::value::{NetworkError, Type};
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

/// Why an evaluation failed. It shows as what happened, without the place.
///
/// ```
/// use cel::{Budget, Environment, EvaluationErrorKind, Outcome, Program};
///
/// let program = Program::compile(&Environment::standard(), "1 + 2 / (3 - 3)").unwrap();
/// let Outcome::Error(error) = program.evaluate(&(), &mut Budget::default()) else {
///     panic!("it fails");
/// };
/// assert_eq!(error.kind, EvaluationErrorKind::DivideByZero);
/// assert_eq!(format!("{}: {error}", error.position), "1:7: divide by zero");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationError {
    /// The part of the expression that failed.
    pub position: Position,
    /// What happened.
    pub kind: EvaluationErrorKind,
}

/// What can happen in an evaluation, in the words of cel-go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationErrorKind {
    /// A variable that the input does not have.
    #[error("no such attribute: {0}")]
    NoSuchAttribute(String),
    /// A key that the map does not have.
    #[error("no such key: {0}")]
    NoSuchKey(String),
    /// A value that cannot be a key.
    #[error("unsupported key type: {0}")]
    UnsupportedKeyType(&'static str),
    /// A map literal with the same key twice.
    #[error("failed with repeated key: {0}")]
    RepeatedKey(String),
    /// No function of that name takes arguments of these types.
    #[error("no such overload: {function}({arguments})")]
    NoSuchOverload {
        /// The function, or the operator as `_+_`.
        function: String,
        /// The arguments' types.
        arguments: String,
    },
    /// An index outside the list.
    #[error("index out of bounds: {0}")]
    IndexOutOfBounds(String),
    /// Signed integers that leave their 64 bits.
    #[error("integer overflow")]
    IntegerOverflow,
    /// Unsigned integers that leave their 64 bits.
    #[error("unsigned integer overflow")]
    UnsignedOverflow,
    /// A point in time outside the years 1 to 9999.
    #[error("timestamp overflow")]
    TimestampOverflow,
    /// More time than 292 years.
    #[error("duration overflow")]
    DurationOverflow,
    /// `x / 0`
    #[error("divide by zero")]
    DivideByZero,
    /// `x % 0`
    #[error("modulus by zero")]
    ModulusByZero,
    /// An order was asked of what is not a number.
    #[error("NaN values cannot be ordered")]
    NotOrdered,
    /// A number outside the range of the type that it was to become.
    #[error("range error: {value} is no {wanted}")]
    Range {
        /// The number.
        value: String,
        /// The type.
        wanted: &'static str,
    },
    /// Text that does not say what it was to become.
    #[error("type conversion error from {text} to {wanted}")]
    Conversion {
        /// The text, as a literal.
        text: String,
        /// The type.
        wanted: &'static str,
    },
    /// A time zone that is neither a name of the database nor an offset.
    #[error("unknown time zone {0}")]
    UnknownTimeZone(String),
    /// Text that is no address, or no network.
    #[error("{text} is no {wanted}: {reason}")]
    Network {
        /// The text, as a literal.
        text: String,
        /// The type.
        wanted: &'static str,
        /// What is wrong.
        reason: NetworkError,
    },
    /// Bytes that were to become text.
    #[error("invalid UTF-8 in bytes, cannot convert to string")]
    InvalidUtf8,
    /// A comprehension over what has no elements.
    #[error("got {0:?}, expected iterable type")]
    NotIterable(&'static str),
    /// A value that is not optional, where only an optional can be.
    #[error("got {0:?}, expected an optional value")]
    NotOptional(&'static str),
    /// The value of an optional that has none.
    #[error("optional.none() dereference")]
    NoValue,
    /// A code point that the text does not have.
    #[error("index out of range: {0}")]
    IndexOutOfRange(i64),
    /// A part of a text that would end before it begins.
    #[error("invalid substring range. start: {start}, end: {end}")]
    SubstringRange {
        /// The first code point.
        start: i64,
        /// The code point behind the last one.
        end: i64,
    },
    /// An element that was to be joined with others and is no text.
    #[error("join: invalid input: {0}")]
    NotJoinable(String),
    /// A part of a list that it does not have.
    #[error("cannot slice({start}, {end}), list is length {size}")]
    Slice {
        /// The first index.
        start: i64,
        /// The index behind the last one.
        end: i64,
        /// The elements of the list.
        size: usize,
    },
    /// A list was to be flattened less than not at all.
    #[error("level must be non-negative")]
    NegativeLevels,
    /// A list of fewer than no numbers, or of more than are made.
    #[error("lists.range: size {0} is negative or exceeds the maximum allowed")]
    RangeSize(i64),
    /// A list was to be sorted by values that have no order.
    #[error("list elements must be comparable")]
    NotComparable,
    /// A list was to be sorted by values of several types.
    #[error("list elements must have the same type")]
    NotOfOneType,
    /// The greatest or the least of nothing.
    #[error("{0}(list) argument must not be empty")]
    EmptyList(&'static str),
    /// Bits were to be shifted the other way.
    #[error("{function}() negative offset: {by}")]
    NegativeShift {
        /// The function.
        function: &'static str,
        /// How far they were to be shifted.
        by: i64,
    },
    /// Text to be formatted that ends inside a clause.
    #[error("could not parse formatting clause: unexpected end of string")]
    FormatEnd,
    /// A precision that is no number, or more than is written.
    #[error("could not parse formatting clause: the precision {0:?} is no number up to 100")]
    FormatPrecision(String),
    /// A clause that there is not.
    #[error("could not parse formatting clause: unrecognized formatting clause {0:?}")]
    FormatVerb(char),
    /// A clause without a value.
    #[error("index {0} out of range")]
    FormatIndex(usize),
    /// A value that the clause does not take.
    #[error("error during formatting: %{verb} takes {takes}, was given {found}")]
    FormatArgument {
        /// The clause's last character.
        verb: char,
        /// What it takes.
        takes: &'static str,
        /// The type of the value.
        found: String,
    },
    /// A value, or a key, that JSON has no form for.
    #[error("a value of type {0} has no form in JSON")]
    NotJson(&'static str),
    /// Text that was to be decoded.
    #[error("illegal base64 data: {0}")]
    Base64(String),
    /// A pattern that is no regular expression.
    #[error("invalid regular expression: {0}")]
    Regex(String),
    /// One part of each match was to be extracted.
    #[error("regular expression has more than one capturing group: {0}")]
    ManyGroups(String),
    /// What matches were to be replaced by.
    #[error("invalid replacement string {replacement}: {reason}")]
    Replacement {
        /// The replacement.
        replacement: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A part of the input that is computed, and whose own computation failed.
    #[error("computing {name} failed: {cause}")]
    Input {
        /// The variable, field or element.
        name: String,
        /// What failed; where it is an expression, the position is one there.
        cause: Box<EvaluationError>,
    },
    /// A call of a function that there is not, in an expression that was not checked.
    #[error("no such function: {0}")]
    NoSuchFunction(String),
    /// Values inside values inside values.
    #[error("values are nested more than {0} deep")]
    TooDeep(usize),
    /// The evaluation took more steps than it was given.
    #[error("the evaluation took more steps than its budget allows")]
    BudgetExceeded,
}

impl EvaluationErrorKind {
    /// The function does not take arguments of these types.
    pub(crate) fn no_such_overload(function: &str, types: &[Type]) -> Self {
        let types: Vec<_> = types.iter().map(|of| of.name()).collect();
        Self::NoSuchOverload { function: function.to_owned(), arguments: types.join(", ") }
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for EvaluationError {}
