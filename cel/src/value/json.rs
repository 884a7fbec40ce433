//! JSON as an input, and values as JSON.

use crate::input::{Input, Lookup, Object};
use crate::value::Value;
use serde_json::{Map, Number};
use std::ops::ControlFlow;

/// Deeper values have no JSON form: nothing that is read back would accept one.
const MAX_DEPTH: usize = 128;
/// A list of lists of the same list has more than any memory holds.
const MAX_PARTS: usize = 250_000;

/// A number that fits an int is one, any other is a double, as the Kubernetes API server reads them.
impl<'a> From<&'a serde_json::Value> for Value<'a> {
    #[inline]
    fn from(json: &'a serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(*value),
            serde_json::Value::Number(number) => number_value(number),
            serde_json::Value::String(text) => Value::from(text.as_str()),
            serde_json::Value::Array(elements) => Value::array(elements),
            serde_json::Value::Object(fields) => Value::object(fields),
        }
    }
}

fn number_value(number: &Number) -> Value<'static> {
    match number.as_i64() {
        Some(int) => Value::Int(int),
        None => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
    }
}

impl Input for Map<String, serde_json::Value> {
    fn variable(&self, _slot: usize, name: &str) -> Lookup<'_> {
        self.field(name)
    }
}

/// The fields of an object are variables; anything else has none.
impl Input for serde_json::Value {
    fn variable(&self, _slot: usize, name: &str) -> Lookup<'_> {
        Lookup::of(self.get(name))
    }
}

impl Object for Map<String, serde_json::Value> {
    fn field<'a>(&'a self, name: &str) -> Lookup<'a> {
        Lookup::of(self.get(name))
    }

    fn object<'a>(&'a self, name: &str) -> Option<&'a dyn Object> {
        match self.get(name) {
            Some(serde_json::Value::Object(fields)) => Some(fields),
            _ => None,
        }
    }

    fn has(&self, name: &str) -> Option<bool> {
        Some(self.contains_key(name))
    }

    fn size(&self) -> usize {
        self.len()
    }

    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a str) -> ControlFlow<()>) {
        // The visitor knows by itself whether it broke off.
        let _: ControlFlow<()> = self.keys().try_for_each(|name| visit(name));
    }
}

impl Value<'_> {
    /// The value as JSON; None where it, or a part of it, has no JSON form (bytes, a type, an optional, a double that
    /// is not finite, a key that is not a string) or is not known, or where it has more than 250,000 parts. Times,
    /// durations and addresses are text there.
    #[must_use]
    pub fn to_json(&self) -> Option<serde_json::Value> {
        Writer { parts: MAX_PARTS }.value(self, 0)
    }
}

/// What is written of a value.
struct Writer {
    /// Parts that may still be written.
    parts: usize,
}

impl Writer {
    fn value(&mut self, value: &Value<'_>, depth: usize) -> Option<serde_json::Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.parts = self.parts.checked_sub(1)?;
        Some(match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Int(value) => (*value).into(),
            Value::Uint(value) => (*value).into(),
            Value::Double(value) => Number::from_f64(*value)?.into(),
            Value::String(text) => (**text).into(),
            Value::List(list) => {
                let elements = (0..list.size()).map(|index| self.part(list.get(index), depth));
                elements.collect::<Option<Vec<_>>>()?.into()
            }
            Value::Map(map) => self.object(map, depth)?.into(),
            Value::Timestamp(timestamp) => timestamp.to_string().into(),
            Value::Duration(duration) => duration.to_string().into(),
            Value::Ip(address) => address.to_string().into(),
            Value::Cidr(cidr) => cidr.to_string().into(),
            Value::Bytes(_) | Value::Optional(_) | Value::Type(_) => return None,
        })
    }

    fn part(&mut self, part: Lookup<'_>, depth: usize) -> Option<serde_json::Value> {
        if let Lookup::Found(value) = part { self.value(&value, depth + 1) } else { None }
    }

    fn object(&mut self, map: &super::Map<'_>, depth: usize) -> Option<Map<String, serde_json::Value>> {
        let mut fields = Map::new();
        map.keys(&mut |key| {
            let Some(name) = key.as_str() else { return ControlFlow::Break(()) };
            let Some(json) = self.part(map.field(name), depth) else { return ControlFlow::Break(()) };
            fields.insert(name.to_owned(), json);
            ControlFlow::Continue(())
        });
        (fields.len() == map.size()).then_some(fields)
    }
}
