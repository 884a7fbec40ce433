//! The checker: what type each part of an expression has, and what does not fit. It works as cel-go's does, so that
//! both deduce the same types and refuse the same expressions.
//!
//! It walks the tree before that is prepared, when its names are resolved and its macros are nodes. Types that an
//! expression leaves open (of an empty list's elements) are variables, bound by the first use that determines them;
//! those that nothing determines are `dyn` in the end.

mod assign;
mod attributes;
mod calls;
mod deduced;
mod formats;
mod literals;
mod macros;
mod operators;
#[cfg(test)]
mod tests;

use crate::ast::Unary;
use crate::compile::MAX_ERRORS;
use crate::environment::Environment;
use crate::error::CompileErrorKind;
use crate::node::{Local, Node, NodeKind};
use crate::static_type::StaticType;
use deduced::{Deduced, Types};
use formats::Noted;
use operators::OPERATORS;

/// What the checker says of an expression.
pub(crate) struct Checked {
    pub(crate) result: StaticType,
    /// What is wrong, and where.
    pub(crate) errors: Vec<(usize, CompileErrorKind)>,
}

/// Deduces the types of a node and all below it. Fields that are written escaped get the names that the input has.
pub(crate) fn check(environment: &Environment, root: &mut Node) -> Checked {
    let mut checker =
        Checker { environment, types: Types::new(), locals: Vec::new(), noted: None, errors: Vec::new() };
    let deduced = checker.node(root);
    let result = checker.types.resolved(deduced);
    if checker.noted.is_some() && checker.errors.is_empty() {
        checker.formats(root);
    }
    if checker.types.are_too_large() {
        checker.errors.push((0, CompileErrorKind::TypesTooLarge));
    }
    Checked { result, errors: checker.errors }
}

struct Checker<'e> {
    environment: &'e Environment,
    types: Types<'e>,
    /// The types of the variables of the macros around, the innermost last.
    locals: Vec<[Deduced<'e>; 2]>,
    /// Once there is a call of `format`.
    noted: Option<Noted<'e>>,
    errors: Vec<(usize, CompileErrorKind)>,
}

impl<'e> Checker<'e> {
    /// Notes an error. What is made of the erroneous part fits everywhere, so that one fault is one error.
    fn error(&mut self, offset: usize, kind: CompileErrorKind) -> Deduced<'e> {
        // What was deduced of types that are too large says nothing.
        if self.errors.len() < MAX_ERRORS && !self.types.are_too_large() {
            self.errors.push((offset, kind));
        }
        Deduced::Error
    }

    fn node(&mut self, node: &mut Node) -> Deduced<'e> {
        let deduced = self.deduce(node);
        self.note(node, deduced);
        deduced
    }

    fn deduce(&mut self, node: &mut Node) -> Deduced<'e> {
        let offset = node.offset;
        match &mut node.kind {
            NodeKind::Constant(value) => self.constant(value),
            NodeKind::Read(attribute) => self.read(attribute),
            NodeKind::Has { operand, field } => self.has(operand, field),
            NodeKind::Present(_) => Deduced::Bool,
            NodeKind::Unary { operator, operand } => {
                let operand = self.node(operand);
                let signatures = match operator {
                    Unary::Not => &OPERATORS.not,
                    Unary::Negate => &OPERATORS.negate,
                };
                self.operation(offset, operator.name(), &[operand], signatures)
            }
            NodeKind::Binary { operator, operands } => {
                let operands = operands.each_mut().map(|operand| self.node(operand));
                self.operation(offset, operator.name(), &operands, OPERATORS.binary(*operator))
            }
            NodeKind::Logic { operator: _, terms } => self.logic(terms),
            NodeKind::Conditional { operands } => {
                let operands = operands.each_mut().map(|operand| self.node(operand));
                self.operation(offset, operators::CONDITIONAL, &operands, &OPERATORS.conditional)
            }
            NodeKind::List(elements) => self.list(elements),
            NodeKind::Map(entries) => self.map(entries),
            NodeKind::Call { function, arguments } => self.call(offset, function, arguments),
            NodeKind::Declared { function, arguments, .. } => {
                self.declared_call(offset, *function, arguments)
            }
            NodeKind::Comprehension(comprehension) => self.comprehension(comprehension),
            NodeKind::Bind(operands) => self.bind(operands),
            NodeKind::OptionalMap { operands, flat } => self.optional_map(offset, operands, *flat),
            // The compilation has said what is wrong.
            NodeKind::Fails(_) => Deduced::Error,
            // These are made later.
            NodeKind::Matches { .. } => Deduced::Bool,
            NodeKind::Search(_) | NodeKind::OptionalOr { .. } => Deduced::Dyn,
        }
    }

    fn logic(&mut self, terms: &mut [Node]) -> Deduced<'e> {
        let mut result = Deduced::Bool;
        for term in terms {
            let found = self.node(term);
            if !self.expect_bool(term.offset, found) {
                result = Deduced::Error;
            }
        }
        result
    }

    /// Whether it is a truth value; else that is an error.
    fn expect_bool(&mut self, offset: usize, found: Deduced<'e>) -> bool {
        let is = self.types.assign(found, Deduced::Bool);
        if !is {
            self.mismatch(offset, Deduced::Bool, found);
        }
        is
    }

    fn mismatch(&mut self, offset: usize, expected: Deduced<'e>, found: Deduced<'e>) -> Deduced<'e> {
        let [expected, found] = [expected, found].map(|of| self.types.resolved(of).to_string());
        self.error(offset, CompileErrorKind::TypeMismatch { expected, found })
    }

    fn local(&self, local: Local) -> Deduced<'e> {
        let frame = self.locals.iter().rev().nth(local.outwards);
        frame.map_or(Deduced::Dyn, |frame| frame[usize::from(local.second)])
    }
}
