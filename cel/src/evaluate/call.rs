//! Operators and functions.

use super::operators;
use super::{Evaluated, Evaluator, Scope, Truth, Wanted};
use crate::ast::Binary;
use crate::fault::{Fault, Stop};
use crate::functions::{MATCHES, Overloaded};
use crate::node::{Node, Search};
use crate::regex::Regex;
use crate::value::{Type, Value};

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn not(
        &mut self,
        node: &'a Node,
        operand: &'a Node,
        scope: Scope<'_, 'a>,
    ) -> Result<bool, Stop> {
        match self.node(operand, scope)? {
            Truth::True => Ok(false),
            Truth::False => Ok(true),
            Truth::Other(of) => Err(self.stop(Fault::no_such_overload("!_", &[of]), node, scope)),
        }
    }

    pub(super) fn negate(
        &mut self,
        node: &'a Node,
        operand: &'a Node,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let value = self.node(operand, scope)?;
        operators::negate(&value).map_err(|fault| self.stop(fault, node, scope))
    }

    pub(super) fn binary<W: Wanted<'a>>(
        &mut self,
        node: &'a Node,
        operator: Binary,
        operands: &'a [Node; 2],
        scope: Scope<'_, 'a>,
    ) -> Result<W, Stop> {
        let (mut one, mut two) = (None, None);
        let one = self.operand(&operands[0], scope, &mut one);
        let (one, two) = together(one, self.operand(&operands[1], scope, &mut two))?;
        let result = operators::binary(operator, one, two, self.budget);
        result.map_err(|fault| self.stop(fault, node, scope))
    }

    /// A search for a pattern that is ready.
    pub(super) fn matches(
        &mut self,
        node: &'a Node,
        subject: &'a Node,
        pattern: &'a Regex,
        scope: Scope<'_, 'a>,
    ) -> Result<bool, Stop> {
        let mut made = None;
        let result = match self.operand(subject, scope, &mut made)? {
            Value::String(text) => pattern.is_match(text, self.budget).map_err(Fault::from),
            other => Err(Fault::no_such_overload(MATCHES, &[other.type_of(), Type::String])),
        };
        result.map_err(|fault| self.stop(fault, node, scope))
    }

    pub(super) fn call<W: Wanted<'a>>(
        &mut self,
        node: &'a Node,
        function: &'static Overloaded,
        arguments: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Result<W, Stop> {
        // No function of one or two arguments needs memory for them.
        match arguments {
            [one] => {
                let mut made = None;
                let one = self.operand(one, scope, &mut made)?;
                self.apply(node, function, &[one], scope)
            }
            [one, two] => {
                let (mut first, mut second) = (None, None);
                let one = self.operand(one, scope, &mut first);
                let (one, two) = together(one, self.operand(two, scope, &mut second))?;
                self.apply(node, function, &[one, two], scope)
            }
            _ => {
                let values = self.all(arguments.iter(), scope)?;
                self.apply(node, function, &values.iter().collect::<Vec<_>>(), scope)
            }
        }
    }

    fn apply<W: Wanted<'a>>(
        &mut self,
        node: &'a Node,
        function: &Overloaded,
        arguments: &[&Value<'a>],
        scope: Scope<'_, 'a>,
    ) -> Result<W, Stop> {
        match function.call(arguments, self.budget) {
            Ok(Some(value)) => Ok(W::value(value)),
            Ok(None) => {
                let types: Vec<_> = arguments.iter().map(|argument| argument.type_of()).collect();
                Err(self.stop(Fault::no_such_overload(function.name, &types), node, scope))
            }
            Err(fault) => Err(self.stop(fault, node, scope)),
        }
    }

    pub(super) fn search(
        &mut self,
        node: &'a Node,
        search: &'a Search,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let arguments = self.all(search.arguments.iter(), scope)?;
        let result = (search.search)(&search.pattern, &arguments.iter().collect::<Vec<_>>(), self.budget);
        let result = result.and_then(|value| {
            value.ok_or_else(|| {
                let mut types: Vec<_> = arguments.iter().map(Value::type_of).collect();
                types.insert(1, Type::String);
                Fault::no_such_overload(search.function, &types)
            })
        });
        result.map_err(|fault| self.stop(fault, node, scope))
    }
}

/// Both operands.
fn together<T>(one: Result<T, Stop>, two: Result<T, Stop>) -> Result<(T, T), Stop> {
    match (one, two) {
        (Ok(one), Ok(two)) => Ok((one, two)),
        (Err(one), Err(two)) => Err(one.and(two)),
        (Err(stop), Ok(_)) | (Ok(_), Err(stop)) => Err(stop),
    }
}
