//! The only YAML reader. It reads what the API server would be given: scalars mean what they mean to
//! `sigs.k8s.io/yaml`, through which kubectl sends every file (YAML 1.1 booleans and octal numbers, timestamps kept as
//! text), because a verdict about a file must be the verdict about the object that it becomes. It differs in one
//! thing: a key given twice is a mistake.

mod build;
mod decode;
mod locate;
mod node;
mod render;
mod resolve;
#[cfg(test)]
mod tests;

use thiserror::Error;

pub use build::documents;
pub use decode::{Mistake, MistakeKind, decode};
pub use locate::locate;
pub use node::{Entry, Node, Value};
pub use render::render;

/// A place in a text, for people: both count from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// Where a text begins.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// A text is read up to this size. The API server takes 3 MiB an object; a file holds several.
pub const MAX_BYTES: usize = 16 << 20;
/// Lists and maps lie in each other up to this deep, which is also what JSON readers take.
pub const MAX_DEPTH: usize = 128;
/// A document has up to so many values, those that its aliases repeat included.
pub const MAX_NODES: usize = 250_000;
/// A document's scalars have up to so many bytes, those that its aliases repeat included.
pub const MAX_SCALAR_BYTES: usize = 8 << 20;

/// Why a text could not be read, and where.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{kind}")]
pub struct Error {
    /// Where.
    pub position: Position,
    /// Why.
    pub kind: ErrorKind,
}

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Error)]
#[expect(missing_docs, reason = "each variant's sentence says what it is")]
pub enum ErrorKind {
    #[error("this is not YAML: {0}")]
    Syntax(String),
    #[error("the text has {0} bytes, and up to {MAX_BYTES} are read")]
    TooLong(usize),
    #[error("values lie in each other more than {MAX_DEPTH} deep")]
    TooDeep,
    #[error(
        "the document has more than {MAX_NODES} values or {MAX_SCALAR_BYTES} bytes of text once its aliases are replaced"
    )]
    TooMany,
    #[error("the key `{key}` is already on line {first}")]
    DuplicateKey { key: String, first: usize },
    #[error("a key must be a text, a number or a boolean")]
    Key,
    #[error("the alias is inside the value that it stands for")]
    AliasInsideItself,
    #[error("`<<` merges a mapping or a list of mappings")]
    Merge,
    #[error("`{text}` is not a {tag}")]
    Tag { text: String, tag: &'static str },
    #[error("`{0}` is not a number that JSON can say")]
    Number(String),
}
