//! Functions of regular expressions, whose patterns only the evaluation knows.

use super::strings::part;
use super::{Answer, Function};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::regex::{Match, Regex};
use crate::value::{Optional, Value, evidence};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global(
        "regex.replace",
        &["string, string, string -> string", "string, string, string, int -> string"],
        replace,
    ),
    Function::global("regex.extract", &["string, string -> optional(string)"], extract),
    Function::global("regex.extractAll", &["string, string -> list(string)"], extract_all),
];

/// The text with its matches replaced, up to so many of them.
fn replace<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let (text, pattern, replacement, times) = match arguments {
        [Value::String(text), Value::String(pattern), Value::String(replacement)] => {
            (text, pattern, replacement, -1)
        }
        [Value::String(text), Value::String(pattern), Value::String(replacement), Value::Int(times)] => {
            (text, pattern, replacement, *times)
        }
        _ => return Ok(None),
    };
    if times == 0 {
        return Ok(Some(Value::String(text.clone())));
    }
    let regex = Regex::charged(pattern, budget)?;
    let mut matches = regex.matches(text);
    let mut replaced = String::new();
    let mut rest = 0;
    // A negative number is no limit.
    let mut left = u64::try_from(times).unwrap_or(u64::MAX);
    while left > 0
        && let Some(found) = matches.next(budget)?
    {
        left -= 1;
        replaced.push_str(&text[rest..found.range.start]);
        expand(&mut replaced, replacement, text, &found, regex.groups(), budget)?;
        rest = found.range.end;
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
fn extract<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(text), Value::String(pattern)] = arguments else { return Ok(None) };
    let regex = single(pattern, budget)?;
    let found = regex.matches(text).next(budget)?;
    let range = found.and_then(|found| found.group(regex.groups()));
    // A group that matched nothing is as good as none, unlike a whole match.
    let range = range.filter(|range| regex.groups() == 0 || !range.is_empty());
    let value = range.map(|range| part(text, range.start, range.end));
    Ok(Some(Value::Optional(Optional::from(value))))
}

fn extract_all<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(text), Value::String(pattern)] = arguments else { return Ok(None) };
    let regex = single(pattern, budget)?;
    let mut matches = regex.matches(text);
    let mut values = Vec::new();
    while let Some(found) = matches.next(budget)? {
        let range = found.group(regex.groups());
        if let Some(range) = range.filter(|range| regex.groups() == 0 || !range.is_empty()) {
            budget.charge_bytes(range.len().saturating_add(1))?;
            values.push(part(text, range.start, range.end));
        }
    }
    Ok(Some(Value::list(values)))
}

/// A pattern with at most one group.
fn single(pattern: &str, budget: &mut Budget) -> Result<Regex, EvaluationErrorKind> {
    let regex = Regex::charged(pattern, budget)?;
    if regex.groups() > 1 {
        return Err(EvaluationErrorKind::ManyGroups(evidence(format_args!("{pattern:?}"))));
    }
    Ok(regex)
}
