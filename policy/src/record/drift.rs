//! A container that is weaker than its Pod declares.

use serde::Serialize;

use crate::observed::Change;

/// In what a container contradicts its Pod, so far as that was not told before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drift {
    /// Each field with what is declared, what is observed, and between which two it was lost.
    pub changes: Vec<Change>,
}
