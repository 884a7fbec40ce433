//! Functions over numbers.

mod bits;
mod extremes;

use super::{Answer, Function};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::value::Value;

pub(super) use bits::FUNCTIONS as BITS;
pub(super) use extremes::FUNCTIONS as EXTREMES;

const ROUNDS: &[&str] = &["double -> double"];
const ASKS: &[&str] = &["double -> bool"];
const KEEPS: &[&str] = &["double -> double", "int -> int", "uint -> uint"];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global("math.ceil", ROUNDS, |arguments, _| Ok(of_double(arguments, f64::ceil))),
    Function::global("math.floor", ROUNDS, |arguments, _| Ok(of_double(arguments, f64::floor))),
    // What is half way is rounded away from zero.
    Function::global("math.round", ROUNDS, |arguments, _| Ok(of_double(arguments, f64::round))),
    Function::global("math.trunc", ROUNDS, |arguments, _| Ok(of_double(arguments, f64::trunc))),
    Function::global("math.isNaN", ASKS, |arguments, _| Ok(of_double(arguments, f64::is_nan))),
    Function::global("math.isInf", ASKS, |arguments, _| Ok(of_double(arguments, f64::is_infinite))),
    Function::global("math.isFinite", ASKS, |arguments, _| Ok(of_double(arguments, f64::is_finite))),
    Function::global("math.abs", KEEPS, abs),
    Function::global("math.sign", KEEPS, sign),
    Function::global("math.sqrt", &["double -> double", "int -> double", "uint -> double"], sqrt),
];

fn of_double<'a, T: Into<Value<'a>>>(arguments: &[&Value<'a>], of: fn(f64) -> T) -> Option<Value<'a>> {
    if let [Value::Double(number)] = arguments { Some(of(*number).into()) } else { None }
}

fn abs<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    Ok(Some(match arguments {
        [Value::Double(number)] => Value::Double(number.abs()),
        [Value::Int(number)] => Value::Int(number.checked_abs().ok_or(EvaluationErrorKind::IntegerOverflow)?),
        [Value::Uint(number)] => Value::Uint(*number),
        _ => return Ok(None),
    }))
}

fn sign<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    Ok(Some(match arguments {
        [Value::Double(number)] if number.is_nan() => Value::Double(f64::NAN),
        [Value::Double(number)] if *number == 0.0 => Value::Double(0.0),
        [Value::Double(number)] => Value::Double(number.signum()),
        [Value::Int(number)] => Value::Int(number.signum()),
        [Value::Uint(number)] => Value::Uint((*number).min(1)),
        _ => return Ok(None),
    }))
}

#[expect(clippy::cast_precision_loss, reason = "the root of the nearest double is asked for")]
fn sqrt<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    let number = match arguments {
        [Value::Double(number)] => *number,
        [Value::Int(number)] => *number as f64,
        [Value::Uint(number)] => *number as f64,
        _ => return Ok(None),
    };
    Ok(Some(Value::Double(number.sqrt())))
}
