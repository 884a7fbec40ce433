//! Functions over optional values.

use super::{Answer, Function, OPTIONAL_OR, OPTIONAL_OR_VALUE, lists};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::value::{Optional, Timestamp, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global("optional.of", &["A -> optional(A)"], of),
    Function::global("optional.none", &["-> optional(A)"], none),
    Function::global("optional.ofNonZeroValue", &["A -> optional(A)"], of_non_zero),
    Function::global("optional.unwrap", &["list(optional(A)) -> list(A)"], unwrap),
    Function::member("unwrapOpt", &["list(optional(A)) -> list(A)"], unwrap),
    Function::member("hasValue", &["optional(A) -> bool"], has_value),
    Function::member("value", &["optional(A) -> A"], value),
    Function::member(OPTIONAL_OR, &["optional(A), optional(A) -> optional(A)"], prepared),
    Function::member(OPTIONAL_OR_VALUE, &["optional(A), A -> A"], prepared),
];

/// No function is called: the compiler makes of it what evaluates the argument only where it is needed.
fn prepared<'a>(_: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    Ok(None)
}

fn of<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    let [value] = arguments else { return Ok(None) };
    Ok(Some(Value::Optional(Optional::of(Value::clone(value)))))
}

fn none<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    Ok(arguments.is_empty().then_some(Value::Optional(Optional::NONE)))
}

fn of_non_zero<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    let [value] = arguments else { return Ok(None) };
    let found = (!is_zero(value)).then(|| Value::clone(value));
    Ok(Some(Value::Optional(Optional::from(found))))
}

/// Whether it is what its type has where nothing was set.
fn is_zero(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Int(number) => *number == 0,
        Value::Uint(number) => *number == 0,
        Value::Double(number) => *number == 0.0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::List(list) => list.size() == 0,
        Value::Map(map) => map.size() == 0,
        // In Go, time begins with year 1.
        Value::Timestamp(timestamp) => *timestamp == Timestamp::MIN,
        Value::Duration(duration) => duration.nanoseconds() == 0,
        Value::Optional(_) | Value::Ip(_) | Value::Cidr(_) | Value::Type(_) => false,
    }
}

fn has_value<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    let [Value::Optional(optional)] = arguments else { return Ok(None) };
    Ok(Some(Value::Bool(optional.is_some())))
}

fn value<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    let [Value::Optional(optional)] = arguments else { return Ok(None) };
    optional.value().map(Some).ok_or(EvaluationErrorKind::NoValue.into())
}

/// What the optionals of a list hold.
fn unwrap<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::List(list)] = arguments else { return Ok(None) };
    let mut values = Vec::new();
    for index in 0..list.size() {
        match lists::element(list, index, budget)? {
            Value::Optional(optional) => values.extend(optional.value()),
            other => return Err(EvaluationErrorKind::NotOptional(other.type_of().name()).into()),
        }
    }
    Ok(Some(Value::list(values)))
}
