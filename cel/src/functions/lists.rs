//! Functions over lists.

mod distinct;
mod sort;

use super::{Answer, Function, strings};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::value::{List, Optional, Value};

pub(super) use distinct::Members;
pub(crate) use sort::sort_by;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::member("first", &["list(A) -> optional(A)"], first),
    Function::member("last", &["list(A) -> optional(A)"], last),
    Function::member("slice", &["list(A), int, int -> list(A)"], slice),
    Function::member("flatten", &["list(list(A)) -> list(A)", "list(dyn), int -> list(dyn)"], flatten),
    Function::member("reverse", &["string -> string", "list(A) -> list(A)"], reverse),
    Function::member("distinct", &["list(A) -> list(A)"], distinct::distinct),
    Function::member(
        "sort",
        &[
            "list(int) -> list(int)",
            "list(uint) -> list(uint)",
            "list(double) -> list(double)",
            "list(bool) -> list(bool)",
            "list(duration) -> list(duration)",
            "list(timestamp) -> list(timestamp)",
            "list(string) -> list(string)",
            "list(bytes) -> list(bytes)",
        ],
        sort::sort,
    ),
    Function::global("lists.range", &["int -> list(int)"], range),
];

/// An element that has to be there.
pub(super) fn element<'a>(list: &List<'a>, index: usize, budget: &mut Budget) -> Result<Value<'a>, Fault> {
    budget.charge(1)?;
    list.get(index).or_fault(|| EvaluationErrorKind::IndexOutOfBounds(index.to_string()))
}

/// All elements. No more memory is taken than was charged for.
pub(super) fn elements<'a>(list: &List<'a>, budget: &mut Budget) -> Result<Vec<Value<'a>>, Fault> {
    (0..list.size()).map(|index| element(list, index, budget)).collect()
}

fn first<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::List(list)] = arguments else { return Ok(None) };
    optional_element(list, 0, budget)
}

fn last<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::List(list)] = arguments else { return Ok(None) };
    optional_element(list, list.size().saturating_sub(1), budget)
}

fn optional_element<'a>(list: &List<'a>, index: usize, budget: &mut Budget) -> Answer<'a> {
    let there = list.size() > 0;
    let found = there.then(|| element(list, index, budget)).transpose()?;
    Ok(Some(Value::Optional(Optional::from(found))))
}

fn slice<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::List(list), Value::Int(start), Value::Int(end)] = arguments else { return Ok(None) };
    let outside = || EvaluationErrorKind::Slice { start: *start, end: *end, size: list.size() };
    let index = |index: i64| usize::try_from(index).map_err(|_| outside());
    let (start, end) = (index(*start)?, index(*end)?);
    if start > end || end > list.size() {
        return Err(outside().into());
    }
    let elements: Result<_, Fault> = (start..end).map(|index| element(list, index, budget)).collect();
    elements.map(|elements| Some(Value::list(elements)))
}

fn reverse<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    match arguments {
        [Value::String(text)] => strings::reversed(text, budget),
        [Value::List(list)] => {
            let mut elements = elements(list, budget)?;
            elements.reverse();
            Ok(Some(Value::list(elements)))
        }
        _ => Ok(None),
    }
}

fn flatten<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let (list, levels) = match arguments {
        [Value::List(list)] => (list, 1),
        [Value::List(list), Value::Int(levels)] => (list, *levels),
        _ => return Ok(None),
    };
    let levels = usize::try_from(levels).map_err(|_| EvaluationErrorKind::NegativeLevels)?;
    let mut flat = Vec::new();
    add_flat(list, levels, 0, &mut flat, budget)?;
    Ok(Some(Value::list(flat)))
}

/// Adds the elements, and instead of lists theirs, so many levels deep.
fn add_flat<'a>(
    list: &List<'a>,
    levels: usize,
    depth: usize,
    flat: &mut Vec<Value<'a>>,
    budget: &mut Budget,
) -> Result<(), Fault> {
    /// Lists inside lists are walked no deeper: the stack is finite.
    const MAX_DEPTH: usize = 128;
    if depth > MAX_DEPTH {
        return Err(EvaluationErrorKind::TooDeep(MAX_DEPTH).into());
    }
    for index in 0..list.size() {
        match element(list, index, budget)? {
            Value::List(inner) if levels > 0 => add_flat(&inner, levels - 1, depth + 1, flat, budget)?,
            other => flat.push(other),
        }
    }
    Ok(())
}

fn range<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    /// cel-go makes no longer ones, whatever the budget.
    const LIMIT: u64 = 1_000_000;
    let [Value::Int(size)] = arguments else { return Ok(None) };
    let wanted = u64::try_from(*size).ok().filter(|wanted| *wanted <= LIMIT);
    let Some(wanted) = wanted else { return Err(EvaluationErrorKind::RangeSize(*size).into()) };
    budget.charge(wanted)?;
    Ok(Some(Value::list((0..*size).map(Value::Int).collect())))
}
