//! The way through objects of the input, on which no value is made.

use super::Evaluator;
use super::attribute::{Found, Way};
use super::scope::{self, Scope};
use crate::fault::Stop;
use crate::input::{Lookup, Object};
use crate::node::{Attribute, Root, StepKind};
use crate::value::Value;

/// Where an attribute begins.
pub(super) enum Start<'a> {
    /// At an object of the input; whether that was in an optional.
    Object(&'a dyn Object, bool),
    /// At an optional that holds nothing.
    Nothing,
    /// At something that is yet to be made, or to fail.
    Other,
}

impl<'a> Evaluator<'_, 'a> {
    /// The object of the input that an attribute is, if nothing has to be made to know it.
    pub(super) fn object(
        &mut self,
        attribute: &'a Attribute,
        scope: Scope<'_, 'a>,
    ) -> Option<&'a dyn Object> {
        if !self.unknown.is_empty() {
            return None;
        }
        let mut object = match &attribute.root {
            Root::Node(_) => return None,
            Root::Local(local) => scope::local(*local, scope)?.as_object()?,
            Root::Variable { slot, name, .. } => self.variable(*slot, name)?,
        };
        for step in &attribute.steps {
            object = object.object(step.field()?)?;
        }
        Some(object)
    }

    /// The variable, where it is an object of the input. The one that was asked for last is at hand.
    fn variable(&mut self, slot: usize, name: &str) -> Option<&'a dyn Object> {
        if let Some((at_hand, object)) = self.at_hand
            && at_hand == slot
        {
            return Some(object);
        }
        let Lookup::Found(value) = self.input.variable(slot, name) else { return None };
        let object = value.as_object()?;
        self.at_hand = Some((slot, object));
        Some(object)
    }

    /// Looks at a root where it is.
    pub(super) fn start(&mut self, attribute: &'a Attribute, scope: Scope<'_, 'a>) -> Start<'a> {
        let object = match &attribute.root {
            Root::Variable { slot, name, .. } => self.variable(*slot, name),
            Root::Local(local) => match scope::local(*local, scope) {
                Some(Value::Optional(optional)) => match optional.get() {
                    None => return Start::Nothing,
                    Some(value) => {
                        return value.as_object().map_or(Start::Other, |object| Start::Object(object, true));
                    }
                },
                local => local.and_then(Value::as_object),
            },
            Root::Node(_) => None,
        };
        object.map_or(Start::Other, |object| Start::Object(object, false))
    }

    /// The fields of objects of the input, and the steps behind them.
    pub(super) fn fields(
        &mut self,
        attribute: &'a Attribute,
        mut object: &'a dyn Object,
        mut optional: bool,
        scope: Scope<'_, 'a>,
    ) -> Result<Found<'a>, Stop> {
        let way = Way { attribute, keys: None };
        let last = attribute.steps.len().saturating_sub(1);
        for (taken, step) in attribute.steps.iter().enumerate() {
            let StepKind::Field(name) = &step.kind else {
                return self.steps(&way, taken, Value::object(object), optional, scope);
            };
            optional |= step.optional;
            if taken < last
                && let Some(inner) = object.object(name)
            {
                object = inner;
                continue;
            }
            return match object.field(name) {
                Lookup::Found(value) => self.steps(&way, taken + 1, value, optional, scope),
                Lookup::Absent if optional => Ok(Found::Optional(None)),
                _ => self.steps(&way, taken, Value::object(object), optional, scope),
            };
        }
        Ok(Found::of(Value::object(object), optional))
    }
}
