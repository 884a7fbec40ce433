//! Macros over lists and maps.

use super::logic::Terms;
use super::{Evaluated, Evaluator, Frame, Scope};
use crate::ast::Logic;
use crate::error::EvaluationErrorKind;
use crate::fault::{Fault, Stop};
use crate::input::Lookup;
use crate::node::{Comprehension, Fold, Node};
use crate::value::Value;
use std::ops::ControlFlow;

/// What is done with an element, which the frame holds.
type Visit<'v, 'e, 'a> = dyn FnMut(&mut Evaluator<'e, 'a>, Scope<'_, 'a>) -> ControlFlow<()> + 'v;

impl<'e, 'a> Evaluator<'e, 'a> {
    pub(super) fn comprehension(
        &mut self,
        node: &'a Node,
        comprehension: &'a Comprehension,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let elements =
            Elements { range: &comprehension.range, value: self.node(&comprehension.range, scope)?, scope };
        match &comprehension.fold {
            Fold::All(condition) => self.quantified(node.offset, Logic::And, condition, &elements),
            Fold::Exists(condition) => self.quantified(node.offset, Logic::Or, condition, &elements),
            Fold::ExistsOne(condition) => self.exists_one(condition, &elements),
            Fold::Filter(condition) => self.filter(condition, &elements),
            Fold::Map { filter, transform } => self.transform(filter.as_ref(), transform, &elements),
        }
    }

    /// Shows each element of a list or key of a map to `visit` until that breaks off.
    fn each(&mut self, elements: &Elements<'_, 'a>, visit: &mut Visit<'_, 'e, 'a>) -> Result<(), Stop> {
        match &elements.value {
            Value::List(list) => {
                for index in 0..list.size() {
                    let frame = elements.frame(list.get(index), Some(index));
                    if self.budget.is_exceeded() || visit(self, Some(&frame)).is_break() {
                        break;
                    }
                }
            }
            Value::Map(map) => map.keys(&mut |key| {
                let frame = elements.frame(Lookup::Found(key), None);
                if self.budget.is_exceeded() { ControlFlow::Break(()) } else { visit(self, Some(&frame)) }
            }),
            other => {
                let kind = EvaluationErrorKind::NotIterable(other.type_of().name());
                return Err(Stop::error(elements.range.offset, kind));
            }
        }
        Ok(())
    }

    /// `all` and `exists`: the condition of each element, joined by `&&` or `||`.
    fn quantified(
        &mut self,
        offset: usize,
        operator: Logic,
        condition: &'a Node,
        elements: &Elements<'_, 'a>,
    ) -> Evaluated<'a> {
        let mut so_far = Terms::new(operator, offset);
        let mut decided = false;
        self.each(elements, &mut |this, scope| {
            decided = so_far.are_decided_by(this.node(condition, scope));
            if decided { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if decided { Ok(so_far.decided()) } else { so_far.undecided() }
    }

    /// Whether a condition holds for the element.
    fn holds(&mut self, condition: &'a Node, scope: Scope<'_, 'a>) -> Result<bool, Stop> {
        match self.node(condition, scope)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(self.stop(Fault::no_such_overload("_?_:_", &[other]), condition, scope)),
        }
    }

    /// No failure can be outweighed by another element, but a later one is what the whole comes to, as in cel-go.
    fn exists_one(&mut self, condition: &'a Node, elements: &Elements<'_, 'a>) -> Evaluated<'a> {
        let mut found = 0_usize;
        let mut result = Ok(());
        self.each(elements, &mut |this, scope| {
            match this.holds(condition, scope) {
                Ok(holds) => found += usize::from(holds),
                Err(stop) => result = Err(stop),
            }
            ControlFlow::Continue(())
        })?;
        result.map(|()| Value::Bool(found == 1))
    }

    fn filter(&mut self, condition: &'a Node, elements: &Elements<'_, 'a>) -> Evaluated<'a> {
        let mut kept = Ok(Vec::new());
        self.each(elements, &mut |this, scope| {
            match this.holds(condition, scope) {
                Ok(false) => {}
                Ok(true) => this.keep(&mut kept, scope),
                Err(stop) => kept = Err(stop),
            }
            ControlFlow::Continue(())
        })?;
        kept.map(Value::list)
    }

    /// Adds the element itself, unless something failed before.
    fn keep(&mut self, kept: &mut Result<Vec<Value<'a>>, Stop>, scope: Scope<'_, 'a>) {
        let (Ok(values), Some(frame)) = (kept.as_mut(), scope) else { return };
        match &frame.value {
            Lookup::Found(value) => values.push(value.clone()),
            Lookup::Failed(failure) => {
                *kept = Err(Stop::failed(frame.range.offset, "an element", failure.clone()));
            }
            Lookup::Absent | Lookup::Unknown => *kept = Err(Stop::Unknown(self.local_paths(scope))),
        }
    }

    fn transform(
        &mut self,
        filter: Option<&'a Node>,
        transform: &'a Node,
        elements: &Elements<'_, 'a>,
    ) -> Evaluated<'a> {
        let mut made = Ok(Vec::new());
        self.each(elements, &mut |this, scope| {
            match filter.map_or(Ok(true), |condition| this.holds(condition, scope)) {
                Ok(false) => {}
                Err(stop) => made = Err(stop),
                Ok(true) => {
                    if let Ok(values) = &mut made {
                        match this.node(transform, scope) {
                            Ok(value) => values.push(value),
                            Err(stop) => made = Err(stop),
                        }
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        made.map(Value::list)
    }
}

/// What a comprehension goes over.
struct Elements<'s, 'a> {
    range: &'a Node,
    value: Value<'a>,
    scope: Scope<'s, 'a>,
}

impl<'a> Elements<'_, 'a> {
    fn frame(&self, value: Lookup<'a>, index: Option<usize>) -> Frame<'_, 'a> {
        Frame { value, index, range: self.range, outer: self.scope }
    }
}
