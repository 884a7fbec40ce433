//! Text that is being made.

use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;

pub(super) struct Output<'b> {
    pub(super) text: String,
    pub(super) budget: &'b mut Budget,
    /// Lists and maps around what is written.
    depth: usize,
}

impl<'b> Output<'b> {
    pub(super) const fn new(budget: &'b mut Budget) -> Self {
        Self { text: String::new(), budget, depth: 0 }
    }

    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), Fault> {
        Ok(self.budget.charge_bytes(bytes)?)
    }

    pub(super) fn push(&mut self, text: &str) -> Result<(), Fault> {
        self.charge(text.len())?;
        self.text.push_str(text);
        Ok(())
    }

    /// Writes a list or a map.
    pub(super) fn nested(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        /// Deeper values are not written: the stack is finite.
        const MAX_DEPTH: usize = 128;
        if self.depth == MAX_DEPTH {
            return Err(EvaluationErrorKind::TooDeep(MAX_DEPTH).into());
        }
        self.depth += 1;
        write(self)?;
        self.depth -= 1;
        Ok(())
    }
}
