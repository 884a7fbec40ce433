//! What one step finds in a value.

use crate::error::EvaluationErrorKind;
use crate::input::Lookup;
use crate::node::Step;
use crate::value::{Key, List, Map, Type, Value, evidence};

pub(super) fn field<'a>(value: &Value<'a>, name: &str) -> Result<Lookup<'a>, EvaluationErrorKind> {
    let Value::Map(map) = value else {
        let function = evidence(format_args!("_.{name}"));
        return Err(EvaluationErrorKind::no_such_overload(&function, &[value.type_of()]));
    };
    Ok(map.field(name))
}

pub(super) fn element<'a>(value: &Value<'a>, index: &Value<'_>) -> Result<Lookup<'a>, EvaluationErrorKind> {
    match value {
        Value::List(list) => list_element(list, index),
        Value::Map(map) => map_entry(map, index),
        _ => Err(EvaluationErrorKind::no_such_overload("_[_]", &[value.type_of(), index.type_of()])),
    }
}

fn list_element<'a>(list: &List<'a>, index: &Value<'_>) -> Result<Lookup<'a>, EvaluationErrorKind> {
    let position = match Key::to_find(index) {
        Some(Key::Int(index)) => usize::try_from(index).ok(),
        Some(Key::Uint(index)) => usize::try_from(index).ok(),
        _ => return Err(EvaluationErrorKind::no_such_overload("_[_]", &[Type::List, index.type_of()])),
    };
    Ok(position.map_or(Lookup::Absent, |position| list.get(position)))
}

fn map_entry<'a>(map: &Map<'a>, key: &Value<'_>) -> Result<Lookup<'a>, EvaluationErrorKind> {
    match (Key::to_find(key), key) {
        (Some(found), _) => Ok(map.get(&found)),
        // No key is a fraction.
        (None, Value::Double(_)) => Ok(Lookup::Absent),
        (None, other) => Err(EvaluationErrorKind::UnsupportedKeyType(other.type_of().name())),
    }
}

/// The error that there is no such part in the value.
#[cold]
pub(super) fn absence(value: &Value<'_>, step: &Step, key: Option<&Value<'_>>) -> EvaluationErrorKind {
    let key =
        key.map_or_else(|| evidence(step.name()), |key| key.as_str().map_or_else(|| evidence(key), evidence));
    if matches!(value, Value::List(_)) {
        EvaluationErrorKind::IndexOutOfBounds(key)
    } else {
        EvaluationErrorKind::NoSuchKey(key)
    }
}
