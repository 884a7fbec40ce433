//! Optional values, and what is bound to a name.

use super::{Evaluated, Evaluator, Frame, Local, Place, Scope};
use crate::fault::Fault;
use crate::input::Lookup;
use crate::node::Node;
use crate::value::{Optional, Value};

impl<'a> Evaluator<'_, 'a> {
    /// `cel.bind`: a failure of the value counts only where the body needs it.
    pub(super) fn bind(&mut self, operands: &'a [Node; 2], scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let [value, body] = operands;
        let bound = self.node(value, scope).map(Lookup::Found);
        self.with(Local { value: bound, place: Place::Whole }, value, body, scope)
    }

    fn with(
        &mut self,
        first: Local<'a>,
        origin: &'a Node,
        body: &'a Node,
        outer: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        self.node(body, Some(&Frame { first, second: Local::NONE, origin, outer }))
    }

    pub(super) fn optional_map(
        &mut self,
        node: &'a Node,
        operands: &'a [Node; 2],
        flat: bool,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let [operand, body] = operands;
        let optional =
            self.optional_operand(node, operand, if flat { "optFlatMap" } else { "optMap" }, scope)?;
        let Some(value) = optional.value() else { return Ok(Value::Optional(Optional::NONE)) };
        let made = self.with(Local::found(value, Place::Whole), operand, body, scope)?;
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
        match optional.value() {
            Some(found) if value => Ok(found),
            Some(_) => Ok(Value::Optional(optional)),
            None => self.node(other, scope),
        }
    }

    fn optional_operand(
        &mut self,
        node: &'a Node,
        operand: &'a Node,
        function: &str,
        scope: Scope<'_, 'a>,
    ) -> Result<Optional<'a>, super::Stop> {
        match self.node(operand, scope)? {
            Value::Optional(optional) => Ok(optional),
            other => Err(self.stop(Fault::no_such_overload(function, &[other]), node, scope)),
        }
    }
}
