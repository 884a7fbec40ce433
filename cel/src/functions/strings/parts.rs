//! Parts of text. Those of text that is borrowed are borrowed too.

use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::functions::{Answer, Function};
use crate::value::{Held, Str, Value};

pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    Function::member("charAt", &["string, int -> string"], char_at),
    Function::member("substring", &["string, int -> string", "string, int, int -> string"], substring),
    Function::member(
        "split",
        &["string, string -> list(string)", "string, string, int -> list(string)"],
        split,
    ),
    Function::member("trim", &["string -> string"], trim),
];

/// `part` has to lie in the text.
pub(in crate::functions) fn part<'a>(text: &Str<'a>, start: usize, end: usize) -> Value<'a> {
    match text {
        Held::Borrowed(text) => Value::from(&text[start..end]),
        Held::Shared(whole) if start == 0 && end == whole.len() => Value::String(text.clone()),
        Held::Shared(text) => Value::from(text[start..end].to_owned()),
    }
}

/// The byte at which a code point begins; past the last one, that is the text's end.
fn offset(text: &str, index: i64) -> Result<usize, EvaluationErrorKind> {
    let out_of_range = || EvaluationErrorKind::IndexOutOfRange(index);
    let place = usize::try_from(index).map_err(|_| out_of_range())?;
    let mut offsets = text.char_indices().map(|(offset, _)| offset).chain([text.len()]);
    offsets.nth(place).ok_or_else(out_of_range)
}

fn char_at<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(text), Value::Int(index)] = arguments else { return Ok(None) };
    budget.charge_bytes(text.len())?;
    let start = offset(text, *index)?;
    let end = text[start..].chars().next().map_or(start, |it| start + it.len_utf8());
    Ok(Some(part(text, start, end)))
}

fn substring<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let (text, start, end) = match arguments {
        [Value::String(text), Value::Int(start)] => (text, *start, None),
        [Value::String(text), Value::Int(start), Value::Int(end)] => (text, *start, Some(*end)),
        _ => return Ok(None),
    };
    if let Some(end) = end.filter(|end| start > *end) {
        return Err(EvaluationErrorKind::SubstringRange { start, end }.into());
    }
    budget.charge_bytes(text.len())?;
    let (start, end) = (offset(text, start)?, end.map_or(Ok(text.len()), |end| offset(text, end))?);
    Ok(Some(part(text, start, end)))
}

fn trim<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(text)] = arguments else { return Ok(None) };
    budget.charge_bytes(text.len())?;
    let start = text.len() - text.trim_start().len();
    Ok(Some(part(text, start, start + text.trim().len())))
}

fn split<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let (text, separator, limit) = match arguments {
        [Value::String(text), Value::String(separator)] => (text, separator, -1),
        [Value::String(text), Value::String(separator), Value::Int(limit)] => (text, separator, *limit),
        _ => return Ok(None),
    };
    budget.charge_bytes(text.len())?;
    // A negative limit is none.
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if limit == 0 {
        return Ok(Some(Value::list(Vec::new())));
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for (end, next) in gaps(text, separator).take(limit - 1) {
        budget.charge(1)?;
        parts.push(part(text, start, end));
        start = next;
    }
    // Nothing has no code points, but it is one part between separators.
    if !(text.is_empty() && separator.is_empty()) {
        parts.push(part(text, start, text.len()));
    }
    Ok(Some(Value::list(parts)))
}

/// Where a part ends and the next one begins: at separators, or, where those are empty, between code points.
fn gaps<'t>(text: &'t str, separator: &'t str) -> Box<dyn Iterator<Item = (usize, usize)> + 't> {
    if separator.is_empty() {
        return Box::new(text.char_indices().skip(1).map(|(offset, _)| (offset, offset)));
    }
    Box::new(text.match_indices(separator).map(|(offset, found)| (offset, offset + found.len())))
}
