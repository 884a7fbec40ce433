//! The evaluation of a program.
//!
//! Nothing is allocated but what the expression itself makes. What is only asked of a node decides what is made of
//! it: a condition comes to a truth in a register, and no value is made that nobody wants.

mod attribute;
mod call;
mod collection;
mod comprehension;
mod element;
mod logic;
mod objects;
mod operators;
mod optional;
mod paths;
mod patterns;
mod scope;
#[cfg(test)]
pub(crate) mod tests;
mod wanted;

use crate::ast::Unary;
use crate::budget::Budget;
use crate::error::{EvaluationError, EvaluationErrorKind};
use crate::fault::{Fault, Located, Stop};
use crate::input::{Input, Object};
use crate::node::{Node, NodeKind, Root};
use crate::outcome::Outcome;
use crate::pattern::AttributePattern;
use crate::position::Position;
use crate::value::Value;
use scope::Scope;
use wanted::{Truth, Wanted};

pub(crate) fn evaluate<'a>(
    root: &'a Node,
    source: &'a str,
    input: &'a dyn Input,
    unknown: &'a [AttributePattern],
    budget: &mut Budget,
) -> Outcome<'a> {
    let result = Evaluator { input, unknown, at_hand: None, budget }.node::<Value<'a>>(root, None);
    let error = match result {
        // `a || true` would have hidden it.
        _ if budget.is_exceeded() => {
            Located { offset: root.offset, kind: EvaluationErrorKind::BudgetExceeded }
        }
        Ok(value) => return Outcome::Value(value),
        Err(Stop::Unknown(paths)) => return Outcome::Unknown(*paths),
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
    /// The variable that was asked for last, by its slot, where it is an object.
    at_hand: Option<(usize, &'a dyn Object)>,
    budget: &'e mut Budget,
}

impl<'a> Evaluator<'_, 'a> {
    /// A step for a node.
    fn charge(&mut self, node: &Node) -> Result<(), Stop> {
        self.budget.charge(1).map_err(|exceeded| Stop::error(node.offset, exceeded))
    }

    fn node<W: Wanted<'a>>(&mut self, node: &'a Node, scope: Scope<'_, 'a>) -> Result<W, Stop> {
        self.charge(node)?;
        match &node.kind {
            NodeKind::Constant(value) => Ok(W::value(value.borrowed())),
            NodeKind::Read(attribute) => W::evaluated(self.read(attribute, node.offset, scope)),
            NodeKind::Present(attribute) => self.present(attribute, node.offset, scope).map(W::truth),
            NodeKind::Has { operand, field } => self.has(node, operand, field, scope).map(W::truth),
            NodeKind::Unary { operator: Unary::Not, operand } => self.not(node, operand, scope).map(W::truth),
            NodeKind::Unary { operator: Unary::Negate, operand } => {
                W::evaluated(self.negate(node, operand, scope))
            }
            NodeKind::Binary { operator, operands } => self.binary(node, *operator, operands, scope),
            NodeKind::Logic { operator, terms } => {
                self.logic(node.offset, *operator, terms, scope).map(W::truth)
            }
            NodeKind::Conditional { operands } => self.conditional(node, operands, scope),
            NodeKind::List(elements) => W::evaluated(self.list(elements, scope)),
            NodeKind::Map(entries) => W::evaluated(self.map(node, entries, scope)),
            NodeKind::Call { function, arguments } => self.call(node, function, arguments, scope),
            NodeKind::Matches { subject, pattern } => {
                self.matches(node, subject, pattern, scope).map(W::truth)
            }
            NodeKind::Search(search) => W::evaluated(self.search(node, search, scope)),
            NodeKind::Comprehension(comprehension) => self.comprehension(node, comprehension, scope),
            NodeKind::Bind(operands) => self.bind(operands, scope),
            NodeKind::OptionalMap { operands, flat } => {
                W::evaluated(self.optional_map(node, operands, *flat, scope))
            }
            NodeKind::OptionalOr { operands, value } => {
                W::evaluated(self.optional_or(node, operands, *value, scope))
            }
            NodeKind::Declared { name, .. } => {
                Err(Stop::error(node.offset, EvaluationErrorKind::NoSuchFunction(name.clone())))
            }
            NodeKind::Fails(kind) => Err(Stop::error(node.offset, kind.clone())),
        }
    }

    /// An operand to look at. `made` holds it where it is no constant and no local, which are looked at where they are.
    fn operand<'o>(
        &mut self,
        node: &'a Node,
        scope: Scope<'o, 'a>,
        made: &'o mut Option<Value<'a>>,
    ) -> Result<&'o Value<'a>, Stop> {
        match &node.kind {
            NodeKind::Constant(value) => {
                self.charge(node)?;
                return Ok(value);
            }
            NodeKind::Read(attribute) if attribute.steps.is_empty() => {
                if let Root::Local(local) = attribute.root
                    && let Some(value) = scope::local(local, scope)
                {
                    self.charge(node)?;
                    return Ok(value);
                }
            }
            _ => {}
        }
        Ok(made.insert(self.node(node, scope)?))
    }

    /// Says of a fault where it happened: for an unknown part of an operand, what the operands were read from.
    #[cold]
    fn stop(&mut self, fault: Fault, node: &'a Node, scope: Scope<'_, 'a>) -> Stop {
        match fault {
            Fault::Error(kind) => Stop::error(node.offset, *kind),
            Fault::Failed(failure) => Stop::failed(node.offset, "an element", failure),
            Fault::Unknown => Stop::unknown(self.read_by(node, scope)),
        }
    }

    fn conditional<W: Wanted<'a>>(
        &mut self,
        node: &'a Node,
        operands: &'a [Node; 3],
        scope: Scope<'_, 'a>,
    ) -> Result<W, Stop> {
        let [condition, then, otherwise] = operands;
        match self.node(condition, scope)? {
            Truth::True => self.node(then, scope),
            Truth::False => self.node(otherwise, scope),
            Truth::Other(of) => Err(self.stop(Fault::no_such_overload("_?_:_", &[of]), node, scope)),
        }
    }
}
