//! Numbers, and bytes as digits.

use super::pieces::Clause;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::functions::number;
use crate::functions::output::Output;
use crate::static_type::StaticType;
use crate::value::Value;

impl Clause {
    /// Writes a value as the clause asks.
    pub(super) fn write(&self, value: &Value<'_>, output: &mut Output<'_>) -> Result<(), Fault> {
        let text = match self.verb {
            'd' => decimal(value),
            'f' => double(value).map(|number| fixed(number, self.precision)),
            'e' => double(value).map(|number| scientific(number, self.precision)),
            'b' => binary(value),
            'o' => digits(value, |number| format!("{number:o}")),
            'x' => hexadecimal(value, output, |number| format!("{number:x}"), |byte| format!("{byte:02x}"))?,
            'X' => hexadecimal(value, output, |number| format!("{number:X}"), |byte| format!("{byte:02X}"))?,
            _ => return output.value(value),
        };
        match text {
            Some(text) => output.push(&text),
            None => Err(self.refusal(value.type_of().name()).into()),
        }
    }

    /// Whether values of the type could be written.
    pub(super) fn hold(&self, of: &StaticType) -> Result<(), EvaluationErrorKind> {
        let is_taken = match (of, self.verb) {
            (StaticType::Nullable(of), _) => return self.hold(of),
            (StaticType::Dyn, _) | (StaticType::Int | StaticType::Uint, _) => true,
            (of, 's') => !matches!(
                of,
                StaticType::Optional(_) | StaticType::Ip | StaticType::Cidr | StaticType::Abstract(..)
            ),
            (of, 'd' | 'f' | 'e') => *of == StaticType::Double,
            (of, 'b') => *of == StaticType::Bool,
            (of, 'x' | 'X') => matches!(of, StaticType::String | StaticType::Bytes),
            _ => false,
        };
        if is_taken { Ok(()) } else { Err(self.refusal(&of.to_string())) }
    }

    fn refusal(&self, found: &str) -> EvaluationErrorKind {
        refusal(self.verb, found)
    }
}

/// A value of such a type is nothing for the verb.
pub(super) fn refusal(verb: char, found: &str) -> EvaluationErrorKind {
    let takes = match verb {
        's' => "a value that has a form as text",
        'b' => "int, uint or bool",
        'o' => "int or uint",
        'x' | 'X' => "int, uint, bytes or string",
        _ => "int, uint or double",
    };
    EvaluationErrorKind::FormatArgument { verb, takes, found: found.to_owned() }
}

fn decimal(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Int(number) => number.to_string(),
        Value::Uint(number) => number.to_string(),
        Value::Double(number) => plain(*number),
        _ => return None,
    })
}

/// As many digits as tell the number from all others, and no exponent.
pub(super) fn plain(number: f64) -> String {
    named(number).map_or_else(|| number.to_string(), str::to_owned)
}

#[expect(clippy::cast_precision_loss, reason = "the nearest double is written")]
fn double(value: &Value<'_>) -> Option<f64> {
    Some(match value {
        Value::Int(number) => *number as f64,
        Value::Uint(number) => *number as f64,
        Value::Double(number) => *number,
        _ => return None,
    })
}

/// What has a name instead of digits.
fn named(number: f64) -> Option<&'static str> {
    match number {
        f64::INFINITY => Some("Infinity"),
        f64::NEG_INFINITY => Some("-Infinity"),
        number => number.is_nan().then_some("NaN"),
    }
}

fn fixed(number: f64, precision: usize) -> String {
    named(number).map_or_else(|| format!("{number:.precision$}"), str::to_owned)
}

fn scientific(number: f64, precision: usize) -> String {
    named(number).map_or_else(|| number::with_exponent(&format!("{number:.precision$e}")), str::to_owned)
}

fn binary(value: &Value<'_>) -> Option<String> {
    if let Value::Bool(value) = value {
        return Some(u8::from(*value).to_string());
    }
    digits(value, |number| format!("{number:b}"))
}

/// The digits of the number itself, behind its sign.
fn digits(value: &Value<'_>, of: fn(u64) -> String) -> Option<String> {
    Some(match value {
        Value::Int(number) if *number < 0 => format!("-{}", of(number.unsigned_abs())),
        Value::Int(number) => of(number.unsigned_abs()),
        Value::Uint(number) => of(*number),
        _ => return None,
    })
}

fn hexadecimal(
    value: &Value<'_>,
    output: &mut Output<'_>,
    of_number: fn(u64) -> String,
    of_byte: fn(&u8) -> String,
) -> Result<Option<String>, Fault> {
    let bytes = match value {
        Value::String(text) => text.as_bytes(),
        Value::Bytes(bytes) => bytes,
        _ => return Ok(digits(value, of_number)),
    };
    output.charge(bytes.len())?;
    Ok(Some(bytes.iter().map(of_byte).collect()))
}
