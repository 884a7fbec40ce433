//! Reading: variables, fields, elements, and whether there is a field.

use super::{Evaluated, Evaluator, Scope, frame};
use crate::error::EvaluationErrorKind;
use crate::fault::{Fault, Stop};
use crate::input::Lookup;
use crate::node::{self, Attribute, Node, NodeKind, Root, Step, StepKind};
use crate::value::{Key, List, Map, Optional, Value, evidence};

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn read(
        &mut self,
        attribute: &'a Attribute,
        offset: usize,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        self.must_be_known(attribute, None, scope)?;
        self.resolve(attribute, offset, scope)
    }

    fn resolve(&mut self, attribute: &'a Attribute, offset: usize, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let mut value = match self.root(attribute, offset, scope) {
            Err(stop) if !matches!(attribute.root, Root::Node(_)) => {
                return Err(self.unless_a_key_fails(attribute, 0, stop, scope));
            }
            root => root?,
        };
        let mut optional = false;
        for (taken, step) in attribute.steps.iter().enumerate() {
            if let Value::Optional(of) = value {
                optional = true;
                let Some(inner) = of.value() else { return Ok(Value::Optional(Optional::NONE)) };
                value = inner;
            }
            optional |= step.optional;
            let key = match &step.kind {
                StepKind::Field(_) => None,
                StepKind::Index(index) => match self.node(index, scope) {
                    Ok(key) => Some(key),
                    Err(stop) => return Err(self.unless_a_key_fails(attribute, taken + 1, stop, scope)),
                },
            };
            value = match self.step(attribute, taken, &value, key.as_ref(), scope) {
                Ok(value) => value,
                // From an optional step on, nothing there is no failure.
                Err(Stop::Error(error)) if optional && error.kind.is_absence() => {
                    return Ok(Value::Optional(Optional::NONE));
                }
                Err(stop) => return Err(self.unless_a_key_fails(attribute, taken + 1, stop, scope)),
            };
        }
        Ok(if optional { Value::Optional(Optional::of(value)) } else { value })
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
                Err(Stop::Unknown(more)) => paths.extend(more),
                Err(failure) => return failure,
            }
        }
        Stop::Unknown(paths)
    }

    /// What a step selects, which must be something that can be selected.
    pub(super) fn key_of(&mut self, step: &'a Step, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let index = match &step.kind {
            StepKind::Field(name) => return Ok(Value::from(name)),
            StepKind::Index(index) => self.node(index, scope)?,
        };
        if Key::can_find(&index) {
            return Ok(index);
        }
        let kind = EvaluationErrorKind::UnsupportedKeyType(index.type_of().name());
        Err(Stop::error(step.offset, kind))
    }

    /// What one step comes to from a value; `key` where it is an index.
    fn step(
        &mut self,
        attribute: &'a Attribute,
        taken: usize,
        value: &Value<'a>,
        key: Option<&Value<'a>>,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let step = &attribute.steps[taken];
        let looked_up = match (&step.kind, key) {
            (StepKind::Index(_), Some(key)) => {
                self.charge_key(key, step.offset)?;
                element(value, key)
            }
            _ => field(value, step.name()),
        };
        looked_up.map_err(|fault| match fault {
            Fault::Error(kind) => Stop::error(step.offset, kind),
            Fault::Failed(failure) => Stop::failed(step.offset, step.name(), failure),
            Fault::Unknown => self.unknown(attribute, taken + 1, scope),
        })
    }

    fn root(&mut self, attribute: &'a Attribute, offset: usize, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let (looked_up, offset) = match &attribute.root {
            Root::Node(node) => return self.node(node, scope),
            Root::Local(local) => (local_value(*local, scope)?, offset),
            Root::Variable { slot, name, offset } => (self.input.variable(*slot, name), *offset),
        };
        match looked_up {
            Lookup::Found(value) => Ok(value),
            Lookup::Unknown => Err(self.unknown(attribute, 0, scope)),
            Lookup::Absent => {
                let name = evidence(attribute.root.name());
                Err(Stop::error(offset, EvaluationErrorKind::NoSuchAttribute(name)))
            }
            Lookup::Failed(failure) => Err(Stop::failed(offset, attribute.root.name(), failure)),
        }
    }

    pub(super) fn present(
        &mut self,
        attribute: &'a Attribute,
        offset: usize,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        self.must_be_known(attribute, None, scope)?;
        match self.root(attribute, offset, scope) {
            Ok(_) => Ok(Value::Bool(true)),
            Err(Stop::Error(error)) if matches!(error.kind, EvaluationErrorKind::NoSuchAttribute(_)) => {
                Ok(Value::Bool(false))
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
    ) -> Evaluated<'a> {
        let value = match &operand.kind {
            NodeKind::Read(attribute) => {
                self.must_be_known(attribute, Some(name), scope)?;
                self.resolve(attribute, operand.offset, scope)?
            }
            _ => self.node(operand, scope)?,
        };
        let value = match value {
            // Nothing has no fields.
            Value::Optional(optional) => match optional.value() {
                Some(value) => value,
                None => return Ok(Value::Bool(false)),
            },
            value => value,
        };
        match &value {
            Value::Map(map) => match map.field(name) {
                Lookup::Found(_) => Ok(Value::Bool(true)),
                Lookup::Absent => Ok(Value::Bool(false)),
                Lookup::Unknown => Err(Stop::Unknown(self.tested_in(operand, name, scope))),
                Lookup::Failed(failure) => Err(Stop::failed(node.offset, name, failure)),
            },
            other => Err(self.stop(Fault::no_such_overload("has", std::slice::from_ref(other)), node, scope)),
        }
    }

    fn unknown(&mut self, attribute: &'a Attribute, taken: usize, scope: Scope<'_, 'a>) -> Stop {
        Stop::Unknown(self.paths(attribute, taken, scope))
    }
}

/// What a macro's variable holds.
fn local_value<'a>(local: node::Local, scope: Scope<'_, 'a>) -> Result<Lookup<'a>, Stop> {
    let Some(frame) = frame(local.outwards, scope) else { return Ok(Lookup::Absent) };
    if local.second { &frame.second } else { &frame.first }.value.clone()
}

fn field<'a>(value: &Value<'a>, name: &str) -> Result<Value<'a>, Fault> {
    let Value::Map(map) = value else {
        return Err(Fault::no_such_overload(
            &evidence(format_args!("_.{name}")),
            std::slice::from_ref(value),
        ));
    };
    map.field(name).or_fault(|| EvaluationErrorKind::NoSuchKey(evidence(name)))
}

fn element<'a>(value: &Value<'a>, index: &Value<'_>) -> Result<Value<'a>, Fault> {
    match value {
        Value::List(list) => list_element(list, index),
        Value::Map(map) => map_entry(map, index),
        other => Err(Fault::no_such_overload("_[_]", &[other.borrowed(), index.borrowed()])),
    }
}

fn list_element<'a>(list: &List<'a>, index: &Value<'_>) -> Result<Value<'a>, Fault> {
    let position = match Key::to_find(index) {
        Some(Key::Int(index)) => usize::try_from(index).ok(),
        Some(Key::Uint(index)) => usize::try_from(index).ok(),
        _ => return Err(Fault::no_such_overload("_[_]", &[Value::List(list.borrowed()), index.borrowed()])),
    };
    let out_of_bounds = || EvaluationErrorKind::IndexOutOfBounds(evidence(index));
    list.get(position.ok_or_else(out_of_bounds)?).or_fault(out_of_bounds)
}

fn map_entry<'a>(map: &Map<'a>, key: &Value<'_>) -> Result<Value<'a>, Fault> {
    let missing = || EvaluationErrorKind::NoSuchKey(key.as_str().map_or_else(|| evidence(key), evidence));
    match (Key::to_find(key), key) {
        (Some(found), _) => map.get(&found).or_fault(missing),
        // No key is a fraction.
        (None, Value::Double(_)) => Err(missing().into()),
        (None, other) => Err(EvaluationErrorKind::UnsupportedKeyType(other.type_of().name()).into()),
    }
}
