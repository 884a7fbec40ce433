//! From a tree to a type: serde, with a position for each mistake.

mod decoder;

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeOwned, Expected, Unexpected};
use thiserror::Error;

use super::{Node, Position};
use crate::nearest::nearest;
use decoder::Decoder;

/// Something in a well-formed document that does not belong there, or is not there.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{kind}")]
pub struct Mistake {
    /// Where.
    pub position: Position,
    /// What.
    pub kind: MistakeKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Error)]
#[expect(missing_docs, reason = "each variant's sentence says what it is")]
pub enum MistakeKind {
    #[error("unknown field `{field}`{}", meant(*nearest))]
    UnknownField { field: String, nearest: Option<&'static str> },
    #[error("`{word}` is none of {}{}", list(known), meant(*nearest))]
    UnknownWord { word: String, known: &'static [&'static str], nearest: Option<&'static str> },
    #[error("missing field `{0}`")]
    Missing(&'static str),
    #[error("{wanted} is needed here, not {found}")]
    Type { wanted: String, found: String },
    #[error("exactly one of {} is needed here", list(.0))]
    OneOf(&'static [&'static str]),
    #[error("{0}")]
    Invalid(String),
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
}

fn list(known: &[&str]) -> String {
    known.join(", ")
}

/// Reads a type out of a tree. A field whose value is nothing counts as left out.
///
/// Every unknown field is reported, and of the other mistakes the first.
pub fn decode<T: DeserializeOwned>(node: &Node) -> Result<T, Vec<Mistake>> {
    let mistakes = RefCell::new(Vec::new());
    let result = T::deserialize(Decoder { node, mistakes: &mistakes });
    let mut mistakes = mistakes.into_inner();
    match result {
        Ok(value) if mistakes.is_empty() => Ok(value),
        Ok(_) => Err(mistakes),
        Err(DecodeError { position, kind }) => {
            mistakes.push(Mistake { position: position.unwrap_or(node.position), kind });
            mistakes.sort_by_key(|mistake| mistake.position);
            Err(mistakes)
        }
    }
}

/// A mistake whose place is filled in by whoever knows it.
#[derive(Debug)]
struct DecodeError {
    position: Option<Position>,
    kind: MistakeKind,
}

impl DecodeError {
    fn at(mut self, position: Position) -> Self {
        self.position.get_or_insert(position);
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.kind, f)
    }
}

impl std::error::Error for DecodeError {}

impl From<MistakeKind> for DecodeError {
    fn from(kind: MistakeKind) -> Self {
        Self { position: None, kind }
    }
}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        MistakeKind::Invalid(message.to_string()).into()
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        MistakeKind::Type { wanted: wanted.to_string(), found: found.to_string() }.into()
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let nearest = nearest(field, expected.iter().copied());
        MistakeKind::UnknownField { field: field.to_owned(), nearest }.into()
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        let nearest = nearest(word, known.iter().copied());
        MistakeKind::UnknownWord { word: word.to_owned(), known, nearest }.into()
    }

    fn missing_field(field: &'static str) -> Self {
        MistakeKind::Missing(field).into()
    }
}
