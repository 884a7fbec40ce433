//! Lists and maps that an expression makes.

use super::{Evaluated, Evaluator, Scope};
use crate::error::EvaluationErrorKind;
use crate::fault::Stop;
use crate::node::{Element, Entry, Node};
use crate::value::{Key, RepeatedKey, Value};

/// Values that are needed together. The first that fails decides, save that unknowns come together.
struct Together<'a> {
    values: Vec<Value<'a>>,
    unknown: Option<Stop>,
}

impl<'a> Together<'a> {
    fn new(size: usize) -> Self {
        Self { values: Vec::with_capacity(size), unknown: None }
    }

    fn add(&mut self, value: Evaluated<'a>) -> Result<(), Stop> {
        match (value, self.unknown.take()) {
            (Ok(value), unknown) => {
                self.values.push(value);
                self.unknown = unknown;
            }
            (Err(error @ Stop::Error(_)), None) => return Err(error),
            (Err(unknown), None) => self.unknown = Some(unknown),
            (Err(stop), Some(unknown)) => self.unknown = Some(unknown.and(stop)),
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<Value<'a>>, Stop> {
        self.unknown.map_or(Ok(self.values), Err)
    }
}

impl<'a> Evaluator<'_, 'a> {
    /// All the values.
    pub(super) fn all(&mut self, nodes: &'a [Node], scope: Scope<'_, 'a>) -> Result<Vec<Value<'a>>, Stop> {
        let mut values = Together::new(nodes.len());
        for node in nodes {
            values.add(self.node(node, scope))?;
        }
        values.finish()
    }

    pub(super) fn list(&mut self, elements: &'a [Element], scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let mut values = Together::new(elements.len());
        for element in elements {
            let value = self.node(&element.value, scope);
            if !element.optional {
                values.add(value)?;
                continue;
            }
            match value.and_then(|value| self.optional(&element.value, value)).transpose() {
                None => {}
                Some(value) => values.add(value)?,
            }
        }
        values.finish().map(Value::list)
    }

    /// What an optional holds; the error that it is none.
    fn optional(&self, node: &Node, value: Value<'a>) -> Result<Option<Value<'a>>, Stop> {
        match value {
            Value::Optional(optional) => Ok(optional.value()),
            other => {
                let kind = EvaluationErrorKind::NotOptional(other.type_of().name());
                Err(Stop::error(node.offset, kind))
            }
        }
    }

    pub(super) fn map(&mut self, node: &Node, entries: &'a [Entry], scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let mut made = Vec::with_capacity(entries.len());
        for entry in entries {
            let key = self.node(&entry.key, scope)?;
            let key = self.key(key, entry.key.offset)?;
            let value = self.node(&entry.value, scope)?;
            let value = if entry.optional { self.optional(&entry.value, value)? } else { Some(value) };
            made.extend(value.map(|value| (key, value)));
        }
        map_of(node.offset, made)
    }

    /// The key that a value makes.
    pub(super) fn key(&mut self, value: Value<'a>, offset: usize) -> Result<Key<'a>, Stop> {
        self.charge_key(&value, offset)?;
        let of = value.type_of();
        let unsupported = || Stop::error(offset, EvaluationErrorKind::UnsupportedKeyType(of.name()));
        Key::from_value(value).ok_or_else(unsupported)
    }

    /// Keys are compared with others, so that long ones cost more.
    pub(super) fn charge_key(&mut self, key: &Value<'_>, offset: usize) -> Result<(), Stop> {
        let size = key.as_str().map_or(0, str::len);
        self.budget.charge_bytes(size).map_err(|kind| Stop::error(offset, kind))
    }
}

/// A map of entries made at a node.
pub(super) fn map_of<'a>(offset: usize, entries: Vec<(Key<'a>, Value<'a>)>) -> Evaluated<'a> {
    Value::map(entries).map_err(|RepeatedKey(key)| Stop::error(offset, EvaluationErrorKind::RepeatedKey(key)))
}
