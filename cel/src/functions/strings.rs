//! Functions over text.

mod parts;
mod rewrite;
mod search;

use super::{Answer, Function, MATCHES};
use crate::budget::Budget;
use crate::regex::Regex;
use crate::value::Value;

pub(super) use parts::{FUNCTIONS as PARTS, part};
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
    arguments: &[&Value<'a>],
    budget: &mut Budget,
    question: impl FnOnce(&str, &str) -> bool,
) -> Answer<'a> {
    let [Value::String(text), Value::String(part)] = arguments else { return Ok(None) };
    budget.charge_bytes(text.len())?;
    Ok(Some(Value::Bool(question(text, part))))
}

fn starts_with<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    ask(arguments, budget, |text, part| text.starts_with(part))
}

fn ends_with<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    ask(arguments, budget, |text, part| text.ends_with(part))
}

fn contains<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    ask(arguments, budget, |text, part| text.contains(part))
}

/// For a pattern that only the evaluation knows; the compiler prepares a constant one.
fn matches<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(text), Value::String(pattern)] = arguments else { return Ok(None) };
    let pattern = Regex::charged(pattern, budget)?;
    Ok(Some(Value::Bool(pattern.is_match(text, budget)?)))
}
