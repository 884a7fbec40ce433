//! Constants, lists and maps.

use super::Checker;
use super::deduced::Deduced;
use crate::node::{Element, Entry};
use crate::value::{Type, Value};

impl<'e> Checker<'e> {
    pub(super) fn constant(&mut self, value: &Value<'_>) -> Deduced<'e> {
        match value {
            Value::Null => Deduced::Null,
            Value::Bool(_) => Deduced::Bool,
            Value::Int(_) => Deduced::Int,
            Value::Uint(_) => Deduced::Uint,
            Value::Double(_) => Deduced::Double,
            Value::String(_) => Deduced::String,
            Value::Bytes(_) => Deduced::Bytes,
            Value::Type(of) => {
                let of = self.named(*of);
                self.types.type_of(of)
            }
            // No literal makes another.
            _ => Deduced::Dyn,
        }
    }

    /// A type that is named: nothing is known of its parameters.
    fn named(&mut self, of: Type) -> Deduced<'e> {
        match of {
            Type::Null => Deduced::Null,
            Type::Bool => Deduced::Bool,
            Type::Int => Deduced::Int,
            Type::Uint => Deduced::Uint,
            Type::Double => Deduced::Double,
            Type::String => Deduced::String,
            Type::Bytes => Deduced::Bytes,
            Type::Timestamp => Deduced::Timestamp,
            Type::Duration => Deduced::Duration,
            Type::Ip => Deduced::Ip,
            Type::Cidr => Deduced::Cidr,
            Type::List => self.types.list(Deduced::Dyn),
            Type::Map => self.types.map(Deduced::Dyn, Deduced::Dyn),
            Type::Optional => self.types.optional(Deduced::Dyn),
            Type::Type => Deduced::TYPE,
        }
    }

    pub(super) fn list(&mut self, elements: &mut [Element]) -> Deduced<'e> {
        let mut joined = None;
        for Element { value, optional } in elements {
            let mut found = self.node(value);
            if *optional {
                found = self.unwrapped(value.offset, found);
            }
            joined = Some(self.join(value.offset, joined, found));
        }
        let element = joined.unwrap_or_else(|| self.types.variable());
        self.types.list(element)
    }

    pub(super) fn map(&mut self, entries: &mut [Entry]) -> Deduced<'e> {
        let mut joined = None;
        for Entry { key, value, optional } in entries {
            let (keys, values) = joined.unzip();
            let found = self.node(key);
            let keys = self.join(key.offset, keys, found);
            let mut found = self.node(value);
            if *optional {
                found = self.unwrapped(value.offset, found);
            }
            joined = Some((keys, self.join(value.offset, values, found)));
        }
        let (key, value) = joined.unwrap_or_else(|| (self.types.variable(), self.types.variable()));
        self.types.map(key, value)
    }

    /// What an optional value is, if it is there.
    fn unwrapped(&mut self, offset: usize, found: Deduced<'e>) -> Deduced<'e> {
        match found {
            Deduced::Optional(of) => return self.types.first(of),
            Deduced::Dyn => {}
            other => {
                let expected = self.types.optional(other);
                self.mismatch(offset, expected, other);
            }
        }
        found
    }

    /// What is known of all elements, when one more is found.
    fn join(&mut self, offset: usize, before: Option<Deduced<'e>>, found: Deduced<'e>) -> Deduced<'e> {
        let Some(before) = before else { return found };
        if self.types.assign(before, found) {
            return self.types.most_general(before, found);
        }
        if !self.environment.homogeneous_literals {
            return Deduced::Dyn;
        }
        self.mismatch(offset, before, found)
    }
}
