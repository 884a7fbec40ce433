//! Sorting.

use super::elements;
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::functions::Answer;
use crate::value::{Type, Value, order};
use std::cmp::Ordering;

/// A value, and the key by which it is sorted.
type Keyed<'a> = (Value<'a>, Value<'a>);

pub(super) fn sort<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::List(list)] = arguments else { return Ok(None) };
    let keyed = elements(list, budget)?.into_iter().map(|element| (element.clone(), element)).collect();
    Ok(Some(Value::list(sort_by(keyed, budget)?)))
}

/// The second of each pair, in the order of the first ones; what is equal stays in its order.
pub(crate) fn sort_by<'a>(mut pairs: Vec<Keyed<'a>>, budget: &mut Budget) -> Result<Vec<Value<'a>>, Fault> {
    let Some((first, _)) = pairs.first() else { return Ok(Vec::new()) };
    let of = first.type_of();
    if !is_comparable(of) {
        return Err(EvaluationErrorKind::NotComparable.into());
    }
    // A comparison cannot fail in the middle of sorting, so that all that could is looked at before.
    let rounds = pairs.len().checked_ilog2().unwrap_or(0) as usize + 1;
    for (key, _) in &pairs {
        budget.charge_bytes(rounds.saturating_mul(10 + size(key)))?;
        if key.type_of() != of {
            return Err(EvaluationErrorKind::NotOfOneType.into());
        }
    }
    arrange(&mut pairs);
    Ok(pairs.into_iter().map(|(_, value)| value).collect())
}

const fn is_comparable(of: Type) -> bool {
    matches!(
        of,
        Type::Bool
            | Type::Int
            | Type::Uint
            | Type::Double
            | Type::String
            | Type::Bytes
            | Type::Timestamp
            | Type::Duration
    )
}

fn size(key: &Value<'_>) -> usize {
    match key {
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
}

/// Sorts. NaN has no place in any order: in a short list, nothing is moved across it, as in cel-go, and in a longer
/// one, where cel-go's order follows from its algorithm alone, it comes first.
fn arrange(pairs: &mut [Keyed<'_>]) {
    const SHORT: usize = 12;
    if pairs.len() > SHORT {
        pairs.sort_by(|(one, _), (two, _)| compare(one, two).unwrap_or_else(|| nan_first(one, two)));
        return;
    }
    for end in 1..pairs.len() {
        for place in (1..=end).rev() {
            if compare(&pairs[place].0, &pairs[place - 1].0) != Some(Ordering::Less) {
                break;
            }
            pairs.swap(place, place - 1);
        }
    }
}

/// None where one is NaN. What it takes was charged before.
fn compare(one: &Value<'_>, two: &Value<'_>) -> Option<Ordering> {
    order(one, two, &mut Budget::steps(u64::MAX))?.ok()
}

fn nan_first(one: &Value<'_>, two: &Value<'_>) -> Ordering {
    let is_number = |value: &Value<'_>| compare(value, value).is_some();
    is_number(one).cmp(&is_number(two))
}
