//! Where one text is in another; places are counted in code points.

use crate::budget::{Budget, Exceeded};
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::functions::{Answer, Function};
use crate::value::Value;

pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    Function::member("indexOf", &["string, string -> int", "string, string, int -> int"], index_of),
    Function::member("lastIndexOf", &["string, string -> int", "string, string, int -> int"], last_index_of),
];

const NOT_FOUND: Value<'static> = Value::Int(-1);

fn index_of<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let (text, part, from) = match arguments {
        [Value::String(text), Value::String(part)] => (text, part, 0),
        [Value::String(text), Value::String(part), Value::Int(from)] => (text, part, *from),
        _ => return Ok(None),
    };
    charge(text, part, budget)?;
    let from = match place(text, part, from)? {
        Place::Inside(offset) => offset,
        Place::Answer(answer) => return Ok(Some(answer)),
    };
    Ok(Some(match text[from..].find(&**part) {
        Some(found) => count(&text[..from + found]),
        None => NOT_FOUND,
    }))
}

fn last_index_of<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let (text, part, from) = match arguments {
        [Value::String(text), Value::String(part)] => (text, part, None),
        [Value::String(text), Value::String(part), Value::Int(from)] => (text, part, Some(*from)),
        _ => return Ok(None),
    };
    charge(text, part, budget)?;
    let end = match from.map(|from| place(text, part, from)).transpose()? {
        None => text.len(),
        Some(Place::Answer(answer)) => return Ok(Some(answer)),
        // What is found begins there at the latest.
        Some(Place::Inside(offset)) => text.floor_char_boundary(offset.saturating_add(part.len())),
    };
    Ok(Some(match text[..end].rfind(&**part) {
        Some(found) => count(&text[..found]),
        None => NOT_FOUND,
    }))
}

fn charge(text: &str, part: &str, budget: &mut Budget) -> Result<(), Exceeded> {
    budget.charge_bytes(text.len().saturating_add(part.len()))
}

/// Where to begin to search.
enum Place {
    /// At this byte of the text.
    Inside(usize),
    /// It need not be searched.
    Answer(Value<'static>),
}

/// The place of a code point. Empty text is found wherever it is looked for, and at the end by who looks behind it.
fn place(text: &str, part: &str, from: i64) -> Result<Place, Fault> {
    let out_of_range = EvaluationErrorKind::IndexOutOfRange(from);
    let Ok(index) = usize::try_from(from) else { return Err(out_of_range.into()) };
    if let Some((offset, _)) = text.char_indices().nth(index) {
        return Ok(if part.is_empty() { Place::Answer(Value::Int(from)) } else { Place::Inside(offset) });
    }
    match count(text) {
        size if part.is_empty() => Ok(Place::Answer(size)),
        Value::Int(size) if size == from => Ok(Place::Answer(NOT_FOUND)),
        _ => Err(out_of_range.into()),
    }
}

/// How many code points that is.
fn count(text: &str) -> Value<'static> {
    Value::Int(i64::try_from(text.chars().count()).unwrap_or(i64::MAX))
}
