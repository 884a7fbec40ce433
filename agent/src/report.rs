//! Records on their way out: as JSON lines, or as text for a person at a terminal.

pub mod output;
mod queue;
pub mod text;
mod writer;

#[cfg(test)]
mod sample;

use std::io;

use policy::Record;

pub use output::{Counts, Output};
pub use text::Style;

/// How a record is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// What a person reads.
    Text(Style),
}

impl Format {
    /// The bytes of a record, its end of line included.
    ///
    /// # Errors
    /// None that records as they are can cause: their keys are texts.
    pub fn encode(self, record: &Record) -> io::Result<Vec<u8>> {
        match self {
            Self::Json => {
                let mut line = serde_json::to_vec(record)?;
                line.push(b'\n');
                Ok(line)
            }
            Self::Text(style) => Ok(text::text(record, style).into_bytes()),
        }
    }
}
