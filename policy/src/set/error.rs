//! Why a policy did not load, as a person sees it.

use std::fmt;

use thiserror::Error;

use super::Source;
use crate::document::DocumentErrorKind;
use crate::schema::FieldError;
use crate::yaml::{self, Mistake, Position};

/// Why a policy did not load, and where. It shows as `file:line:column: sentence`, the line, and a caret.
#[derive(Clone, Debug)]
pub struct LoadError {
    /// The file, as its source names it.
    pub file: String,
    /// Where in the file.
    pub position: Position,
    /// Why. It shows as the sentence alone.
    pub kind: LoadErrorKind,
    shown: String,
}

/// Why a policy did not load.
#[derive(Clone, Debug, Error)]
#[expect(missing_docs, reason = "each variant's sentence says what it is")]
pub enum LoadErrorKind {
    #[error(transparent)]
    Yaml(#[from] yaml::ErrorKind),
    #[error(transparent)]
    Document(#[from] DocumentErrorKind),
    #[error("the expression does not compile: {0}")]
    Expression(cel::CompileError),
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error("the file has more mistakes than are shown; the rest of it was not read")]
    More,
    #[error("a policy named `{name}` was already read from {file}")]
    NameTaken { name: String, file: String },
}

impl LoadError {
    pub(crate) fn new(source: &Source, position: Position, kind: LoadErrorKind) -> Self {
        let shown = yaml::render(&source.file, &source.text, position, &kind.to_string());
        Self { file: source.file.clone(), position, kind, shown }
    }

    pub(crate) fn mistake(source: &Source, mistake: Mistake) -> Self {
        Self::new(source, mistake.position, DocumentErrorKind::from(mistake.kind).into())
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl std::error::Error for LoadError {}
