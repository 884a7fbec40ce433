//! A failure before the evaluator has said where it happened, and after.

use crate::budget::Exceeded;
use crate::error::EvaluationErrorKind;
use crate::input::{Failure, Lookup};
use crate::value::{Type, Value, evidence};
use std::collections::BTreeSet;

/// Why a node gave no value.
///
/// Lines and columns are counted when the evaluation is over: most failures are outweighed before.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    Error(Box<Located>),
    /// The paths that it depends on.
    #[expect(clippy::box_collection, reason = "a set as it is would make every value that is moved larger")]
    Unknown(Box<BTreeSet<String>>),
}

/// An error and the offset of its node.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    pub(crate) offset: usize,
    pub(crate) kind: EvaluationErrorKind,
}

impl Stop {
    #[cold]
    pub(crate) fn error(offset: usize, kind: impl Into<EvaluationErrorKind>) -> Self {
        Self::Error(Box::new(Located { offset, kind: kind.into() }))
    }

    /// It depends on what is at these paths.
    pub(crate) fn unknown(paths: BTreeSet<String>) -> Self {
        Self::Unknown(Box::new(paths))
    }

    /// What comes of two operands that both fail: the first decides, save that unknowns come together.
    pub(crate) fn and(self, later: Self) -> Self {
        match (self, later) {
            (Self::Unknown(mut paths), Self::Unknown(more)) => {
                paths.extend(*more);
                Self::Unknown(paths)
            }
            (first, _) => first,
        }
    }

    /// A part of the input, called `name`, failed by itself.
    pub(crate) fn failed(offset: usize, name: &str, failure: Failure) -> Self {
        match failure {
            Failure::Unknown(paths) => Self::Unknown(paths),
            Failure::Error(cause) => {
                Self::error(offset, EvaluationErrorKind::Input { name: evidence(name), cause })
            }
        }
    }
}

/// Why an operator or a function gave no value.
#[derive(Debug)]
pub(crate) enum Fault {
    Error(Box<EvaluationErrorKind>),
    /// A part of an argument is unknown; the evaluator knows which paths the argument came from.
    Unknown,
    /// A part of the input failed by itself.
    Failed(Failure),
}

impl From<EvaluationErrorKind> for Fault {
    #[cold]
    fn from(kind: EvaluationErrorKind) -> Self {
        Self::Error(Box::new(kind))
    }
}

impl From<Exceeded> for Fault {
    #[cold]
    fn from(exceeded: Exceeded) -> Self {
        EvaluationErrorKind::from(exceeded).into()
    }
}

impl Fault {
    /// The function does not take arguments of these types.
    #[cold]
    pub(crate) fn no_such_overload(function: &str, types: &[Type]) -> Self {
        EvaluationErrorKind::no_such_overload(function, types).into()
    }
}

impl<'a> Lookup<'a> {
    /// What was found; `absent` says what it means that there is nothing.
    pub(crate) fn or_fault(self, absent: impl FnOnce() -> EvaluationErrorKind) -> Result<Value<'a>, Fault> {
        match self {
            Lookup::Found(value) => Ok(value),
            Lookup::Absent => Err(absent().into()),
            Lookup::Unknown => Err(Fault::Unknown),
            Lookup::Failed(failure) => Err(Fault::Failed(failure)),
        }
    }
}
