//! Operators on values.

use super::wanted::Wanted;
use crate::ast::{Binary, Unary};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::input::Lookup;
use crate::value::{Duration, Held, Key, List, Map, Timestamp, Value, equal, order};
use std::ops::ControlFlow;

pub(super) fn negate<'a>(operand: &Value<'a>) -> Result<Value<'a>, Fault> {
    match operand {
        Value::Int(value) => {
            value.checked_neg().map(Value::Int).ok_or(EvaluationErrorKind::IntegerOverflow.into())
        }
        Value::Double(value) => Ok(Value::Double(-value)),
        Value::Duration(value) => {
            value.checked_neg().map(Value::Duration).ok_or(EvaluationErrorKind::DurationOverflow.into())
        }
        _ => Err(Fault::no_such_overload(Unary::Negate.name(), &[operand.type_of()])),
    }
}

pub(super) fn binary<'a, W: Wanted<'a>>(
    operator: Binary,
    one: &Value<'a>,
    two: &Value<'a>,
    budget: &mut Budget,
) -> Result<W, Fault> {
    match operator {
        Binary::Equal => equal(one, two, budget).map(W::truth),
        Binary::NotEqual => equal(one, two, budget).map(|equal| W::truth(!equal)),
        Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
            ordered(operator, one, two, budget).map(W::truth)
        }
        Binary::In => contains(one, two, budget).map(W::truth),
        Binary::Add => add(one, two, budget).map(W::value),
        Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Remainder => {
            arithmetic(operator, one, two).map(W::value)
        }
    }
}

fn no_overload(operator: Binary, one: &Value<'_>, two: &Value<'_>) -> Fault {
    Fault::no_such_overload(operator.name(), &[one.type_of(), two.type_of()])
}

fn ordered(operator: Binary, one: &Value<'_>, two: &Value<'_>, budget: &mut Budget) -> Result<bool, Fault> {
    let order = order(one, two, budget).ok_or_else(|| no_overload(operator, one, two))??;
    Ok(match operator {
        Binary::Less => order.is_lt(),
        Binary::LessOrEqual => order.is_le(),
        Binary::Greater => order.is_gt(),
        _ => order.is_ge(),
    })
}

fn contains(element: &Value<'_>, of: &Value<'_>, budget: &mut Budget) -> Result<bool, Fault> {
    match of {
        Value::List(list) => list_contains(list, element, budget),
        Value::Map(map) => map_contains(map, element, budget),
        _ => Err(no_overload(Binary::In, element, of)),
    }
}

/// An element that is equal outweighs those that are unknown.
fn list_contains(list: &List<'_>, element: &Value<'_>, budget: &mut Budget) -> Result<bool, Fault> {
    budget.charge_bytes(element.as_str().map_or(0, str::len))?;
    if let Some(contains) = list.set_contains(element) {
        return Ok(contains);
    }
    let mut result = Ok(false);
    // What broke it off is the result.
    let _: ControlFlow<()> = list.each(&mut |other| {
        match is(element, &other, budget) {
            Ok(false) => return ControlFlow::Continue(()),
            Err(Fault::Unknown) => {
                result = Err(Fault::Unknown);
                return ControlFlow::Continue(());
            }
            decided => result = decided,
        }
        ControlFlow::Break(())
    });
    result
}

/// Whether an element of a list is the one that is looked for.
fn is(element: &Value<'_>, other: &Lookup<'_>, budget: &mut Budget) -> Result<bool, Fault> {
    budget.charge(1)?;
    match (element, other) {
        (Value::Int(one), Lookup::Found(Value::Int(two))) => Ok(one == two),
        (_, Lookup::Found(other)) => equal(element, other, budget),
        (_, Lookup::Failed(failure)) => Err(Fault::Failed(failure.clone())),
        (_, Lookup::Absent | Lookup::Unknown) => Err(Fault::Unknown),
    }
}

fn map_contains(map: &Map<'_>, key: &Value<'_>, budget: &mut Budget) -> Result<bool, Fault> {
    budget.charge_bytes(key.as_str().map_or(0, str::len))?;
    let Some(key) = Key::to_find(key) else { return Ok(false) };
    match map.get(&key) {
        Lookup::Found(_) => Ok(true),
        Lookup::Absent => Ok(false),
        Lookup::Unknown => Err(Fault::Unknown),
        Lookup::Failed(failure) => Err(Fault::Failed(failure)),
    }
}

fn add<'a>(one: &Value<'a>, two: &Value<'a>, budget: &mut Budget) -> Result<Value<'a>, Fault> {
    Ok(match (one, two) {
        (Value::String(one), Value::String(two)) => {
            budget.charge_bytes(one.len().saturating_add(two.len()))?;
            Value::from([&**one, &**two].concat())
        }
        (Value::Bytes(one), Value::Bytes(two)) => {
            budget.charge_bytes(one.len().saturating_add(two.len()))?;
            Value::Bytes(Held::from([&**one, &**two].concat()))
        }
        (Value::List(one), Value::List(two)) => {
            budget.charge_bytes(one.size().saturating_add(two.size()))?;
            let joined = List::joined(one.clone(), two.clone());
            Value::List(joined.ok_or(EvaluationErrorKind::BudgetExceeded)?)
        }
        _ => return arithmetic(Binary::Add, one, two),
    })
}

fn arithmetic<'a>(operator: Binary, one: &Value<'_>, two: &Value<'_>) -> Result<Value<'a>, Fault> {
    match (one, two) {
        (Value::Int(one), Value::Int(two)) => ints(operator, *one, *two).map(Value::Int).map_err(Fault::from),
        (Value::Uint(one), Value::Uint(two)) => {
            uints(operator, *one, *two).map(Value::Uint).map_err(Fault::from)
        }
        (Value::Double(one), Value::Double(two)) if operator != Binary::Remainder => {
            Ok(Value::Double(doubles(operator, *one, *two)))
        }
        _ => times(operator, one, two),
    }
}

fn times<'a>(operator: Binary, one: &Value<'_>, two: &Value<'_>) -> Result<Value<'a>, Fault> {
    let duration = |duration: Option<Duration>| duration.map(Value::Duration);
    let timestamp = |timestamp: Option<Timestamp>| timestamp.map(Value::Timestamp);
    let (result, overflow) = match (operator, one, two) {
        (Binary::Add, Value::Timestamp(one), Value::Duration(two))
        | (Binary::Add, Value::Duration(two), Value::Timestamp(one)) => {
            (timestamp(one.checked_add(*two)), EvaluationErrorKind::TimestampOverflow)
        }
        (Binary::Subtract, Value::Timestamp(one), Value::Duration(two)) => {
            (timestamp(one.checked_sub(*two)), EvaluationErrorKind::TimestampOverflow)
        }
        (Binary::Subtract, Value::Timestamp(one), Value::Timestamp(two)) => {
            (duration(one.since(*two)), EvaluationErrorKind::DurationOverflow)
        }
        (Binary::Add, Value::Duration(one), Value::Duration(two)) => {
            (duration(one.checked_add(*two)), EvaluationErrorKind::DurationOverflow)
        }
        (Binary::Subtract, Value::Duration(one), Value::Duration(two)) => {
            (duration(one.checked_sub(*two)), EvaluationErrorKind::DurationOverflow)
        }
        _ => return Err(no_overload(operator, one, two)),
    };
    result.ok_or_else(|| overflow.into())
}

fn ints(operator: Binary, one: i64, two: i64) -> Result<i64, EvaluationErrorKind> {
    let result = match operator {
        Binary::Divide if two == 0 => return Err(EvaluationErrorKind::DivideByZero),
        Binary::Remainder if two == 0 => return Err(EvaluationErrorKind::ModulusByZero),
        Binary::Add => one.checked_add(two),
        Binary::Subtract => one.checked_sub(two),
        Binary::Multiply => one.checked_mul(two),
        Binary::Divide => one.checked_div(two),
        _ => one.checked_rem(two),
    };
    result.ok_or(EvaluationErrorKind::IntegerOverflow)
}

fn uints(operator: Binary, one: u64, two: u64) -> Result<u64, EvaluationErrorKind> {
    let result = match operator {
        Binary::Divide if two == 0 => return Err(EvaluationErrorKind::DivideByZero),
        Binary::Remainder if two == 0 => return Err(EvaluationErrorKind::ModulusByZero),
        Binary::Add => one.checked_add(two),
        Binary::Subtract => one.checked_sub(two),
        Binary::Multiply => one.checked_mul(two),
        Binary::Divide => one.checked_div(two),
        _ => one.checked_rem(two),
    };
    result.ok_or(EvaluationErrorKind::UnsignedOverflow)
}

fn doubles(operator: Binary, one: f64, two: f64) -> f64 {
    match operator {
        Binary::Add => one + two,
        Binary::Subtract => one - two,
        Binary::Multiply => one * two,
        _ => one / two,
    }
}
