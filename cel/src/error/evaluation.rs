//! Why an evaluation failed.

use crate::position::Position;
use crate::value::{NetworkError, Type};
use std::fmt;

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
