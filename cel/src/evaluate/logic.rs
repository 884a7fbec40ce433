//! `&&` and `||`, and with them `all` and `exists`.

use super::{Evaluator, Scope, Truth};
use crate::ast::Logic;
use crate::error::EvaluationErrorKind;
use crate::fault::Stop;
use crate::node::Node;
use crate::value::Type;

/// What the terms so far come to.
///
/// One term that decides is stronger than any failure, whatever the order; else unknowns are stronger than
/// errors, and the first error is the result.
pub(super) struct Terms {
    operator: Logic,
    /// Where the operator is.
    offset: usize,
    failure: Option<Stop>,
}

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn logic(
        &mut self,
        offset: usize,
        operator: Logic,
        terms: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Result<bool, Stop> {
        let mut so_far = Terms::new(operator, offset);
        for term in terms {
            if self.decides(&mut so_far, term, scope) {
                return Ok(so_far.deciding());
            }
        }
        so_far.undecided()
    }

    /// Whether the term decides; if not, it is added to the others.
    pub(super) fn decides(&mut self, so_far: &mut Terms, term: &'a Node, scope: Scope<'_, 'a>) -> bool {
        match self.node(term, scope) {
            Ok(Truth::True) => return so_far.deciding(),
            Ok(Truth::False) => return !so_far.deciding(),
            Ok(Truth::Other(of)) => so_far.add_other(of),
            Err(stop) => so_far.add(stop),
        }
        false
    }
}

impl Terms {
    pub(super) const fn new(operator: Logic, offset: usize) -> Self {
        Self { operator, offset, failure: None }
    }

    /// The value that decides by itself: true for `||`, false for `&&`.
    pub(super) const fn deciding(&self) -> bool {
        matches!(self.operator, Logic::Or)
    }

    #[cold]
    fn add_other(&mut self, of: Type) {
        let kind = EvaluationErrorKind::no_such_overload(self.operator.name(), &[of]);
        self.add(Stop::error(self.offset, kind));
    }

    #[cold]
    fn add(&mut self, stop: Stop) {
        self.failure = Some(match self.failure.take() {
            None | Some(Stop::Error(_)) if matches!(stop, Stop::Unknown(_)) => stop,
            None => stop,
            Some(earlier) => earlier.and(stop),
        });
    }

    /// The result when no term decided.
    pub(super) fn undecided(self) -> Result<bool, Stop> {
        let neither = !self.deciding();
        self.failure.map_or(Ok(neither), Err)
    }
}
