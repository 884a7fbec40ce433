//! Values in the suite's form: `cel.expr.Value` in protobuf's JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cel::{Bytes, Key, Lookup, Type, Value};
use serde_json::Value as Json;

pub(crate) fn from_json(json: &Json) -> Result<Value<'static>, String> {
    let unreadable = || format!("no value of this version: {json}");
    let (kind, content) = json.as_object().and_then(|it| it.iter().next()).ok_or_else(unreadable)?;
    let text = content.as_str().unwrap_or_default();
    let value = match kind.as_str() {
        "null_value" => Some(Value::Null),
        "bool_value" => content.as_bool().map(Value::Bool),
        "int64_value" => text.parse().ok().map(Value::Int),
        "uint64_value" => text.parse().ok().map(Value::Uint),
        // Infinity and NaN are strings.
        "double_value" => content.as_f64().or_else(|| text.parse().ok()).map(Value::Double),
        "string_value" => Some(Value::from(text.to_owned())),
        "bytes_value" => STANDARD.decode(text).ok().map(|bytes| Value::Bytes(Bytes::from(bytes))),
        "type_value" => type_named(text).map(Value::Type),
        "list_value" => Some(Value::list(list(&content["values"])?)),
        "map_value" => Value::map(entries(&content["entries"])?).ok(),
        _ => None,
    };
    value.ok_or_else(unreadable)
}

fn list(values: &Json) -> Result<Vec<Value<'static>>, String> {
    values.as_array().into_iter().flatten().map(from_json).collect()
}

fn entries(entries: &Json) -> Result<Vec<(Key<'static>, Value<'static>)>, String> {
    let entry = |entry: &Json| {
        let key = Key::from_value(from_json(&entry["key"])?).ok_or("no key")?;
        Ok((key, from_json(&entry["value"])?))
    };
    entries.as_array().into_iter().flatten().map(entry).collect()
}

fn type_named(name: &str) -> Option<Type> {
    Type::ALL.iter().copied().find(|of| of.name() == name)
}

/// Whether the values are of the same type and equal; NaN is the same as itself here.
pub(crate) fn same(expected: &Value<'_>, found: &Value<'_>) -> bool {
    match (expected, found) {
        (Value::Double(one), Value::Double(two)) => one == two || (one.is_nan() && two.is_nan()),
        (Value::List(one), Value::List(two)) => {
            one.size() == two.size() && (0..one.size()).all(|index| same_part(one.get(index), two.get(index)))
        }
        (Value::Map(one), Value::Map(two)) => {
            let mut equal = one.size() == two.size();
            one.keys(&mut |key| {
                equal &= Key::from_value(key).is_some_and(|key| same_part(one.get(&key), two.get(&key)));
                std::ops::ControlFlow::Continue(())
            });
            equal
        }
        // Strings and the like are equal exactly when they are written in the same way.
        _ => expected.type_of() == found.type_of() && expected.to_string() == found.to_string(),
    }
}

fn same_part(expected: Lookup<'_>, found: Lookup<'_>) -> bool {
    matches!((expected, found), (Lookup::Found(one), Lookup::Found(two)) if same(&one, &two))
}
