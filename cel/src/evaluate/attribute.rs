//! Reading: variables, fields, elements, and whether there is a field.

use super::scope::{self, Scope};
use super::{Evaluated, Evaluator};
use crate::error::EvaluationErrorKind;
use crate::fault::{Fault, Stop};
use crate::input::{Lookup, Object};
use crate::node::{Attribute, Node, NodeKind, Root, Step, StepKind};
use crate::value::{Key, List, Map, Type, Value, evidence};

/// What is read, before an optional is made of it.
pub(super) enum Found<'a> {
    Value(Value<'a>),
    Optional(Option<Value<'a>>),
}

/// Where an attribute begins.
enum Start<'a> {
    /// At an object of the input; whether that was in an optional.
    Object(&'a dyn Object, bool),
    /// At an optional that holds nothing.
    Nothing,
    /// At something that is yet to be made, or to fail.
    Other,
}

impl<'a> Found<'a> {
    const fn of(value: Value<'a>, optional: bool) -> Self {
        if optional { Self::Optional(Some(value)) } else { Self::Value(value) }
    }
}

impl<'a> From<Found<'a>> for Value<'a> {
    fn from(found: Found<'a>) -> Self {
        match found {
            Found::Value(value) => value,
            Found::Optional(value) => Value::Optional(value.into()),
        }
    }
}

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn read(
        &mut self,
        attribute: &'a Attribute,
        offset: usize,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        if let Some(value) = self.field(attribute, scope) {
            return Ok(value);
        }
        self.find(attribute, None, offset, scope).map(Value::from)
    }

    /// What nearly every attribute is: a field of the input, and known.
    fn field(&mut self, attribute: &'a Attribute, scope: Scope<'_, 'a>) -> Option<Value<'a>> {
        let (last, way) = attribute.steps.split_last()?;
        let object = self.object(&attribute.root, way, scope)?;
        match object.field(last.field()?) {
            Lookup::Found(value) => Some(value),
            Lookup::Absent | Lookup::Unknown | Lookup::Failed(_) => None,
        }
    }

    /// The object of the input to which fields lead.
    fn object(&mut self, root: &'a Root, way: &'a [Step], scope: Scope<'_, 'a>) -> Option<&'a dyn Object> {
        if !self.unknown.is_empty() {
            return None;
        }
        let mut object = match root {
            Root::Node(_) => return None,
            Root::Local(local) => scope::local(*local, scope)?.as_object()?,
            Root::Variable { slot, name, .. } => self.variable(*slot, name)?,
        };
        for step in way {
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

    /// Reads an attribute, to test whether there is such a field in it, where that is given.
    pub(super) fn find(
        &mut self,
        attribute: &'a Attribute,
        tested: Option<&'a str>,
        offset: usize,
        scope: Scope<'_, 'a>,
    ) -> Result<Found<'a>, Stop> {
        if !self.unknown.is_empty() {
            self.must_be_known(attribute, tested, scope)?;
        }
        match self.start(attribute, scope) {
            Start::Object(object, optional) => return self.fields(attribute, object, optional, scope),
            Start::Nothing => return Ok(Found::Optional(None)),
            Start::Other => {}
        }
        match self.root(attribute, offset, scope) {
            Ok(value) => self.steps(attribute, 0, value, false, scope),
            Err(stop) if matches!(attribute.root, Root::Node(_)) => Err(stop),
            Err(stop) => Err(self.unless_a_key_fails(attribute, 0, stop, scope)),
        }
    }

    /// Looks at a root where it is.
    fn start(&mut self, attribute: &'a Attribute, scope: Scope<'_, 'a>) -> Start<'a> {
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
    fn fields(
        &mut self,
        attribute: &'a Attribute,
        mut object: &'a dyn Object,
        mut optional: bool,
        scope: Scope<'_, 'a>,
    ) -> Result<Found<'a>, Stop> {
        let last = attribute.steps.len().saturating_sub(1);
        for (taken, step) in attribute.steps.iter().enumerate() {
            let StepKind::Field(name) = &step.kind else {
                return self.steps(attribute, taken, Value::object(object), optional, scope);
            };
            optional |= step.optional;
            if taken < last
                && let Some(inner) = object.object(name)
            {
                object = inner;
                continue;
            }
            return match object.field(name) {
                Lookup::Found(value) => self.steps(attribute, taken + 1, value, optional, scope),
                Lookup::Absent if optional => Ok(Found::Optional(None)),
                _ => self.steps(attribute, taken, Value::object(object), optional, scope),
            };
        }
        Ok(Found::of(Value::object(object), optional))
    }

    /// The steps from one on, which leads from the value.
    fn steps(
        &mut self,
        attribute: &'a Attribute,
        from: usize,
        mut value: Value<'a>,
        mut optional: bool,
        scope: Scope<'_, 'a>,
    ) -> Result<Found<'a>, Stop> {
        for (taken, step) in attribute.steps.iter().enumerate().skip(from) {
            if let Value::Optional(of) = value {
                optional = true;
                let Some(inner) = of.value() else { return Ok(Found::Optional(None)) };
                value = inner;
            }
            optional |= step.optional;
            value = match self.step(attribute, taken, &value, optional, scope) {
                Ok(Some(value)) => value,
                Ok(None) => return Ok(Found::Optional(None)),
                Err(stop) => return Err(self.unless_a_key_fails(attribute, taken + 1, stop, scope)),
            };
        }
        Ok(Found::of(value, optional))
    }

    /// What one step comes to from a value. None: from an optional step on, nothing there is no failure.
    fn step(
        &mut self,
        attribute: &'a Attribute,
        taken: usize,
        value: &Value<'a>,
        optional: bool,
        scope: Scope<'_, 'a>,
    ) -> Result<Option<Value<'a>>, Stop> {
        let step = &attribute.steps[taken];
        let (mut made, mut key) = (None, None);
        let looked_up = match &step.kind {
            StepKind::Field(name) => field(value, name),
            StepKind::Index(index) => {
                let index = self.operand(index, scope, &mut made)?;
                self.charge_key(index, step.offset)?;
                element(value, key.insert(index))
            }
        };
        match looked_up {
            Ok(Lookup::Found(value)) => Ok(Some(value)),
            Ok(Lookup::Absent) if optional => Ok(None),
            Ok(Lookup::Absent) => Err(Stop::error(step.offset, absence(value, step, key))),
            Ok(Lookup::Unknown) => Err(self.unknown(attribute, taken + 1, scope)),
            Ok(Lookup::Failed(failure)) => Err(Stop::failed(step.offset, step.name(), failure)),
            Err(kind) => Err(Stop::error(step.offset, kind)),
        }
    }

    /// An unknown, unless an index behind it fails: then that, as in cel-go, which works all of them out.
    fn unless_a_key_fails(
        &mut self,
        attribute: &'a Attribute,
        from: usize,
        stop: Stop,
        scope: Scope<'_, 'a>,
    ) -> Stop {
        let Stop::Unknown(mut paths) = stop else { return stop };
        for step in attribute.steps.iter().skip(from) {
            match self.key_of(step, scope) {
                Ok(_) => {}
                Err(Stop::Unknown(more)) => paths.extend(*more),
                Err(failure) => return failure,
            }
        }
        Stop::Unknown(paths)
    }

    /// What a step selects, which must be something that can be selected.
    pub(super) fn key_of(&mut self, step: &'a Step, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let index = match &step.kind {
            StepKind::Field(name) => return Ok(Value::from(name)),
            StepKind::Index(index) => self.node::<Value<'a>>(index, scope)?,
        };
        if Key::can_find(&index) {
            return Ok(index);
        }
        let kind = EvaluationErrorKind::UnsupportedKeyType(index.type_of().name());
        Err(Stop::error(step.offset, kind))
    }

    fn root(&mut self, attribute: &'a Attribute, offset: usize, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let (slot, name, offset) = match &attribute.root {
            Root::Node(node) => return self.node(node, scope),
            Root::Local(local) => return self.local(*local, offset, scope),
            Root::Variable { slot, name, offset } => (*slot, name, *offset),
        };
        match self.input.variable(slot, name) {
            Lookup::Found(value) => Ok(value),
            Lookup::Unknown => Err(self.unknown(attribute, 0, scope)),
            Lookup::Absent => Err(Stop::error(offset, EvaluationErrorKind::NoSuchAttribute(evidence(name)))),
            Lookup::Failed(failure) => Err(Stop::failed(offset, name, failure)),
        }
    }

    pub(super) fn present(
        &mut self,
        attribute: &'a Attribute,
        offset: usize,
        scope: Scope<'_, 'a>,
    ) -> Result<bool, Stop> {
        self.must_be_known(attribute, None, scope)?;
        match self.root(attribute, offset, scope) {
            Ok(_) => Ok(true),
            Err(Stop::Error(error)) if matches!(error.kind, EvaluationErrorKind::NoSuchAttribute(_)) => {
                Ok(false)
            }
            Err(stop) => Err(stop),
        }
    }

    pub(super) fn has(
        &mut self,
        node: &'a Node,
        operand: &'a Node,
        name: &'a str,
        scope: Scope<'_, 'a>,
    ) -> Result<bool, Stop> {
        let found = match &operand.kind {
            NodeKind::Read(attribute) => {
                if let Some(object) = self.object(&attribute.root, &attribute.steps, scope)
                    && let Some(has) = object.has(name)
                {
                    return Ok(has);
                }
                self.find(attribute, Some(name), operand.offset, scope)?
            }
            _ => match self.node(operand, scope)? {
                Value::Optional(optional) => Found::Optional(optional.value()),
                value => Found::Value(value),
            },
        };
        // Nothing has no fields.
        let (Found::Value(value) | Found::Optional(Some(value))) = found else { return Ok(false) };
        let Value::Map(map) = &value else {
            return Err(self.stop(Fault::no_such_overload("has", &[value.type_of()]), node, scope));
        };
        match map.field(name) {
            Lookup::Found(_) => Ok(true),
            Lookup::Absent => Ok(false),
            Lookup::Unknown => Err(Stop::unknown(self.tested_in(operand, name, scope))),
            Lookup::Failed(failure) => Err(Stop::failed(node.offset, name, failure)),
        }
    }

    fn unknown(&mut self, attribute: &'a Attribute, taken: usize, scope: Scope<'_, 'a>) -> Stop {
        Stop::unknown(self.paths(attribute, taken, scope))
    }
}

fn field<'a>(value: &Value<'a>, name: &str) -> Result<Lookup<'a>, EvaluationErrorKind> {
    let Value::Map(map) = value else {
        let function = evidence(format_args!("_.{name}"));
        return Err(EvaluationErrorKind::no_such_overload(&function, &[value.type_of()]));
    };
    Ok(map.field(name))
}

fn element<'a>(value: &Value<'a>, index: &Value<'_>) -> Result<Lookup<'a>, EvaluationErrorKind> {
    match value {
        Value::List(list) => list_element(list, index),
        Value::Map(map) => map_entry(map, index),
        _ => Err(EvaluationErrorKind::no_such_overload("_[_]", &[value.type_of(), index.type_of()])),
    }
}

fn list_element<'a>(list: &List<'a>, index: &Value<'_>) -> Result<Lookup<'a>, EvaluationErrorKind> {
    let position = match Key::to_find(index) {
        Some(Key::Int(index)) => usize::try_from(index).ok(),
        Some(Key::Uint(index)) => usize::try_from(index).ok(),
        _ => return Err(EvaluationErrorKind::no_such_overload("_[_]", &[Type::List, index.type_of()])),
    };
    Ok(position.map_or(Lookup::Absent, |position| list.get(position)))
}

fn map_entry<'a>(map: &Map<'a>, key: &Value<'_>) -> Result<Lookup<'a>, EvaluationErrorKind> {
    match (Key::to_find(key), key) {
        (Some(found), _) => Ok(map.get(&found)),
        // No key is a fraction.
        (None, Value::Double(_)) => Ok(Lookup::Absent),
        (None, other) => Err(EvaluationErrorKind::UnsupportedKeyType(other.type_of().name())),
    }
}

/// The error that there is no such part in the value.
#[cold]
fn absence(value: &Value<'_>, step: &Step, key: Option<&Value<'_>>) -> EvaluationErrorKind {
    let key =
        key.map_or_else(|| evidence(step.name()), |key| key.as_str().map_or_else(|| evidence(key), evidence));
    if matches!(value, Value::List(_)) {
        EvaluationErrorKind::IndexOutOfBounds(key)
    } else {
        EvaluationErrorKind::NoSuchKey(key)
    }
}
