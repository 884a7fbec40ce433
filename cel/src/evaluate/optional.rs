//! Optional values, and what is bound to a name.

use super::attribute::Found;
use super::scope::Scope;
use super::{Evaluated, Evaluator, Wanted};
use crate::fault::{Fault, Stop};
use crate::node::{Node, NodeKind};
use crate::value::{Optional, Value};

impl<'a> Evaluator<'_, 'a> {
    /// `cel.bind`: a failure of the value counts only where the body needs it.
    pub(super) fn bind<W: Wanted<'a>>(
        &mut self,
        operands: &'a [Node; 2],
        scope: Scope<'_, 'a>,
    ) -> Result<W, Stop> {
        let [value, body] = operands;
        let bound = self.node(value, scope);
        self.with(bound, value, body, scope)
    }

    pub(super) fn optional_map(
        &mut self,
        node: &'a Node,
        operands: &'a [Node; 2],
        flat: bool,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let [operand, body] = operands;
        let function = if flat { "optFlatMap" } else { "optMap" };
        let Some(value) = self.optional_operand(node, operand, function, scope)? else {
            return Ok(Value::Optional(Optional::NONE));
        };
        let made = self.with(Ok(value), operand, body, scope)?;
        Ok(if flat { made } else { Value::Optional(Optional::of(made)) })
    }

    pub(super) fn optional_or(
        &mut self,
        node: &'a Node,
        operands: &'a [Node; 2],
        value: bool,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let [operand, other] = operands;
        let optional = self.optional_operand(node, operand, if value { "orValue" } else { "or" }, scope)?;
        match optional {
            Some(found) if value => Ok(found),
            Some(found) => Ok(Value::Optional(Optional::of(found))),
            None => self.node(other, scope),
        }
    }

    /// What an optional operand holds. Where it is read, no optional is made to be taken apart again.
    fn optional_operand(
        &mut self,
        node: &'a Node,
        operand: &'a Node,
        function: &str,
        scope: Scope<'_, 'a>,
    ) -> Result<Option<Value<'a>>, Stop> {
        let mut made = None;
        let found = match &operand.kind {
            NodeKind::Read(attribute) if !attribute.steps.is_empty() => {
                self.charge(operand)?;
                match self.find(attribute, None, operand.offset, scope)? {
                    Found::Optional(value) => return Ok(value),
                    Found::Value(value) => made.insert(value),
                }
            }
            _ => self.operand(operand, scope, &mut made)?,
        };
        match found {
            Value::Optional(optional) => Ok(optional.value()),
            other => Err(self.stop(Fault::no_such_overload(function, &[other.type_of()]), node, scope)),
        }
    }
}
