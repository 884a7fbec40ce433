//! `format`: text with clauses as `%.3f` in it, and a list of what they stand for.

mod text;
mod verbs;

use super::output::Output;
use super::{Answer, Function};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::value::{Value, evidence};

pub(super) use text::seconds;

pub(super) const FUNCTIONS: &[Function] =
    &[Function::member("format", &["string, list(dyn) -> string"], format)];

fn format<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(pattern), Value::List(values)] = arguments else { return Ok(None) };
    budget.charge_bytes(pattern.len())?;
    let mut output = Output::new(budget);
    let mut next = 0;
    let mut rest = &**pattern;
    while let Some((before, behind)) = rest.split_once('%') {
        output.push(before)?;
        if let Some(behind) = behind.strip_prefix('%') {
            output.push("%")?;
            rest = behind;
            continue;
        }
        let value = values.get(next).or_fault(|| EvaluationErrorKind::FormatIndex(next))?;
        next += 1;
        let (clause, behind) = Clause::parse(behind)?;
        clause.write(&value, &mut output)?;
        rest = behind;
    }
    output.push(rest)?;
    Ok(Some(Value::from(output.text)))
}

/// What stands behind a `%`.
struct Clause {
    verb: char,
    /// Digits behind the point.
    precision: usize,
}

impl Clause {
    /// The clause at the beginning of the text, and what is behind it.
    fn parse(text: &str) -> Result<(Self, &str), EvaluationErrorKind> {
        const DEFAULT: usize = 6;
        let (precision, behind) = match text.strip_prefix('.') {
            Some(digits) => precision(digits)?,
            None => (DEFAULT, text),
        };
        let mut symbols = behind.chars();
        let verb = symbols.next().ok_or(EvaluationErrorKind::FormatEnd)?;
        Ok((Self { verb, precision }, symbols.as_str()))
    }
}

/// The number at the beginning of the text, and what is behind it.
fn precision(text: &str) -> Result<(usize, &str), EvaluationErrorKind> {
    /// As in cel-go.
    const LIMIT: usize = 100;
    let end = text.find(|symbol: char| !symbol.is_ascii_digit()).unwrap_or(text.len());
    let (digits, behind) = text.split_at(end);
    match digits.parse() {
        Ok(precision) if precision <= LIMIT => Ok((precision, behind)),
        _ => Err(EvaluationErrorKind::FormatPrecision(evidence(digits))),
    }
}
