//! Functions over lists.

use crate::budget::Budget;
use crate::fault::Fault;
use crate::value::{Value, order};
use std::cmp::Ordering;

/// The second of each pair, in the order of the first ones; what is equal stays in its order.
pub(crate) fn sort_by<'a>(
    mut pairs: Vec<(Value<'a>, Value<'a>)>,
    budget: &mut Budget,
) -> Result<Vec<Value<'a>>, Fault> {
    // A comparison cannot fail in the middle of sorting, so that all that could is looked at before.
    let of = pairs.first().map(|(key, _)| key.type_of());
    let rounds = pairs.len().checked_ilog2().unwrap_or(0) as usize + 1;
    for (key, _) in &pairs {
        budget.charge_bytes(rounds.saturating_mul(10 + size(key)))?;
        let orderable = matches!(order(key, key, budget), Some(Ok(_)));
        if Some(key.type_of()) != of || !orderable {
            return Err(Fault::no_such_overload("sortBy", &[key.borrowed()]));
        }
    }
    let compare = |one: &Value<'_>, two: &Value<'_>| order(one, two, &mut Budget::steps(u64::MAX));
    pairs.sort_by(|(one, _), (two, _)| match compare(one, two) {
        Some(Ok(order)) => order,
        _ => Ordering::Equal,
    });
    Ok(pairs.into_iter().map(|(_, value)| value).collect())
}

fn size(key: &Value<'_>) -> usize {
    match key {
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
}
