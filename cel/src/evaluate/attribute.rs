//! Reading: variables, fields, elements, and whether there is a field.

use super::element::{absence, element, field};
use super::objects::Start;
use super::scope::Scope;
use super::{Evaluated, Evaluator, Truth};
use crate::error::EvaluationErrorKind;
use crate::fault::{Fault, Stop};
use crate::input::Lookup;
use crate::node::{Attribute, Node, NodeKind, Root, Step, StepKind};
use crate::value::{Key, Value, evidence};

/// The steps of an attribute.
pub(super) struct Way<'k, 'a> {
    pub(super) attribute: &'a Attribute,
    /// What each of them selects, where that had to be known before: nothing is evaluated twice.
    pub(super) keys: Option<&'k [Evaluated<'a>]>,
}

impl<'k, 'a> Way<'k, 'a> {
    fn key(&self, step: usize) -> Option<Result<&'k Value<'a>, Stop>> {
        Some(self.keys?.get(step)?.as_ref().map_err(Stop::clone))
    }
}

/// What is read, before an optional is made of it.
pub(super) enum Found<'a> {
    Value(Value<'a>),
    Optional(Option<Value<'a>>),
}

impl<'a> Found<'a> {
    pub(super) const fn of(value: Value<'a>, optional: bool) -> Self {
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
        self.find(attribute, None, offset, scope).map(Value::from)
    }

    /// Each field or element on the way is a step.
    fn charge_steps(&mut self, attribute: &Attribute, offset: usize) -> Result<(), Stop> {
        let charged = self.budget.charge(attribute.steps.len() as u64);
        charged.map_err(|exceeded| Stop::error(offset, exceeded))
    }

    /// Reads an attribute, to test whether there is such a field in it, where that is given.
    pub(super) fn find(
        &mut self,
        attribute: &'a Attribute,
        tested: Option<&'a str>,
        offset: usize,
        scope: Scope<'_, 'a>,
    ) -> Result<Found<'a>, Stop> {
        self.charge_steps(attribute, offset)?;
        let keys = self.must_be_known(attribute, tested, scope)?;
        if keys.is_none() {
            match self.start(attribute, scope) {
                Start::Object(object, optional) => return self.fields(attribute, object, optional, scope),
                Start::Nothing => return Ok(Found::Optional(None)),
                Start::Other => {}
            }
        }
        let way = Way { attribute, keys: keys.as_deref() };
        match self.root(attribute, offset, scope) {
            Ok(value) => self.steps(&way, 0, value, false, scope),
            Err(stop) if matches!(&attribute.root, Root::Node(node) if self.is_made(node, scope)) => {
                Err(stop)
            }
            Err(stop) => Err(self.unless_a_key_fails(&way, 0, stop, scope)),
        }
    }

    /// Whether a root that failed was made before any step is looked at. Where an arm of a conditional reads what there
    /// is, the steps are the arm's for cel-go.
    fn is_made(&mut self, root: &'a Node, scope: Scope<'_, 'a>) -> bool {
        match &root.kind {
            NodeKind::Conditional { operands } => match self.node(&operands[0], scope) {
                Ok(Truth::True) => self.is_made(&operands[1], scope),
                Ok(Truth::False) => self.is_made(&operands[2], scope),
                Ok(Truth::Other(_)) | Err(_) => true,
            },
            NodeKind::Read(Attribute { root: Root::Node(inner), .. }) => {
                self.node::<Value<'a>>(inner, scope).is_err() && self.is_made(inner, scope)
            }
            NodeKind::Read(_) => false,
            _ => true,
        }
    }

    /// The steps from one on, which leads from the value.
    pub(super) fn steps(
        &mut self,
        way: &Way<'_, 'a>,
        from: usize,
        mut value: Value<'a>,
        mut optional: bool,
        scope: Scope<'_, 'a>,
    ) -> Result<Found<'a>, Stop> {
        for (taken, step) in way.attribute.steps.iter().enumerate().skip(from) {
            if let Value::Optional(of) = value {
                optional = true;
                let Some(inner) = of.value() else { return Ok(Found::Optional(None)) };
                value = inner;
            }
            optional |= step.optional;
            value = match self.step(way, taken, &value, optional, scope) {
                Ok(Some(value)) => value,
                Ok(None) => return Ok(Found::Optional(None)),
                Err(stop) => return Err(self.unless_a_key_fails(way, taken + 1, stop, scope)),
            };
        }
        Ok(Found::of(value, optional))
    }

    /// What one step comes to from a value. None: from an optional step on, nothing there is no failure.
    fn step(
        &mut self,
        way: &Way<'_, 'a>,
        taken: usize,
        value: &Value<'a>,
        optional: bool,
        scope: Scope<'_, 'a>,
    ) -> Result<Option<Value<'a>>, Stop> {
        let step = &way.attribute.steps[taken];
        let (mut made, mut key) = (None, None);
        let looked_up = match (&step.kind, way.key(taken)) {
            (StepKind::Field(name), _) => field(value, name),
            (StepKind::Index(index), known) => {
                let index = known.unwrap_or_else(|| self.operand(index, scope, &mut made))?;
                self.charge_key(index, step.offset)?;
                element(value, key.insert(index))
            }
        };
        match looked_up {
            Ok(Lookup::Found(value)) => Ok(Some(value)),
            Ok(Lookup::Absent) if optional => Ok(None),
            Ok(Lookup::Absent) => Err(Stop::error(step.offset, absence(value, step, key))),
            Ok(Lookup::Unknown) => Err(self.unknown(way.attribute, taken + 1, scope)),
            Ok(Lookup::Failed(failure)) => Err(Stop::failed(step.offset, step.name(), failure)),
            Err(kind) => Err(Stop::error(step.offset, kind)),
        }
    }

    /// An unknown, unless an index behind it fails: then that, as in cel-go, which works all of them out.
    fn unless_a_key_fails(
        &mut self,
        way: &Way<'_, 'a>,
        from: usize,
        stop: Stop,
        scope: Scope<'_, 'a>,
    ) -> Stop {
        let Stop::Unknown(mut paths) = stop else { return stop };
        for (taken, step) in way.attribute.steps.iter().enumerate().skip(from) {
            let key = way.key(taken).map(|key| key.map(drop));
            match key.unwrap_or_else(|| self.key_of(step, scope).map(drop)) {
                Ok(()) => {}
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
                if let Some(object) = self.object(attribute, scope)
                    && let Some(has) = object.has(name)
                {
                    self.charge_steps(attribute, operand.offset)?;
                    return Ok(has);
                }
                self.find(attribute, Some(name), operand.offset, scope)?
            }
            _ => Found::Value(self.node(operand, scope)?),
        };
        let value = match found {
            Found::Value(Value::Optional(optional)) => optional.value(),
            Found::Value(value) => Some(value),
            Found::Optional(value) => value,
        };
        // Nothing has no fields.
        let Some(value) = value else { return Ok(false) };
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
