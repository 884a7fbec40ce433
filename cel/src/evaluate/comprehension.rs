//! Macros over lists and maps.

use super::collection::map_of;
use super::logic::Terms;
use super::scope::{Frame, Names, Scope};
use super::{Evaluated, Evaluator, Truth, Wanted};
use crate::ast::Logic;
use crate::error::EvaluationErrorKind;
use crate::fault::{Fault, Stop};
use crate::functions::sort_by;
use crate::input::Lookup;
use crate::node::{Comprehension, Fold, Local, Node, Transform};
use crate::value::{Key, Type, Value};
use std::ops::ControlFlow;

/// Adds what is made of an element, which the frame holds.
type Make<'m, 'e, 'a, T> =
    dyn FnMut(&mut Evaluator<'e, 'a>, Scope<'_, 'a>, &mut Vec<T>) -> Result<(), Stop> + 'm;

impl<'e, 'a> Evaluator<'e, 'a> {
    pub(super) fn comprehension<W: Wanted<'a>>(
        &mut self,
        node: &'a Node,
        comprehension: &'a Comprehension,
        scope: Scope<'_, 'a>,
    ) -> Result<W, Stop> {
        let Comprehension { range, two, fold } = comprehension;
        let mut made = None;
        let value = self.operand(range, scope, &mut made)?;
        let elements = Elements { range, two: *two, value, scope };
        match fold {
            Fold::All(condition) => {
                self.quantified(node.offset, Logic::And, condition, &elements).map(W::truth)
            }
            Fold::Exists(condition) => {
                self.quantified(node.offset, Logic::Or, condition, &elements).map(W::truth)
            }
            Fold::ExistsOne(condition) => self.exists_one(condition, &elements).map(W::truth),
            Fold::Filter(condition) => W::evaluated(self.filter(condition, &elements)),
            Fold::Map(transform) => W::evaluated(self.list_of(transform, &elements)),
            Fold::TransformMap(transform) => W::evaluated(self.map_of(node.offset, transform, &elements)),
            Fold::TransformMapEntry(transform) => {
                W::evaluated(self.map_of_entries(node.offset, transform, &elements))
            }
            Fold::SortBy(key) => W::evaluated(self.sorted(node, key, &elements)),
        }
    }

    /// Shows each element of a list or entry of a map to `visit`, in a frame that holds it, until that breaks off.
    fn each(
        &mut self,
        elements: &Elements<'_, 'a>,
        mut visit: impl FnMut(&mut Self, Scope<'_, 'a>) -> ControlFlow<()>,
    ) -> Result<(), Stop> {
        match elements.value {
            Value::List(list) => {
                let mut index = 0_i64;
                // The visitor knows by itself whether it broke off.
                let _: ControlFlow<()> = list.each(&mut |element| {
                    let key = Lookup::Found(Value::Int(index));
                    index += 1;
                    let names = if elements.two { Names::Both } else { Names::Value };
                    self.visit(&mut visit, &elements.frame(&element, &key, names))
                });
            }
            Value::Map(map) => map.keys(&mut |key| {
                let value = elements.value_of(map, &key);
                let names = if elements.two { Names::Both } else { Names::Key };
                self.visit(&mut visit, &elements.frame(&value, &Lookup::Found(key), names))
            }),
            other => {
                let kind = EvaluationErrorKind::NotIterable(other.type_of().name());
                return Err(Stop::error(elements.range.offset, kind));
            }
        }
        Ok(())
    }

    fn visit(
        &mut self,
        visit: &mut impl FnMut(&mut Self, Scope<'_, 'a>) -> ControlFlow<()>,
        frame: &Frame<'_, 'a>,
    ) -> ControlFlow<()> {
        if self.budget.is_exceeded() { ControlFlow::Break(()) } else { visit(self, Some(frame)) }
    }

    /// `all` and `exists`: the condition of each element, joined by `&&` or `||`.
    fn quantified(
        &mut self,
        offset: usize,
        operator: Logic,
        condition: &'a Node,
        elements: &Elements<'_, 'a>,
    ) -> Result<bool, Stop> {
        let mut so_far = Terms::new(operator, offset);
        let mut decided = false;
        self.each(elements, |this, scope| {
            decided = this.decides(&mut so_far, condition, scope);
            if decided { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if decided { Ok(so_far.deciding()) } else { so_far.undecided() }
    }

    /// Whether a condition holds for the element.
    fn holds(&mut self, condition: &'a Node, scope: Scope<'_, 'a>) -> Result<bool, Stop> {
        match self.node(condition, scope)? {
            Truth::True => Ok(true),
            Truth::False => Ok(false),
            Truth::Other(of) => Err(self.stop(Fault::no_such_overload("_?_:_", &[of]), condition, scope)),
        }
    }

    /// No failure can be outweighed by another element, but a later one is what the whole comes to, as in cel-go.
    fn exists_one(&mut self, condition: &'a Node, elements: &Elements<'_, 'a>) -> Result<bool, Stop> {
        let mut found = 0_usize;
        let mut result = Ok(());
        self.each(elements, |this, scope| {
            match this.holds(condition, scope) {
                Ok(holds) => found += usize::from(holds),
                Err(stop) => result = Err(stop),
            }
            ControlFlow::Continue(())
        })?;
        result.map(|()| found == 1)
    }

    /// Adds what `make` makes of each element for which the filter holds. After a failure nothing more is added, but
    /// a later failure of the filter takes its place, as in cel-go.
    fn gather<T>(
        &mut self,
        filter: Option<&'a Node>,
        elements: &Elements<'_, 'a>,
        make: &mut Make<'_, 'e, 'a, T>,
    ) -> Result<Vec<T>, Stop> {
        let mut made = Ok(Vec::new());
        self.each(elements, |this, scope| {
            match filter.map_or(Ok(true), |condition| this.holds(condition, scope)) {
                Ok(false) => {}
                Err(stop) => made = Err(stop),
                Ok(true) => {
                    if let Ok(values) = &mut made
                        && let Err(stop) = make(this, scope, values)
                    {
                        made = Err(stop);
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        made
    }

    fn filter(&mut self, condition: &'a Node, elements: &Elements<'_, 'a>) -> Evaluated<'a> {
        let kept = self.gather(Some(condition), elements, &mut |this, scope, kept| {
            kept.push(this.innermost(scope)?);
            Ok(())
        });
        kept.map(Value::list)
    }

    /// The innermost first variable.
    fn innermost(&mut self, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        const FIRST: Local = Local { outwards: 0, second: false };
        self.local(FIRST, scope.map_or(0, |frame| frame.origin.offset), scope)
    }

    fn list_of(&mut self, transform: &'a Transform, elements: &Elements<'_, 'a>) -> Evaluated<'a> {
        let made = self.gather(transform.filter.as_ref(), elements, &mut |this, scope, made| {
            made.push(this.node(&transform.value, scope)?);
            Ok(())
        });
        made.map(Value::list)
    }

    fn map_of(
        &mut self,
        offset: usize,
        transform: &'a Transform,
        elements: &Elements<'_, 'a>,
    ) -> Evaluated<'a> {
        let made = self.gather(transform.filter.as_ref(), elements, &mut |this, scope, made| {
            let value = this.node(&transform.value, scope)?;
            let key = this.innermost(scope)?;
            made.push((this.key(key, offset)?, value));
            Ok(())
        });
        map_of(offset, made?)
    }

    fn map_of_entries(
        &mut self,
        offset: usize,
        transform: &'a Transform,
        elements: &Elements<'_, 'a>,
    ) -> Evaluated<'a> {
        let made = self.gather(transform.filter.as_ref(), elements, &mut |this, scope, made| match this
            .node(&transform.value, scope)?
        {
            Value::Map(entries) => this.take_entries(&entries, transform, scope, made),
            other => {
                let fault = Fault::no_such_overload("transformMapEntry", &[other.type_of()]);
                Err(this.stop(fault, &transform.value, scope))
            }
        });
        map_of(offset, made?)
    }

    fn take_entries(
        &mut self,
        entries: &crate::value::Map<'a>,
        transform: &'a Transform,
        scope: Scope<'_, 'a>,
        made: &mut Vec<(Key<'a>, Value<'a>)>,
    ) -> Result<(), Stop> {
        let mut result = Ok(());
        entries.keys(&mut |key| {
            let entry = self.key(key, transform.value.offset).and_then(|key| {
                match entries.get(&key) {
                    Lookup::Found(value) => Ok((key, value)),
                    Lookup::Failed(failure) => Err(Fault::Failed(failure)),
                    Lookup::Absent | Lookup::Unknown => Err(Fault::Unknown),
                }
                .map_err(|fault| self.stop(fault, &transform.value, scope))
            });
            match entry {
                Ok(entry) => made.push(entry),
                Err(stop) => {
                    result = Err(stop);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        });
        result
    }

    /// The elements in the order of their keys.
    fn sorted(&mut self, node: &'a Node, key: &'a Node, elements: &Elements<'_, 'a>) -> Evaluated<'a> {
        let of = elements.value.type_of();
        if of != Type::List {
            return Err(self.stop(Fault::no_such_overload("sortBy", &[of]), node, elements.scope));
        }
        let pairs = self.gather(None, elements, &mut |this, scope, pairs| {
            let key = this.node(key, scope)?;
            pairs.push((key, this.innermost(scope)?));
            Ok(())
        })?;
        sort_by(pairs, self.budget).map(Value::list).map_err(|fault| self.stop(fault, node, elements.scope))
    }
}

/// What a comprehension goes over.
struct Elements<'s, 'a> {
    range: &'a Node,
    /// Whether there are two variables.
    two: bool,
    value: &'s Value<'a>,
    scope: Scope<'s, 'a>,
}

impl<'a> Elements<'_, 'a> {
    /// The value of an entry, where anything knows it by a name.
    fn value_of(&self, map: &crate::value::Map<'a>, key: &Value<'a>) -> Lookup<'a> {
        match Key::to_find(key) {
            Some(key) if self.two => map.get(&key),
            _ => Lookup::Absent,
        }
    }

    fn frame<'f>(&'f self, value: &'f Lookup<'a>, key: &'f Lookup<'a>, names: Names) -> Frame<'f, 'a> {
        Frame { value, key, names, failure: None, origin: self.range, outer: self.scope }
    }
}
