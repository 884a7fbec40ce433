//! Conversions between types.

use super::{Answer, Function, number};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::value::{Duration, Held, TimeError, Timestamp, Value, evidence};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global("type", &["A -> type(A)"], type_of),
    Function::global("dyn", &["A -> dyn"], dynamic),
    Function::global("bool", &["bool -> bool", "string -> bool"], bool),
    Function::global(
        "int",
        &[
            "int -> int",
            "uint -> int",
            "double -> int",
            "string -> int",
            "timestamp -> int",
            "duration -> int",
        ],
        int,
    ),
    Function::global("uint", &["uint -> uint", "int -> uint", "double -> uint", "string -> uint"], uint),
    Function::global(
        "double",
        &["double -> double", "int -> double", "uint -> double", "string -> double"],
        double,
    ),
    Function::global(
        "string",
        &[
            "string -> string",
            "bool -> string",
            "int -> string",
            "uint -> string",
            "double -> string",
            "bytes -> string",
            "timestamp -> string",
            "duration -> string",
            "ip -> string",
            "cidr -> string",
        ],
        string,
    ),
    Function::global("bytes", &["bytes -> bytes", "string -> bytes"], bytes),
    Function::global(
        "timestamp",
        &["timestamp -> timestamp", "string -> timestamp", "int -> timestamp"],
        timestamp,
    ),
    Function::global("duration", &["duration -> duration", "string -> duration"], duration),
];

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
) -> Answer<'a> {
    budget.charge_bytes(text.len())?;
    match read(text) {
        Some(value) => Ok(Some(value.into())),
        None => Err(unreadable(text, wanted)),
    }
}

fn unreadable(text: &str, wanted: &'static str) -> Fault {
    EvaluationErrorKind::Conversion { text: evidence(Value::from(text)), wanted }.into()
}

fn type_of<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    Ok(arguments.first().map(|value| Value::Type(value.type_of())))
}

fn dynamic<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    Ok(arguments.first().copied().cloned())
}

fn bool<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
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
fn int<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [value] = arguments else { return Ok(None) };
    let int = match value {
        Value::Int(int) => *int,
        Value::Uint(uint) => i64::try_from(*uint).map_err(|_| range(value, "int"))?,
        // The bounds themselves are outside: they may have been rounded to.
        Value::Double(double) if *double > -TWO_TO_63 && *double < TWO_TO_63 => *double as i64,
        Value::Double(_) => return Err(range(value, "int")),
        Value::String(text) => return read(text, "int", budget, number::int),
        Value::Timestamp(timestamp) => timestamp.seconds(),
        Value::Duration(duration) => duration.nanoseconds(),
        _ => return Ok(None),
    };
    Ok(Some(Value::Int(int)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the fraction is to go, and the range is looked at first"
)]
fn uint<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
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
fn double<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let double = match arguments {
        [Value::Double(double)] => *double,
        [Value::Int(int)] => *int as f64,
        [Value::Uint(uint)] => *uint as f64,
        [Value::String(text)] => return read(text, "double", budget, number::double),
        _ => return Ok(None),
    };
    Ok(Some(Value::Double(double)))
}

fn string<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
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
        [Value::Timestamp(timestamp)] => timestamp.to_string(),
        // By way of a double, as in cel-go.
        [Value::Duration(duration)] => format!("{}s", duration.as_seconds()),
        [Value::Ip(address)] => address.to_string(),
        [Value::Cidr(cidr)] => cidr.to_string(),
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

fn bytes<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
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

fn timestamp<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let timestamp = match arguments {
        [Value::Timestamp(timestamp)] => *timestamp,
        [Value::Int(seconds)] => Timestamp::new(*seconds, 0).ok_or(EvaluationErrorKind::TimestampOverflow)?,
        [Value::String(text)] => {
            budget.charge_bytes(text.len())?;
            text.parse().map_err(|error| match error {
                TimeError::Form => unreadable(text, "timestamp"),
                TimeError::Range => EvaluationErrorKind::TimestampOverflow.into(),
            })?
        }
        _ => return Ok(None),
    };
    Ok(Some(Value::Timestamp(timestamp)))
}

fn duration<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let duration: Duration = match arguments {
        [Value::Duration(duration)] => *duration,
        [Value::String(text)] => {
            budget.charge_bytes(text.len())?;
            text.parse().map_err(|error| match error {
                TimeError::Form => unreadable(text, "duration"),
                TimeError::Range => EvaluationErrorKind::DurationOverflow.into(),
            })?
        }
        _ => return Ok(None),
    };
    Ok(Some(Value::Duration(duration)))
}
