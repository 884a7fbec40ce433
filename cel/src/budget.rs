//! How much an evaluation may do.

use crate::error::EvaluationErrorKind;

/// The steps that evaluations may still take. A step is a node of the expression, an element compared or
/// a few bytes copied or searched; the same evaluation takes the same steps everywhere.
///
/// ```
/// use cel::{Budget, Environment, EvaluationErrorKind, Outcome, Program};
///
/// let source = "lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0))";
/// let program = Program::compile(&Environment::standard(), source).unwrap();
///
/// let mut budget = Budget::steps(50_000);
/// let outcome = program.evaluate(&(), &mut budget);
/// assert!(matches!(outcome, Outcome::Error(error) if error.kind == EvaluationErrorKind::BudgetExceeded));
/// assert!(budget.is_exceeded());
/// ```
#[derive(Clone, Debug)]
pub struct Budget {
    steps: u64,
    exceeded: bool,
}

/// There were fewer steps left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exceeded;

impl From<Exceeded> for EvaluationErrorKind {
    fn from(Exceeded: Exceeded) -> Self {
        Self::BudgetExceeded
    }
}

/// Bytes that are copied, compared or searched in one step.
const BYTES_A_STEP: u64 = 10;

impl Budget {
    /// This many steps.
    #[must_use]
    pub const fn steps(steps: u64) -> Self {
        Self { steps, exceeded: false }
    }

    /// The steps that are left.
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        self.steps
    }

    /// Whether an evaluation needed more than there was. Every later one fails at once.
    #[must_use]
    pub const fn is_exceeded(&self) -> bool {
        self.exceeded
    }

    pub(crate) fn charge(&mut self, steps: u64) -> Result<(), Exceeded> {
        match self.steps.checked_sub(steps) {
            Some(left) if !self.exceeded => self.steps = left,
            _ => self.exceeded = true,
        }
        if self.exceeded { Err(Exceeded) } else { Ok(()) }
    }

    /// Charges for going over so many bytes or elements.
    pub(crate) fn charge_bytes(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.charge((bytes as u64).div_ceil(BYTES_A_STEP))
    }
}

/// A million steps.
impl Default for Budget {
    fn default() -> Self {
        Self::steps(1_000_000)
    }
}
