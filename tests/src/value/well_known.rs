//! Messages that stand for a value without one: wrappers, and JSON as protobuf has it.

use cel::{Key, Value};
use serde_json::Value as Json;

use super::{Unreadable, from_json as read};

/// Reads a `google.protobuf.Any` in JSON: the message's name under `@type`, its content under `value`.
pub(super) fn from_json(any: &Json) -> Result<Value<'static>, Unreadable> {
    let url = any["@type"].as_str().unwrap_or_default();
    let name = url.rsplit('/').next().unwrap_or_default();
    let content = &any["value"];
    let wrapped = |kind: &str| read(&serde_json::json!({ kind: content }));
    match name.strip_prefix("google.protobuf.").unwrap_or_default() {
        "BoolValue" => wrapped("bool_value"),
        "Int32Value" | "Int64Value" => wrapped("int64_value"),
        "UInt32Value" | "UInt64Value" => wrapped("uint64_value"),
        "FloatValue" | "DoubleValue" => wrapped("double_value"),
        "StringValue" => wrapped("string_value"),
        "BytesValue" => wrapped("bytes_value"),
        "Value" | "Struct" | "ListValue" => Ok(plain(content)),
        _ => Err(Unreadable::Message(name.to_owned())),
    }
}

/// JSON as protobuf has it: every number is a double.
fn plain(json: &Json) -> Value<'static> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::from(text.clone()),
        Json::Array(elements) => Value::list(elements.iter().map(plain).collect()),
        Json::Object(fields) => {
            let entry = |(name, value): (&String, &Json)| (Key::String(name.clone().into()), plain(value));
            // An object's names differ, so no key comes twice.
            Value::map(fields.iter().map(entry).collect()).unwrap_or(Value::Null)
        }
    }
}
