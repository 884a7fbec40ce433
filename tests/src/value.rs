//! Values in the form of `cel.expr.Value` as protobuf writes it in JSON: the suite's form, and the oracle's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cel::{Bytes, Key, Lookup, Optional, Type, Value};
use serde_json::{Value as Json, json};

#[cfg(test)]
mod tests;
mod well_known;

/// Why a value could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It is a protobuf message, which the language has here only where it stands for a value without one.
    Message(String),
    /// It has not the form.
    Malformed(String),
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Message(name) => write!(f, "{name:?} is a protobuf message"),
            Self::Malformed(json) => write!(f, "no value: {json}"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// The field of a message, under its name in protobuf or that name as protobuf writes it in JSON.
pub fn field<'j>(message: &'j Json, name: &str) -> Option<&'j Json> {
    message.get(name).or_else(|| message.get(camel_case(name)))
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (initial, rest) = word.split_at(word.len().min(1));
        camel.push_str(&initial.to_uppercase());
        camel.push_str(rest);
    }
    camel
}

/// Reads a value.
pub fn from_json(json: &Json) -> Result<Value<'static>, Unreadable> {
    let malformed = || Unreadable::Malformed(json.to_string());
    let (kind, content) = json.as_object().and_then(|it| it.iter().next()).ok_or_else(malformed)?;
    let text = content.as_str().unwrap_or_default();
    let value = match snake_case(kind).as_str() {
        "null_value" => Some(Value::Null),
        "bool_value" => content.as_bool().map(Value::Bool),
        "int64_value" => integer(content).and_then(|text| text.parse().ok()).map(Value::Int),
        "uint64_value" => integer(content).and_then(|text| text.parse().ok()).map(Value::Uint),
        // Infinity and NaN are strings.
        "double_value" => content.as_f64().or_else(|| text.parse().ok()).map(Value::Double),
        "string_value" => Some(Value::from(text.to_owned())),
        "bytes_value" => STANDARD.decode(text).ok().map(|bytes| Value::Bytes(Bytes::from(bytes))),
        "type_value" => Some(Value::Type(type_named(text)?)),
        "list_value" => Some(Value::list(elements(content)?)),
        "map_value" => Value::map(entries(content)?).ok(),
        "object_value" => return well_known::from_json(content),
        // The specification's form has none; this is the oracle's.
        "optional_value" => Some(Value::Optional(optional(content)?)),
        _ => None,
    };
    value.ok_or_else(malformed)
}

/// JSON as a value: whole numbers as int, others as double, as the API server has them.
pub fn of_json(json: &Json) -> Json {
    match json {
        Json::Null => json!({"null_value": null}),
        Json::Bool(value) => json!({"bool_value": value}),
        Json::Number(number) if number.is_i64() => json!({"int64_value": number.to_string()}),
        Json::Number(number) => json!({"double_value": number}),
        Json::String(text) => json!({"string_value": text}),
        Json::Array(elements) => {
            json!({"list_value": {"values": elements.iter().map(of_json).collect::<Vec<_>>()}})
        }
        Json::Object(fields) => {
            let entry = |(name, value): (&String, &Json)| json!({"key": {"string_value": name}, "value": of_json(value)});
            json!({"map_value": {"entries": fields.iter().map(entry).collect::<Vec<_>>()}})
        }
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// Integers of 64 bits are strings, and may be numbers.
fn integer(content: &Json) -> Option<String> {
    content.as_str().map(str::to_owned).or_else(|| content.is_number().then(|| content.to_string()))
}

fn elements(list: &Json) -> Result<Vec<Value<'static>>, Unreadable> {
    list["values"].as_array().into_iter().flatten().map(from_json).collect()
}

fn entries(map: &Json) -> Result<Vec<(Key<'static>, Value<'static>)>, Unreadable> {
    let entry = |entry: &Json| {
        let malformed = || Unreadable::Malformed(entry.to_string());
        let key = Key::from_value(from_json(&entry["key"])?).ok_or_else(malformed)?;
        Ok((key, from_json(&entry["value"])?))
    };
    map["entries"].as_array().into_iter().flatten().map(entry).collect()
}

fn optional(content: &Json) -> Result<Optional<'static>, Unreadable> {
    content.get("value").map_or(Ok(Optional::NONE), |value| from_json(value).map(Optional::of))
}

fn type_named(name: &str) -> Result<Type, Unreadable> {
    let known = Type::ALL.iter().copied().find(|of| of.name() == name);
    known.ok_or_else(|| Unreadable::Message(name.to_owned()))
}

/// Whether the values are of the same type and equal; NaN is the same as itself here.
pub fn same(expected: &Value<'_>, found: &Value<'_>) -> bool {
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
        (Value::Optional(one), Value::Optional(two)) => match (one.value(), two.value()) {
            (Some(one), Some(two)) => same(&one, &two),
            (one, two) => one.is_none() && two.is_none(),
        },
        // Strings and the like are equal exactly when they are written in the same way.
        _ => expected.type_of() == found.type_of() && expected.to_string() == found.to_string(),
    }
}

fn same_part(expected: Lookup<'_>, found: Lookup<'_>) -> bool {
    matches!((expected, found), (Lookup::Found(one), Lookup::Found(two)) if same(&one, &two))
}
