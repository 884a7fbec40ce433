//! `format`: text with clauses as `%.3f` in it, and a list of what they stand for.

mod pieces;
mod text;
mod verbs;

use super::output::Output;
use super::{Answer, Function};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::static_type::StaticType;
use crate::value::Value;
use pieces::{Piece, Pieces};

pub(super) use text::seconds;

pub(crate) const FORMAT: &str = "format";

pub(super) const FUNCTIONS: &[Function] =
    &[Function::member(FORMAT, &["string, list(dyn) -> string"], format)];

fn format<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(pattern), Value::List(values)] = arguments else { return Ok(None) };
    budget.charge_bytes(pattern.len())?;
    let mut output = Output::new(budget);
    let mut next = 0;
    for piece in Pieces::of(pattern) {
        match piece? {
            Piece::Text(text) => output.push(text)?,
            Piece::Clause(clause) => {
                let value = values.get(next).or_fault(|| EvaluationErrorKind::FormatIndex(next))?;
                clause.write(&value, &mut output)?;
                next += 1;
            }
        }
    }
    Ok(Some(Value::from(output.text)))
}

/// Holds types to the clauses that they are for, and answers how many of them there are. What fails has the place of
/// its type, if it is that.
pub(crate) fn hold(
    pattern: &str,
    types: &[StaticType],
) -> Result<usize, (Option<usize>, EvaluationErrorKind)> {
    let mut next = 0;
    for piece in Pieces::of(pattern) {
        let Piece::Clause(clause) = piece.map_err(|error| (None, error))? else { continue };
        let Some(of) = types.get(next) else { return Err((None, EvaluationErrorKind::FormatIndex(next))) };
        clause.hold(of).map_err(|error| (Some(next), error))?;
        next += 1;
    }
    Ok(next)
}
