//! The one form of a JSON value that digests are taken of: no white space, keys sorted by their UTF-8 bytes, integers
//! in full, floats in the shortest form that reads back as the same.

use serde::Serialize;
use serde_json::Value;

use crate::digest::Digest;

/// The canonical bytes of a JSON value.
pub fn to_bytes(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

/// The digest of the canonical form of anything that JSON can say.
///
/// # Panics
/// If `value` has no JSON form: a map whose keys are no texts, or an implementation of Serialize that fails. No type
/// of this crate does either.
pub fn digest(value: &impl Serialize) -> Digest {
    let value = serde_json::to_value(value).expect("a value of this crate has a JSON form");
    Digest::of(&to_bytes(&value))
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => scalar(value, out),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write(item, out);
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            // The map may keep another order: a feature of serde_json that any crate can turn on.
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            out.push(b'{');
            for (index, (key, value)) in fields.into_iter().enumerate() {
                separate(index, out);
                scalar(key, out);
                out.push(b':');
                write(value, out);
            }
            out.push(b'}');
        }
    }
}

fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

fn scalar(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    serde_json::to_writer(out, value).expect("a scalar has a JSON form, and memory takes it");
}

#[cfg(test)]
mod tests;
