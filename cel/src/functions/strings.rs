//! Functions over text.

use super::{MACHINE_LIMIT, Unprepared, prepare};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::value::Value;
use regex::Regex;

/// The answer to a question about two strings.
fn ask<'a>(
    arguments: &[Value<'a>],
    budget: &mut Budget,
    question: impl FnOnce(&str, &str) -> bool,
) -> Result<Option<Value<'a>>, Fault> {
    let [Value::String(text), Value::String(part)] = arguments else { return Ok(None) };
    budget.charge_bytes(text.len())?;
    Ok(Some(Value::Bool(question(text, part))))
}

pub(super) fn starts_with<'a>(
    arguments: &[Value<'a>],
    budget: &mut Budget,
) -> Result<Option<Value<'a>>, Fault> {
    ask(arguments, budget, |text, part| text.starts_with(part))
}

pub(super) fn ends_with<'a>(
    arguments: &[Value<'a>],
    budget: &mut Budget,
) -> Result<Option<Value<'a>>, Fault> {
    ask(arguments, budget, |text, part| text.ends_with(part))
}

pub(super) fn contains<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Result<Option<Value<'a>>, Fault> {
    ask(arguments, budget, |text, part| text.contains(part))
}

pub(super) fn matches<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Result<Option<Value<'a>>, Fault> {
    let [Value::String(text), Value::String(pattern)] = arguments else { return Ok(None) };
    budget.charge_bytes(text.len())?;
    Ok(Some(Value::Bool(prepared(pattern, budget)?.is_match(text))))
}

/// A pattern that only the evaluation knows; constant ones never get here.
///
/// How long it takes to prepare one is known only by doing it, so that a small machine is tried first.
fn prepared(pattern: &str, budget: &mut Budget) -> Result<Regex, EvaluationErrorKind> {
    const SMALL: usize = 64 << 10;
    const STEPS: u64 = 4_000;
    const STEPS_IF_LARGE: u64 = 100_000;
    budget.charge(STEPS)?;
    budget.charge_bytes(pattern.len())?;
    let mut prepared = prepare(pattern, SMALL);
    if let Err(Unprepared::TooLarge(_)) = prepared {
        budget.charge(STEPS_IF_LARGE)?;
        prepared = prepare(pattern, MACHINE_LIMIT);
    }
    prepared.map_err(|error| EvaluationErrorKind::Regex(error.to_string()))
}
