//! Errors: before an evaluation, and in it.

mod compile;
mod evaluation;

pub use compile::{CompileError, CompileErrorKind, CompileErrors, Style};
pub use evaluation::{EvaluationError, EvaluationErrorKind};
