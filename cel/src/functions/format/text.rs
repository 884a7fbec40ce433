//! Values as text.

use super::verbs::{plain, refusal};
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::functions::lists;
use crate::functions::output::Output;
use crate::value::{Duration, Key, List, Map, Value};
use std::ops::ControlFlow;

impl Output<'_> {
    pub(super) fn value(&mut self, value: &Value<'_>) -> Result<(), Fault> {
        match value {
            Value::Null => self.push("null"),
            Value::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Value::Int(number) => self.push(&number.to_string()),
            Value::Uint(number) => self.push(&number.to_string()),
            Value::Double(number) => self.push(&plain(*number)),
            Value::String(text) => self.push(text),
            Value::Bytes(bytes) => self.bytes(bytes),
            Value::Timestamp(timestamp) => self.push(&timestamp.utc().to_string()),
            Value::Duration(duration) => self.push(&seconds(*duration)),
            Value::Type(of) => self.push(of.name()),
            Value::List(list) => self.nested(|this| this.list(list)),
            Value::Map(map) => self.nested(|this| this.map(map)),
            Value::Optional(_) | Value::Ip(_) | Value::Cidr(_) => {
                Err(refusal('s', value.type_of().name()).into())
            }
        }
    }

    /// Each byte that is no text in UTF-8 becomes a mark, as in Go.
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        for chunk in bytes.utf8_chunks() {
            self.push(chunk.valid())?;
            for _ in chunk.invalid() {
                self.push("\u{fffd}")?;
            }
        }
        Ok(())
    }

    fn list(&mut self, list: &List<'_>) -> Result<(), Fault> {
        self.push("[")?;
        for index in 0..list.size() {
            self.push(if index == 0 { "" } else { ", " })?;
            let element = lists::element(list, index, self.budget)?;
            self.value(&element)?;
        }
        self.push("]")
    }

    /// Entries are in the order of what is written of their keys.
    fn map(&mut self, map: &Map<'_>) -> Result<(), Fault> {
        self.push("{")?;
        for (index, (text, key)) in self.keys(map)?.into_iter().enumerate() {
            self.push(if index == 0 { "" } else { ", " })?;
            self.push(&text)?;
            self.push(": ")?;
            let value = map.get(&key).or_fault(|| EvaluationErrorKind::NoSuchKey(text))?;
            self.value(&value)?;
        }
        self.push("}")
    }

    fn keys<'m>(&mut self, map: &Map<'m>) -> Result<Vec<(String, Key<'m>)>, Fault> {
        let mut keys = Vec::new();
        let mut written = Ok(());
        map.keys(&mut |value| {
            let mut output = Output::new(self.budget);
            written = output.value(&value);
            let text = output.text;
            keys.extend(Key::from_value(value).map(|key| (text, key)));
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        written?;
        let rounds = keys.len().checked_ilog2().unwrap_or(0) as usize + 1;
        for (text, _) in &keys {
            self.charge(rounds.saturating_mul(10 + text.len()))?;
        }
        keys.sort_by(|(one, _), (two, _)| one.cmp(two));
        Ok(keys)
    }
}

/// A duration in seconds, which are a double.
pub(in crate::functions) fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_seconds())
}
