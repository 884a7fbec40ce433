//! Conversions between types.

use super::number;
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::value::{Held, Value, evidence};

type Converted<'a> = Result<Option<Value<'a>>, Fault>;

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

fn range(value: &Value<'_>, wanted: &'static str) -> Fault {
    EvaluationErrorKind::Range { value: evidence(value), wanted }.into()
}

/// What the text says, by `read`.
fn read<'a, T: Into<Value<'a>>>(
    text: &str,
    wanted: &'static str,
    budget: &mut Budget,
    read: fn(&str) -> Option<T>,
) -> Converted<'a> {
    budget.charge_bytes(text.len())?;
    match read(text) {
        Some(value) => Ok(Some(value.into())),
        None => Err(EvaluationErrorKind::Conversion { text: evidence(Value::from(text)), wanted }.into()),
    }
}

pub(super) fn type_of<'a>(arguments: &[Value<'a>], _: &mut Budget) -> Converted<'a> {
    Ok(arguments.first().map(|value| Value::Type(value.type_of())))
}

pub(super) fn dynamic<'a>(arguments: &[Value<'a>], _: &mut Budget) -> Converted<'a> {
    Ok(arguments.first().cloned())
}

pub(super) fn bool<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Converted<'a> {
    match arguments {
        [Value::Bool(value)] => Ok(Some(Value::Bool(*value))),
        [Value::String(text)] => read(text, "bool", budget, number::bool),
        _ => Ok(None),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the fraction is to go, and the range is looked at first"
)]
pub(super) fn int<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Converted<'a> {
    let [value] = arguments else { return Ok(None) };
    let int = match value {
        Value::Int(int) => *int,
        Value::Uint(uint) => i64::try_from(*uint).map_err(|_| range(value, "int"))?,
        // The bounds themselves are outside: they may have been rounded to.
        Value::Double(double) if *double > -TWO_TO_63 && *double < TWO_TO_63 => *double as i64,
        Value::Double(_) => return Err(range(value, "int")),
        Value::String(text) => return read(text, "int", budget, number::int),
        _ => return Ok(None),
    };
    Ok(Some(Value::Int(int)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the fraction is to go, and the range is looked at first"
)]
pub(super) fn uint<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Converted<'a> {
    let [value] = arguments else { return Ok(None) };
    let uint = match value {
        Value::Uint(uint) => *uint,
        Value::Int(int) => u64::try_from(*int).map_err(|_| range(value, "uint"))?,
        Value::Double(double) if *double >= 0.0 && *double < 2.0 * TWO_TO_63 => *double as u64,
        Value::Double(_) => return Err(range(value, "uint")),
        Value::String(text) => return read(text, "uint", budget, number::uint),
        _ => return Ok(None),
    };
    Ok(Some(Value::Uint(uint)))
}

#[expect(clippy::cast_precision_loss, reason = "the nearest double is asked for")]
pub(super) fn double<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Converted<'a> {
    let double = match arguments {
        [Value::Double(double)] => *double,
        [Value::Int(int)] => *int as f64,
        [Value::Uint(uint)] => *uint as f64,
        [Value::String(text)] => return read(text, "double", budget, number::double),
        _ => return Ok(None),
    };
    Ok(Some(Value::Double(double)))
}

pub(super) fn string<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Converted<'a> {
    let text = match arguments {
        [Value::String(text)] => return Ok(Some(Value::String(text.clone()))),
        [Value::Bool(value)] => value.to_string(),
        [Value::Int(int)] => int.to_string(),
        [Value::Uint(uint)] => uint.to_string(),
        [Value::Double(double)] => number::from_double(*double),
        [Value::Bytes(bytes)] => {
            budget.charge_bytes(bytes.len())?;
            return from_utf8(bytes).map(Some);
        }
        _ => return Ok(None),
    };
    Ok(Some(Value::from(text)))
}

fn from_utf8<'a>(bytes: &Held<'a, [u8]>) -> Result<Value<'a>, Fault> {
    let invalid = |_| EvaluationErrorKind::InvalidUtf8;
    Ok(match bytes {
        Held::Borrowed(bytes) => Value::from(std::str::from_utf8(bytes).map_err(invalid)?),
        Held::Shared(bytes) => Value::from(std::str::from_utf8(bytes).map_err(invalid)?.to_owned()),
    })
}

pub(super) fn bytes<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Converted<'a> {
    Ok(Some(Value::Bytes(match arguments {
        [Value::Bytes(bytes)] => bytes.clone(),
        [Value::String(Held::Borrowed(text))] => Held::Borrowed(text.as_bytes()),
        [Value::String(text)] => {
            budget.charge_bytes(text.len())?;
            Held::from(text.as_bytes().to_vec())
        }
        _ => return Ok(None),
    })))
}
