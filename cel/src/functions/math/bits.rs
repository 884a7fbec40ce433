//! Functions over the bits of integers.

use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::functions::{Answer, Function};
use crate::value::Value;

const BOTH: &[&str] = &["int, int -> int", "uint, uint -> uint"];
const SHIFTS: &[&str] = &["int, int -> int", "uint, int -> uint"];
const SHIFT_LEFT: &str = "math.bitShiftLeft";
const SHIFT_RIGHT: &str = "math.bitShiftRight";

pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    Function::global("math.bitAnd", BOTH, |arguments, _| Ok(both(arguments, |one, two| one & two))),
    Function::global("math.bitOr", BOTH, |arguments, _| Ok(both(arguments, |one, two| one | two))),
    Function::global("math.bitXor", BOTH, |arguments, _| Ok(both(arguments, |one, two| one ^ two))),
    Function::global("math.bitNot", &["int -> int", "uint -> uint"], not),
    Function::global(SHIFT_LEFT, SHIFTS, |arguments, _| shift(SHIFT_LEFT, arguments, u64::checked_shl)),
    Function::global(SHIFT_RIGHT, SHIFTS, |arguments, _| shift(SHIFT_RIGHT, arguments, u64::checked_shr)),
];

fn both<'a>(arguments: &[&Value<'a>], of: fn(u64, u64) -> u64) -> Option<Value<'a>> {
    Some(match arguments {
        [Value::Int(one), Value::Int(two)] => {
            Value::Int(of(one.cast_unsigned(), two.cast_unsigned()).cast_signed())
        }
        [Value::Uint(one), Value::Uint(two)] => Value::Uint(of(*one, *two)),
        _ => return None,
    })
}

fn not<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    Ok(Some(match arguments {
        [Value::Int(number)] => Value::Int(!number),
        [Value::Uint(number)] => Value::Uint(!number),
        _ => return Ok(None),
    }))
}

/// Shifts bits, of which those that are shifted out are lost, the sign too.
fn shift<'a>(
    function: &'static str,
    arguments: &[&Value<'a>],
    of: fn(u64, u32) -> Option<u64>,
) -> Answer<'a> {
    let [number, Value::Int(by)] = arguments else { return Ok(None) };
    let bits = match number {
        Value::Int(number) => number.cast_unsigned(),
        Value::Uint(number) => *number,
        _ => return Ok(None),
    };
    if *by < 0 {
        return Err(EvaluationErrorKind::NegativeShift { function, by: *by }.into());
    }
    // By 64 or more, none are left.
    let shifted = u32::try_from(*by).ok().and_then(|by| of(bits, by)).unwrap_or(0);
    Ok(Some(match number {
        Value::Int(_) => Value::Int(shifted.cast_signed()),
        _ => Value::Uint(shifted),
    }))
}
