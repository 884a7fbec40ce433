//! Values as JSON, by protobuf's rules for it.

use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::functions::output::Output;
use crate::functions::{Answer, format, lists, number};
use crate::value::{List, Map, Value};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::ops::ControlFlow;

pub(super) fn encode<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [value] = arguments else { return Ok(None) };
    let mut output = Output::new(budget);
    output.json(value)?;
    Ok(Some(Value::from(output.text)))
}

/// Integers beyond this are no doubles, and so are written as strings.
const LARGEST: u64 = (1 << 53) - 1;

impl Output<'_> {
    fn json(&mut self, value: &Value<'_>) -> Result<(), Fault> {
        match value {
            Value::Null => self.push("null"),
            Value::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Value::Int(number) => self.integer(&number.to_string(), number.unsigned_abs()),
            Value::Uint(number) => self.integer(&number.to_string(), *number),
            Value::Double(number) if number.is_finite() => self.push(&number::as_json(*number)),
            Value::String(text) => self.text(text),
            Value::Bytes(bytes) => {
                self.charge(bytes.len())?;
                self.quoted(&BASE64_STANDARD.encode(&**bytes))
            }
            Value::Timestamp(timestamp) => self.quoted(&timestamp.to_string()),
            Value::Duration(duration) => self.quoted(&format::seconds(*duration)),
            Value::List(list) => self.nested(|this| this.array(list)),
            Value::Map(map) => self.nested(|this| this.object(map)),
            Value::Optional(optional) => match optional.value() {
                Some(value) => self.nested(|this| this.json(&value)),
                None => Err(EvaluationErrorKind::NoValue.into()),
            },
            Value::Double(_) | Value::Ip(_) | Value::Cidr(_) | Value::Type(_) => Err(not_json(value)),
        }
    }

    fn quoted(&mut self, text: &str) -> Result<(), Fault> {
        self.push("\"")?;
        self.push(text)?;
        self.push("\"")
    }

    fn integer(&mut self, digits: &str, size: u64) -> Result<(), Fault> {
        if size > LARGEST { self.quoted(digits) } else { self.push(digits) }
    }

    fn text(&mut self, text: &str) -> Result<(), Fault> {
        self.charge(text.len())?;
        self.push(&serde_json::Value::from(text).to_string())
    }

    fn array(&mut self, list: &List<'_>) -> Result<(), Fault> {
        self.push("[")?;
        for index in 0..list.size() {
            self.push(if index == 0 { "" } else { "," })?;
            let element = lists::element(list, index, self.budget)?;
            self.json(&element)?;
        }
        self.push("]")
    }

    /// Maps that an evaluation made keep their keys in order.
    fn object(&mut self, map: &Map<'_>) -> Result<(), Fault> {
        let mut written = self.push("{");
        let mut before = "";
        map.keys(&mut |key| {
            written = self.member(map, &key, std::mem::replace(&mut before, ","));
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        written?;
        self.push("}")
    }

    fn member(&mut self, map: &Map<'_>, key: &Value<'_>, before: &str) -> Result<(), Fault> {
        let Value::String(name) = key else { return Err(not_json(key)) };
        self.push(before)?;
        self.text(name)?;
        self.push(":")?;
        let value = map.field(name).or_fault(|| EvaluationErrorKind::NoSuchKey(name.to_string()))?;
        self.json(&value)
    }
}

fn not_json(value: &Value<'_>) -> Fault {
    EvaluationErrorKind::NotJson(value.type_of().name()).into()
}
