//! Functions over text.

mod parts;
mod rewrite;
mod search;

use super::{Answer, Function, MACHINE_LIMIT, MATCHES, Unprepared, prepare};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::value::Value;
use regex::Regex;

pub(super) use parts::FUNCTIONS as PARTS;
pub(super) use rewrite::{FUNCTIONS as REWRITE, reversed};
pub(super) use search::FUNCTIONS as SEARCH;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::member("startsWith", &["string, string -> bool"], starts_with),
    Function::member("endsWith", &["string, string -> bool"], ends_with),
    Function::member("contains", &["string, string -> bool"], contains),
    Function::global(MATCHES, &["string, string -> bool"], matches),
    Function::member(MATCHES, &["string, string -> bool"], matches),
];

/// The answer to a question about two strings.
fn ask<'a>(
    arguments: &[Value<'a>],
    budget: &mut Budget,
    question: impl FnOnce(&str, &str) -> bool,
) -> Answer<'a> {
    let [Value::String(text), Value::String(part)] = arguments else { return Ok(None) };
    budget.charge_bytes(text.len())?;
    Ok(Some(Value::Bool(question(text, part))))
}

fn starts_with<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Answer<'a> {
    ask(arguments, budget, |text, part| text.starts_with(part))
}

fn ends_with<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Answer<'a> {
    ask(arguments, budget, |text, part| text.ends_with(part))
}

fn contains<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Answer<'a> {
    ask(arguments, budget, |text, part| text.contains(part))
}

fn matches<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Answer<'a> {
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
