//! The evaluation of a program.
//!
//! Nothing is allocated but what the expression itself makes: locals live on the stack, in frames that know the
//! ones around them.

mod attribute;
mod comprehension;
mod logic;
mod operators;
mod optional;
mod paths;
mod patterns;
#[cfg(test)]
pub(crate) mod tests;

use crate::ast::Unary;
use crate::budget::Budget;
use crate::error::{EvaluationError, EvaluationErrorKind};
use crate::fault::{Fault, Located, Stop};
use crate::functions::Function;
use crate::input::{Input, Lookup};
use crate::node::{Element, Entry, Node, NodeKind, Search};
use crate::outcome::Outcome;
use crate::pattern::AttributePattern;
use crate::position::Position;
use crate::value::{Key, RepeatedKey, Value};
use std::collections::BTreeSet;

pub(crate) fn evaluate<'a>(
    root: &'a Node,
    source: &'a str,
    input: &'a dyn Input,
    unknown: &'a [AttributePattern],
    budget: &mut Budget,
) -> Outcome<'a> {
    let result = Evaluator { input, unknown, budget }.node(root, None);
    let error = match result {
        // `a || true` would have hidden it.
        _ if budget.is_exceeded() => {
            Located { offset: root.offset, kind: EvaluationErrorKind::BudgetExceeded }
        }
        Ok(value) => return Outcome::Value(value),
        Err(Stop::Unknown(paths)) => return Outcome::Unknown(paths),
        Err(Stop::Error(error)) => *error,
    };
    let position = Position::in_source(source, error.offset);
    Outcome::Error(EvaluationError { position, kind: error.kind })
}

type Evaluated<'a> = Result<Value<'a>, Stop>;

struct Evaluator<'e, 'a> {
    input: &'a dyn Input,
    /// What of it is unknown, whatever it says.
    unknown: &'a [AttributePattern],
    budget: &'e mut Budget,
}

/// The innermost macro with variables around a node.
type Scope<'s, 'a> = Option<&'s Frame<'s, 'a>>;

/// The variables of a macro.
struct Frame<'s, 'a> {
    first: Local<'a>,
    second: Local<'a>,
    /// What the variables were made from.
    origin: &'a Node,
    /// What `origin` sees.
    outer: Scope<'s, 'a>,
}

/// A variable of a macro.
struct Local<'a> {
    value: Result<Lookup<'a>, Stop>,
    place: Place,
}

/// Where a variable's value is within what the macro is about.
#[derive(Clone)]
enum Place {
    /// It is all of it.
    Whole,
    /// It is a part, by index or by name.
    Part(String),
    Index(usize),
    /// It is in no place of its own: a key, an index.
    Nowhere,
}

impl<'a> Local<'a> {
    const NONE: Self = Self { value: Ok(Lookup::Absent), place: Place::Nowhere };

    fn found(value: Value<'a>, place: Place) -> Self {
        Self { value: Ok(Lookup::Found(value)), place }
    }
}

/// The frame that lies so many outside the innermost.
fn frame<'s, 'a>(outwards: usize, mut scope: Scope<'s, 'a>) -> Scope<'s, 'a> {
    for _ in 0..outwards {
        scope = scope.and_then(|frame| frame.outer);
    }
    scope
}

/// Values that are needed together. The first that fails decides, save that unknowns come together.
struct Together<'a> {
    values: Vec<Value<'a>>,
    unknown: Option<BTreeSet<String>>,
}

impl<'a> Together<'a> {
    fn new(size: usize) -> Self {
        Self { values: Vec::with_capacity(size), unknown: None }
    }

    fn add(&mut self, value: Evaluated<'a>) -> Result<(), Stop> {
        match value {
            Ok(value) => self.values.push(value),
            Err(Stop::Unknown(paths)) => self.unknown.get_or_insert_default().extend(paths),
            Err(error) if self.unknown.is_none() => return Err(error),
            Err(_) => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<Value<'a>>, Stop> {
        self.unknown.map_or(Ok(self.values), |paths| Err(Stop::Unknown(paths)))
    }
}

impl<'a> Evaluator<'_, 'a> {
    fn node(&mut self, node: &'a Node, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        self.budget.charge(1).map_err(|kind| Stop::error(node.offset, kind))?;
        match &node.kind {
            NodeKind::Constant(value) => Ok(value.borrowed()),
            NodeKind::Read(attribute) => self.read(attribute, node.offset, scope),
            NodeKind::Present(attribute) => self.present(attribute, node.offset, scope),
            NodeKind::Has { operand, field } => self.has(node, operand, field, scope),
            NodeKind::Unary { operator, operand } => self.unary(node, *operator, operand, scope),
            NodeKind::Binary { operator, operands } => {
                let [one, two] = self.both(&operands[0], &operands[1], scope)?;
                let result = operators::binary(*operator, &one, &two, self.budget);
                result.map_err(|fault| self.stop(fault, node, scope))
            }
            NodeKind::Logic { operator, terms } => self.logic(node.offset, *operator, terms, scope),
            NodeKind::Conditional { operands } => self.conditional(node, operands, scope),
            NodeKind::List(elements) => self.list(elements, scope),
            NodeKind::Map(entries) => self.map(node, entries, scope),
            NodeKind::Call { function, arguments } => self.call(node, function.function, arguments, scope),
            NodeKind::Matches { subject, pattern } => {
                let subject = self.node(subject, scope)?;
                let result = operators::matches(&subject, pattern, self.budget);
                result.map_err(|fault| self.stop(fault, node, scope))
            }
            NodeKind::Search(search) => self.search(node, search, scope),
            NodeKind::Comprehension(comprehension) => self.comprehension(node, comprehension, scope),
            NodeKind::Bind(operands) => self.bind(operands, scope),
            NodeKind::OptionalMap { operands, flat } => self.optional_map(node, operands, *flat, scope),
            NodeKind::OptionalOr { operands, value } => self.optional_or(node, operands, *value, scope),
            NodeKind::Declared { name, .. } => {
                Err(Stop::error(node.offset, EvaluationErrorKind::NoSuchFunction(name.clone())))
            }
            NodeKind::Fails(kind) => Err(Stop::error(node.offset, kind.clone())),
        }
    }

    /// Keys are compared with others, so that long ones cost more.
    fn charge_key(&mut self, key: &Value<'_>, offset: usize) -> Result<(), Stop> {
        let size = key.as_str().map_or(0, str::len);
        self.budget.charge_bytes(size).map_err(|kind| Stop::error(offset, kind))
    }

    /// Says of a fault where it happened: for an unknown part of an operand, what the operands were read from.
    fn stop(&mut self, fault: Fault, node: &'a Node, scope: Scope<'_, 'a>) -> Stop {
        match fault {
            Fault::Error(kind) => Stop::error(node.offset, kind),
            Fault::Failed(failure) => Stop::failed(node.offset, "an element", failure),
            Fault::Unknown => Stop::Unknown(self.read_by(node, scope)),
        }
    }

    /// Both operands. The first that fails decides; unknowns of the second are added to those of the first.
    fn both(&mut self, one: &'a Node, two: &'a Node, scope: Scope<'_, 'a>) -> Result<[Value<'a>; 2], Stop> {
        let one = self.node(one, scope);
        match (one, self.node(two, scope)) {
            (Ok(one), Ok(two)) => Ok([one, two]),
            (Err(Stop::Unknown(mut paths)), Err(Stop::Unknown(more))) => {
                paths.extend(more);
                Err(Stop::Unknown(paths))
            }
            (Err(failure), _) | (_, Err(failure)) => Err(failure),
        }
    }

    /// All the values, by the same rule.
    fn all(&mut self, nodes: &'a [Node], scope: Scope<'_, 'a>) -> Result<Vec<Value<'a>>, Stop> {
        let mut values = Together::new(nodes.len());
        for node in nodes {
            values.add(self.node(node, scope))?;
        }
        values.finish()
    }

    fn list(&mut self, elements: &'a [Element], scope: Scope<'_, 'a>) -> Evaluated<'a> {
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

    fn unary(
        &mut self,
        node: &'a Node,
        operator: Unary,
        operand: &'a Node,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let value = self.node(operand, scope)?;
        operators::unary(operator, &value).map_err(|fault| self.stop(fault, node, scope))
    }

    fn conditional(
        &mut self,
        node: &'a Node,
        operands: &'a [Node; 3],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let [condition, then, otherwise] = operands;
        match self.node(condition, scope)? {
            Value::Bool(true) => self.node(then, scope),
            Value::Bool(false) => self.node(otherwise, scope),
            other => Err(self.stop(Fault::no_such_overload("_?_:_", &[other]), node, scope)),
        }
    }

    fn map(&mut self, node: &Node, entries: &'a [Entry], scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let mut made = Vec::with_capacity(entries.len());
        for entry in entries {
            let key = self.node(&entry.key, scope)?;
            let key = self.key(key, entry.key.offset)?;
            let value = self.node(&entry.value, scope)?;
            let value = if entry.optional { self.optional(&entry.value, value)? } else { Some(value) };
            made.extend(value.map(|value| (key, value)));
        }
        Value::map(made)
            .map_err(|RepeatedKey(key)| Stop::error(node.offset, EvaluationErrorKind::RepeatedKey(key)))
    }

    /// The key that a value makes.
    fn key(&mut self, value: Value<'a>, offset: usize) -> Result<Key<'a>, Stop> {
        self.charge_key(&value, offset)?;
        let of = value.type_of();
        let unsupported = || Stop::error(offset, EvaluationErrorKind::UnsupportedKeyType(of.name()));
        Key::from_value(value).ok_or_else(unsupported)
    }

    fn call(
        &mut self,
        node: &'a Node,
        function: &'static Function,
        arguments: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        // No function of one or two arguments needs memory for them.
        match arguments {
            [one] => {
                let one = self.node(one, scope)?;
                self.apply(node, function, &[one], scope)
            }
            [one, two] => {
                let both = self.both(one, two, scope)?;
                self.apply(node, function, &both, scope)
            }
            _ => {
                let values = self.all(arguments, scope)?;
                self.apply(node, function, &values, scope)
            }
        }
    }

    fn search(&mut self, node: &'a Node, search: &'a Search, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let arguments = self.all(&search.arguments, scope)?;
        let result = (search.search)(&search.pattern, &arguments, self.budget);
        let result = result.and_then(|value| {
            value.ok_or_else(|| {
                let mut all = arguments.clone();
                all.insert(1, Value::from(search.pattern.pattern()));
                Fault::no_such_overload(search.function, &all)
            })
        });
        result.map_err(|fault| self.stop(fault, node, scope))
    }

    fn apply(
        &mut self,
        node: &'a Node,
        function: &Function,
        arguments: &[Value<'a>],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        match (function.call)(arguments, self.budget) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(self.stop(Fault::no_such_overload(function.name, arguments), node, scope)),
            Err(fault) => Err(self.stop(fault, node, scope)),
        }
    }
}
