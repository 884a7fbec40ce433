//! Functions of regular expressions.

use super::strings::part;
use super::{Answer, Function};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::regex::{Match, Regex};
use crate::value::{Optional, Value, evidence};
use std::ops::Range;

const REPLACE: &str = "regex.replace";
const EXTRACT: &str = "regex.extract";
const EXTRACT_ALL: &str = "regex.extractAll";

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global(
        REPLACE,
        &["string, string, string -> string", "string, string, string, int -> string"],
        call_replace,
    ),
    Function::global(EXTRACT, &["string, string -> optional(string)"], call_extract),
    Function::global(EXTRACT_ALL, &["string, string -> list(string)"], call_extract_all),
];

/// What a function does with its pattern and its other arguments.
pub(crate) type Search =
    for<'a> fn(pattern: &Regex, arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a>;

/// The function of that name, for a pattern that is prepared. It is the second of its arguments.
pub(crate) fn search(name: &str) -> Option<Search> {
    match name {
        REPLACE => Some(replace),
        EXTRACT => Some(extract),
        EXTRACT_ALL => Some(extract_all),
        _ => None,
    }
}

/// A pattern that only the evaluation knows.
fn unprepared<'a>(arguments: &[&Value<'a>], budget: &mut Budget, search: Search) -> Answer<'a> {
    let [text, Value::String(pattern), rest @ ..] = arguments else { return Ok(None) };
    let others: Vec<_> = [text].into_iter().chain(rest).cloned().collect();
    search(&Regex::charged(pattern, budget)?, &others, budget)
}

fn call_replace<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    // The pattern is not even looked at.
    if let [Value::String(text), Value::String(_), Value::String(_), Value::Int(0)] = arguments {
        return Ok(Some(Value::String(text.clone())));
    }
    unprepared(arguments, budget, replace)
}

fn call_extract<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    unprepared(arguments, budget, extract)
}

fn call_extract_all<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    unprepared(arguments, budget, extract_all)
}

/// The text with its matches replaced, up to so many of them.
fn replace<'a>(regex: &Regex, arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let (text, replacement, times) = match arguments {
        [Value::String(text), Value::String(replacement)] => (text, replacement, -1),
        [Value::String(text), Value::String(replacement), Value::Int(times)] => (text, replacement, *times),
        _ => return Ok(None),
    };
    // A negative number is no limit.
    let mut left = u64::try_from(times).unwrap_or(u64::MAX);
    let mut matches = regex.matches(text);
    let mut replaced = String::new();
    let mut rest = 0;
    while left > 0
        && let Some(found) = matches.next(budget)?
    {
        left -= 1;
        replaced.push_str(&text[rest..found.range.start]);
        expand(&mut replaced, replacement, text, &found, regex.groups(), budget)?;
        rest = found.range.end;
    }
    if rest == 0 && replaced.is_empty() {
        return Ok(Some(Value::String(text.clone())));
    }
    replaced.push_str(&text[rest..]);
    Ok(Some(Value::from(replaced)))
}

/// Adds the replacement of a match, in which `\1` is the first group's part of it.
fn expand(
    to: &mut String,
    replacement: &str,
    text: &str,
    found: &Match,
    groups: usize,
    budget: &mut Budget,
) -> Result<(), EvaluationErrorKind> {
    budget.charge_bytes(replacement.len())?;
    let invalid = |reason| EvaluationErrorKind::Replacement { replacement: evidence(replacement), reason };
    let mut characters = replacement.chars();
    while let Some(next) = characters.next() {
        if next != '\\' {
            to.push(next);
            continue;
        }
        match characters.next() {
            Some('\\') => to.push('\\'),
            Some(digit @ '0'..='9') => {
                let group = digit as usize - '0' as usize;
                if group > groups {
                    return Err(invalid("the pattern has no such group"));
                }
                if let Some(range) = found.group(group) {
                    budget.charge_bytes(range.len())?;
                    to.push_str(&text[range]);
                }
            }
            Some(_) => return Err(invalid(r"\ must be followed by a digit or \")),
            None => return Err(invalid(r"\ not allowed at end")),
        }
    }
    Ok(())
}

/// The first match; where the pattern has a group, that part of it.
fn extract<'a>(regex: &Regex, arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(text)] = arguments else { return Ok(None) };
    let group = only_group(regex)?;
    let found = regex.matches(text).next(budget)?.and_then(|found| extracted(&found, group));
    let value = found.map(|range| part(text, range.start, range.end));
    Ok(Some(Value::Optional(Optional::from(value))))
}

fn extract_all<'a>(regex: &Regex, arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(text)] = arguments else { return Ok(None) };
    let group = only_group(regex)?;
    let mut matches = regex.matches(text);
    let mut values = Vec::new();
    while let Some(found) = matches.next(budget)? {
        if let Some(range) = extracted(&found, group) {
            budget.charge_bytes(range.len().saturating_add(1))?;
            values.push(part(text, range.start, range.end));
        }
    }
    Ok(Some(Value::list(values)))
}

/// The group whose part is extracted: the whole match is 0.
fn only_group(regex: &Regex) -> Result<usize, EvaluationErrorKind> {
    match regex.groups() {
        group @ 0..=1 => Ok(group),
        _ => Err(EvaluationErrorKind::ManyGroups(evidence(format_args!("{:?}", regex.pattern())))),
    }
}

/// A group that matched nothing is as good as none, unlike a whole match.
fn extracted(found: &Match, group: usize) -> Option<Range<usize>> {
    found.group(group).filter(|range| group == 0 || !range.is_empty())
}
