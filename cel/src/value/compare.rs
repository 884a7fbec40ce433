//! Equality and order.

use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::input::Lookup;
use crate::value::{Key, List, Map, Value};
use std::cmp::Ordering;
use std::ops::ControlFlow;

/// Deeper values are not compared.
const MAX_DEPTH: usize = 128;

/// `one == two`. Values of different types are different, save that numbers are compared across their types.
///
/// Lists and maps with unknown parts are different where a known part shows it, else it is unknown.
pub(crate) fn equal(one: &Value<'_>, two: &Value<'_>, budget: &mut Budget) -> Result<bool, Fault> {
    Equality { budget, depth: 0 }.values(one, two)
}

struct Equality<'b> {
    budget: &'b mut Budget,
    depth: usize,
}

impl Equality<'_> {
    fn values(&mut self, one: &Value<'_>, two: &Value<'_>) -> Result<bool, Fault> {
        Ok(match (one, two) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(one), Value::Bool(two)) => one == two,
            (Value::Type(one), Value::Type(two)) => one == two,
            (Value::Timestamp(one), Value::Timestamp(two)) => one == two,
            (Value::Duration(one), Value::Duration(two)) => one == two,
            (Value::Ip(one), Value::Ip(two)) => one == two,
            (Value::Cidr(one), Value::Cidr(two)) => one == two,
            (Value::Optional(one), Value::Optional(two)) => match (one.value(), two.value()) {
                (Some(one), Some(two)) => self.nested(|this| this.values(&one, &two))?,
                (one, two) => one.is_none() && two.is_none(),
            },
            (Value::String(one), Value::String(two)) => {
                self.budget.charge_bytes(one.len().min(two.len()))?;
                **one == **two
            }
            (Value::Bytes(one), Value::Bytes(two)) => {
                self.budget.charge_bytes(one.len().min(two.len()))?;
                **one == **two
            }
            (Value::List(one), Value::List(two)) => self.nested(|this| this.lists(one, two))?,
            (Value::Map(one), Value::Map(two)) => self.nested(|this| this.maps(one, two))?,
            _ => numbers(one, two) == Some(Ordering::Equal),
        })
    }

    fn nested(&mut self, compare: impl FnOnce(&mut Self) -> Result<bool, Fault>) -> Result<bool, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(EvaluationErrorKind::TooDeep(MAX_DEPTH).into());
        }
        self.depth += 1;
        let result = compare(self);
        self.depth -= 1;
        result
    }

    fn lists(&mut self, one: &List<'_>, two: &List<'_>) -> Result<bool, Fault> {
        if one.size() != two.size() {
            return Ok(false);
        }
        let mut unknown = false;
        for index in 0..one.size() {
            match self.parts(one.get(index), two.get(index)) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(Fault::Unknown) => unknown = true,
                Err(fault) => return Err(fault),
            }
        }
        if unknown { Err(Fault::Unknown) } else { Ok(true) }
    }

    fn maps(&mut self, one: &Map<'_>, two: &Map<'_>) -> Result<bool, Fault> {
        if one.size() != two.size() {
            return Ok(false);
        }
        let mut result = Ok(true);
        one.keys(&mut |key| {
            let Some(key) = Key::from_value(key) else { return ControlFlow::Continue(()) };
            match self.parts(one.get(&key), two.get(&key)) {
                Ok(true) => {}
                Err(Fault::Unknown) => result = Err(Fault::Unknown),
                decided => {
                    result = decided;
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        });
        result
    }

    fn parts(&mut self, one: Lookup<'_>, two: Lookup<'_>) -> Result<bool, Fault> {
        self.budget.charge(1)?;
        match (one, two) {
            (Lookup::Failed(failure), _) | (_, Lookup::Failed(failure)) => Err(Fault::Failed(failure)),
            (Lookup::Found(one), Lookup::Found(two)) => self.values(&one, &two),
            (Lookup::Absent, _) | (_, Lookup::Absent) => Ok(false),
            _ => Err(Fault::Unknown),
        }
    }
}

/// The order of two values: numbers across their types, text by code points, bytes, false before true, time; None
/// where there is no order between such types.
pub(crate) fn order(
    one: &Value<'_>,
    two: &Value<'_>,
    budget: &mut Budget,
) -> Option<Result<Ordering, Fault>> {
    Some(match (one, two) {
        (Value::Bool(one), Value::Bool(two)) => Ok(one.cmp(two)),
        (Value::String(one), Value::String(two)) => {
            budget.charge_bytes(one.len().min(two.len())).map(|()| str::cmp(one, two)).map_err(Fault::from)
        }
        (Value::Bytes(one), Value::Bytes(two)) => {
            budget.charge_bytes(one.len().min(two.len())).map(|()| <[u8]>::cmp(one, two)).map_err(Fault::from)
        }
        (Value::Timestamp(one), Value::Timestamp(two)) => Ok(one.cmp(two)),
        (Value::Duration(one), Value::Duration(two)) => Ok(one.cmp(two)),
        _ if one.is_number() && two.is_number() => {
            numbers(one, two).ok_or_else(|| EvaluationErrorKind::NotOrdered.into())
        }
        _ => return None,
    })
}

/// None for what is not a number, and for NaN.
fn numbers(one: &Value<'_>, two: &Value<'_>) -> Option<Ordering> {
    match (one, two) {
        (Value::Int(one), Value::Int(two)) => Some(one.cmp(two)),
        (Value::Uint(one), Value::Uint(two)) => Some(one.cmp(two)),
        (Value::Int(one), Value::Uint(two)) => Some(i128::from(*one).cmp(&i128::from(*two))),
        (Value::Uint(one), Value::Int(two)) => Some(i128::from(*one).cmp(&i128::from(*two))),
        (Value::Double(one), Value::Double(two)) => one.partial_cmp(two),
        (Value::Double(one), Value::Int(two)) => with_int(*two, *one).map(Ordering::reverse),
        (Value::Double(one), Value::Uint(two)) => with_uint(*two, *one).map(Ordering::reverse),
        (Value::Int(one), Value::Double(two)) => with_int(*one, *two),
        (Value::Uint(one), Value::Double(two)) => with_uint(*one, *two),
        _ => None,
    }
}

/// The specification compares as doubles within the integer's range, so that 2^63 - 1 equals 2^63.0.
#[expect(clippy::cast_precision_loss, reason = "the specification asks for the loss")]
fn with_int(int: i64, double: f64) -> Option<Ordering> {
    match double {
        d if d < i64::MIN as f64 => Some(Ordering::Greater),
        d if d > i64::MAX as f64 => Some(Ordering::Less),
        d => (int as f64).partial_cmp(&d),
    }
}

#[expect(clippy::cast_precision_loss, reason = "the specification asks for the loss")]
fn with_uint(uint: u64, double: f64) -> Option<Ordering> {
    match double {
        d if d < 0.0 => Some(Ordering::Greater),
        d if d > u64::MAX as f64 => Some(Ordering::Less),
        d => (uint as f64).partial_cmp(&d),
    }
}
