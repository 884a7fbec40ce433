//! Elements that are equal, and whether an element is among others.

use super::{element, elements};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::functions::Answer;
use crate::value::{List, Type, Value, equal};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

pub(super) fn distinct<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::List(list)] = arguments else { return Ok(None) };
    let mut members = Members::default();
    for element in elements(list, budget)? {
        if !members.contains(&element, budget)? {
            members.add(element, budget)?;
        }
    }
    Ok(Some(Value::list(members.into_values())))
}

/// Values, found by what they are equal to.
#[derive(Default)]
pub(in crate::functions) struct Members<'a> {
    /// Each with the place of the one before it that has the same mark.
    values: Vec<(Value<'a>, Option<usize>)>,
    /// By their marks, the places of the last ones.
    last: HashMap<u64, usize>,
    /// Whether some are unknown, so that what is not found may yet be among them.
    unknown: bool,
}

impl<'a> Members<'a> {
    pub(in crate::functions) fn of(list: &List<'a>, budget: &mut Budget) -> Result<Self, Fault> {
        let mut members = Self::default();
        for index in 0..list.size() {
            match element(list, index, budget) {
                Ok(value) => members.add(value, budget)?,
                Err(Fault::Unknown) => members.unknown = true,
                Err(fault) => return Err(fault),
            }
        }
        Ok(members)
    }

    fn add(&mut self, value: Value<'a>, budget: &mut Budget) -> Result<(), EvaluationErrorKind> {
        let before = self.last.insert(mark(&value, budget)?, self.values.len());
        self.values.push((value, before));
        Ok(())
    }

    /// Whether one is equal to the value.
    pub(in crate::functions) fn contains(
        &self,
        value: &Value<'_>,
        budget: &mut Budget,
    ) -> Result<bool, Fault> {
        let mut unknown = self.unknown;
        let mut place = self.last.get(&mark(value, budget)?).copied();
        while let Some((other, before)) = place.map(|place| &self.values[place]) {
            place = *before;
            budget.charge(1)?;
            match equal(value, other, budget) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(Fault::Unknown) => unknown = true,
                Err(fault) => return Err(fault),
            }
        }
        if unknown { Err(Fault::Unknown) } else { Ok(false) }
    }

    fn into_values(self) -> Vec<Value<'a>> {
        self.values.into_iter().map(|(value, _)| value).collect()
    }
}

/// The same for all values that are equal. Those of lists, maps and optionals tell only how large they are, since
/// their parts may be unknown.
fn mark(value: &Value<'_>, budget: &mut Budget) -> Result<u64, EvaluationErrorKind> {
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Null => Type::Null.hash(&mut hasher),
        Value::Bool(value) => value.hash(&mut hasher),
        Value::Int(number) => mark_number(*number as f64, &mut hasher),
        Value::Uint(number) => mark_number(*number as f64, &mut hasher),
        Value::Double(number) => mark_number(*number, &mut hasher),
        Value::String(text) => {
            budget.charge_bytes(text.len())?;
            text.hash(&mut hasher);
        }
        Value::Bytes(bytes) => {
            budget.charge_bytes(bytes.len())?;
            bytes.hash(&mut hasher);
        }
        Value::List(list) => list.size().hash(&mut hasher),
        Value::Map(map) => map.size().hash(&mut hasher),
        Value::Timestamp(timestamp) => timestamp.hash(&mut hasher),
        Value::Duration(duration) => duration.hash(&mut hasher),
        Value::Optional(optional) => optional.is_some().hash(&mut hasher),
        Value::Ip(address) => address.hash(&mut hasher),
        Value::Cidr(cidr) => cidr.hash(&mut hasher),
        Value::Type(of) => of.hash(&mut hasher),
    }
    Ok(hasher.finish())
}

/// Numbers are equal across their types, as doubles.
fn mark_number(number: f64, hasher: &mut DefaultHasher) {
    // -0.0 is equal to 0.0.
    let number = if number == 0.0 { 0.0 } else { number };
    number.to_bits().hash(hasher);
}
