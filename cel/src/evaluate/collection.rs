//! Lists and maps that an expression makes.

use super::{Evaluated, Evaluator, Scope};
use crate::error::EvaluationErrorKind;
use crate::fault::Stop;
use crate::node::{Element, Entry, Node};
use crate::value::{Key, RepeatedKey, Value};

impl<'a> Evaluator<'_, 'a> {
    /// All the values. The first that fails decides, save that unknowns come together.
    pub(super) fn all(
        &mut self,
        nodes: impl ExactSizeIterator<Item = &'a Node>,
        scope: Scope<'_, 'a>,
    ) -> Result<Vec<Value<'a>>, Stop> {
        let mut values = Vec::with_capacity(nodes.len());
        let mut unknown = None;
        for node in nodes {
            match self.node(node, scope) {
                Ok(value) => values.push(value),
                Err(stop) => unknown = Some(unless_an_error(unknown, stop)?),
            }
        }
        unknown.map_or(Ok(values), Err)
    }

    pub(super) fn list(&mut self, elements: &'a [Element], scope: Scope<'_, 'a>) -> Evaluated<'a> {
        if elements.iter().any(|element| element.optional) {
            return self.list_of_some(elements, scope);
        }
        let elements = self.all(elements.iter().map(|element| &element.value), scope)?;
        Ok(Value::list(elements))
    }

    /// A list in which `?x` stands for what the optional holds, or nothing.
    fn list_of_some(&mut self, elements: &'a [Element], scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let mut values = Vec::with_capacity(elements.len());
        let mut unknown = None;
        for Element { value, optional } in elements {
            let made = self.node(value, scope);
            match if *optional { made.and_then(|made| self.optional(value, made)) } else { made.map(Some) } {
                Ok(made) => values.extend(made),
                Err(stop) => unknown = Some(unless_an_error(unknown, stop)?),
            }
        }
        unknown.map_or(Ok(Value::list(values)), Err)
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

/// The unknown that a failure adds to, where it is not the first and an error.
fn unless_an_error(unknown: Option<Stop>, stop: Stop) -> Result<Stop, Stop> {
    match (unknown, stop) {
        (Some(unknown), stop) => Ok(unknown.and(stop)),
        (None, error @ Stop::Error(_)) => Err(error),
        (None, unknown @ Stop::Unknown(_)) => Ok(unknown),
    }
}

/// A map of entries made at a node.
pub(super) fn map_of<'a>(offset: usize, entries: Vec<(Key<'a>, Value<'a>)>) -> Evaluated<'a> {
    Value::map(entries).map_err(|RepeatedKey(key)| Stop::error(offset, EvaluationErrorKind::RepeatedKey(key)))
}
