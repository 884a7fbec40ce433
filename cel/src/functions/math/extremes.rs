//! The greatest and the least of numbers, of whatever types: what the macros `math.greatest` and `math.least` call.

use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::functions::{Answer, Function, lists};
use crate::value::{Value, order};
use std::cmp::Ordering;

const GREATEST: &str = "math.@max";
const LEAST: &str = "math.@min";

const OVERLOADS: &[&str] = &[
    "double -> double",
    "int -> int",
    "uint -> uint",
    "double, double -> double",
    "int, int -> int",
    "uint, uint -> uint",
    "int, uint -> dyn",
    "int, double -> dyn",
    "double, int -> dyn",
    "double, uint -> dyn",
    "uint, int -> dyn",
    "uint, double -> dyn",
    "list(double) -> double",
    "list(int) -> int",
    "list(uint) -> uint",
];

pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    Function::global(GREATEST, OVERLOADS, |arguments, budget| {
        extreme(GREATEST, Ordering::Greater, arguments, budget)
    }),
    Function::global(LEAST, OVERLOADS, |arguments, budget| extreme(LEAST, Ordering::Less, arguments, budget)),
];

fn extreme<'a>(
    function: &'static str,
    wanted: Ordering,
    arguments: &[&Value<'a>],
    budget: &mut Budget,
) -> Answer<'a> {
    match arguments {
        [Value::List(list)] => {
            if list.size() == 0 {
                return Err(EvaluationErrorKind::EmptyList(function).into());
            }
            let mut so_far = number(function, lists::element(list, 0, budget)?)?;
            for index in 1..list.size() {
                let next = number(function, lists::element(list, index, budget)?)?;
                so_far = either(wanted, so_far, next, budget)?;
            }
            Ok(Some(so_far))
        }
        [one] if one.is_number() => Ok(Some(Value::clone(one))),
        [one, two] if one.is_number() && two.is_number() => {
            either(wanted, Value::clone(one), Value::clone(two), budget).map(Some)
        }
        _ => Ok(None),
    }
}

fn number<'a>(function: &str, value: Value<'a>) -> Result<Value<'a>, Fault> {
    if value.is_number() { Ok(value) } else { Err(Fault::no_such_overload(function, &[value.type_of()])) }
}

/// The second number only where it is more, or less, than the first one.
fn either<'a>(
    wanted: Ordering,
    one: Value<'a>,
    two: Value<'a>,
    budget: &mut Budget,
) -> Result<Value<'a>, Fault> {
    let order = order(&two, &one, budget).unwrap_or_else(|| Err(EvaluationErrorKind::NotOrdered.into()))?;
    Ok(if order == wanted { two } else { one })
}
