//! `&&` and `||`, and with them `all` and `exists`.

use super::{Evaluated, Evaluator, Scope};
use crate::ast::Logic;
use crate::error::EvaluationErrorKind;
use crate::fault::Stop;
use crate::node::Node;
use crate::value::Value;
use std::collections::BTreeSet;

/// What the terms so far come to.
///
/// One term that decides is stronger than any failure, whatever the order; else unknowns are stronger than
/// errors, and the first error is the result.
pub(super) struct Terms {
    operator: Logic,
    /// Where the operator is.
    offset: usize,
    unknown: Option<BTreeSet<String>>,
    error: Option<Stop>,
}

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn logic(
        &mut self,
        offset: usize,
        operator: Logic,
        terms: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let mut so_far = Terms::new(operator, offset);
        for term in terms {
            if so_far.are_decided_by(self.node(term, scope)) {
                return Ok(so_far.decided());
            }
        }
        so_far.undecided()
    }
}

impl Terms {
    pub(super) const fn new(operator: Logic, offset: usize) -> Self {
        Self { operator, offset, unknown: None, error: None }
    }

    /// The value that decides by itself: true for `||`, false for `&&`.
    const fn deciding(&self) -> bool {
        matches!(self.operator, Logic::Or)
    }

    /// Whether the term decides; if not, it is added to the others.
    pub(super) fn are_decided_by(&mut self, term: Evaluated<'_>) -> bool {
        match term {
            Ok(Value::Bool(value)) => return value == self.deciding(),
            Ok(other) => {
                let stop = || Stop::error(self.offset, no_such_overload(self.operator, &other));
                self.error.get_or_insert_with(stop);
            }
            Err(Stop::Unknown(paths)) => self.unknown.get_or_insert_default().extend(paths),
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
        false
    }

    /// The result when a term decided.
    pub(super) const fn decided<'a>(&self) -> Value<'a> {
        Value::Bool(self.deciding())
    }

    /// The result when no term decided.
    pub(super) fn undecided<'a>(self) -> Evaluated<'a> {
        let neither = !self.deciding();
        match (self.unknown, self.error) {
            (Some(paths), _) => Err(Stop::Unknown(paths)),
            (None, Some(error)) => Err(error),
            (None, None) => Ok(Value::Bool(neither)),
        }
    }
}

fn no_such_overload(operator: Logic, term: &Value<'_>) -> EvaluationErrorKind {
    let arguments = term.type_of().name().to_owned();
    EvaluationErrorKind::NoSuchOverload { function: operator.name().to_owned(), arguments }
}
