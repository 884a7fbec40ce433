//! Macros over lists and maps.

use super::logic::Terms;
use super::{Evaluated, Evaluator, Frame, Local, Place, Scope};
use crate::ast::Logic;
use crate::error::EvaluationErrorKind;
use crate::fault::{Fault, Stop};
use crate::functions::sort_by;
use crate::input::Lookup;
use crate::node::{self, Comprehension, Fold, Node, Transform};
use crate::value::{Key, RepeatedKey, Value};
use std::ops::ControlFlow;

/// What is done with an element, which the frame holds.
type Visit<'v, 'e, 'a> = dyn FnMut(&mut Evaluator<'e, 'a>, Scope<'_, 'a>) -> ControlFlow<()> + 'v;

/// Adds what is made of an element, which the frame holds.
type Make<'m, 'e, 'a, T> =
    dyn FnMut(&mut Evaluator<'e, 'a>, Scope<'_, 'a>, &mut Vec<T>) -> Result<(), Stop> + 'm;

impl<'e, 'a> Evaluator<'e, 'a> {
    pub(super) fn comprehension(
        &mut self,
        node: &'a Node,
        comprehension: &'a Comprehension,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let Comprehension { range, two, fold } = comprehension;
        let elements = Elements { range, two: *two, value: self.node(range, scope)?, scope };
        match fold {
            Fold::All(condition) => self.quantified(node.offset, Logic::And, condition, &elements),
            Fold::Exists(condition) => self.quantified(node.offset, Logic::Or, condition, &elements),
            Fold::ExistsOne(condition) => self.exists_one(condition, &elements),
            Fold::Filter(condition) => self.filter(condition, &elements),
            Fold::Map(transform) => self.list_of(transform, &elements),
            Fold::TransformMap(transform) => self.map_of(node.offset, transform, &elements),
            Fold::TransformMapEntry(transform) => self.map_of_entries(node.offset, transform, &elements),
            Fold::SortBy(key) => self.sorted(node, key, &elements),
        }
    }

    /// Shows each element of a list or entry of a map to `visit` until that breaks off.
    fn each(&mut self, elements: &Elements<'_, 'a>, visit: &mut Visit<'_, 'e, 'a>) -> Result<(), Stop> {
        match &elements.value {
            Value::List(list) => {
                for index in 0..list.size() {
                    let frame = elements.element(index, list.get(index));
                    if self.budget.is_exceeded() || visit(self, Some(&frame)).is_break() {
                        break;
                    }
                }
            }
            Value::Map(map) => map.keys(&mut |key| {
                let frame = elements.entry(map, key);
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

    /// Adds what `make` makes of each element for which the filter holds. After a failure nothing more is added, but
    /// a later failure of the filter takes its place, as in cel-go.
    fn gather<T>(
        &mut self,
        filter: Option<&'a Node>,
        elements: &Elements<'_, 'a>,
        make: &mut Make<'_, 'e, 'a, T>,
    ) -> Result<Vec<T>, Stop> {
        let mut made = Ok(Vec::new());
        self.each(elements, &mut |this, scope| {
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
        const FIRST: node::Local = node::Local { outwards: 0, second: false };
        let Some(frame) = scope else { return Ok(Value::Null) };
        match frame.first.value.clone()? {
            Lookup::Found(value) => Ok(value),
            Lookup::Failed(failure) => Err(Stop::failed(frame.origin.offset, "an element", failure)),
            Lookup::Absent | Lookup::Unknown => Err(Stop::Unknown(self.local_paths(FIRST, scope))),
        }
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
        map(offset, made?)
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
                let fault = Fault::no_such_overload("transformMapEntry", &[other]);
                Err(this.stop(fault, &transform.value, scope))
            }
        });
        map(offset, made?)
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
        if !matches!(elements.value, Value::List(_)) {
            let value = elements.value.borrowed();
            return Err(self.stop(Fault::no_such_overload("sortBy", &[value]), node, elements.scope));
        }
        let pairs = self.gather(None, elements, &mut |this, scope, pairs| {
            let key = this.node(key, scope)?;
            pairs.push((key, this.innermost(scope)?));
            Ok(())
        })?;
        sort_by(pairs, self.budget).map(Value::list).map_err(|fault| self.stop(fault, node, elements.scope))
    }
}

fn map<'a>(offset: usize, entries: Vec<(Key<'a>, Value<'a>)>) -> Evaluated<'a> {
    Value::map(entries).map_err(|RepeatedKey(key)| Stop::error(offset, EvaluationErrorKind::RepeatedKey(key)))
}

/// What a comprehension goes over.
struct Elements<'s, 'a> {
    range: &'a Node,
    /// Whether there are two variables.
    two: bool,
    value: Value<'a>,
    scope: Scope<'s, 'a>,
}

impl<'a> Elements<'_, 'a> {
    fn element(&self, index: usize, value: Lookup<'a>) -> Frame<'_, 'a> {
        let element = Local { value: Ok(value), place: Place::Index(index) };
        if !self.two {
            return self.frame(element, Local::NONE);
        }
        let index = Value::Int(i64::try_from(index).unwrap_or(i64::MAX));
        self.frame(Local::found(index, Place::Nowhere), element)
    }

    fn entry(&self, map: &crate::value::Map<'a>, key: Value<'a>) -> Frame<'_, 'a> {
        if !self.two {
            return self.frame(Local::found(key, Place::Nowhere), Local::NONE);
        }
        let value = Key::to_find(&key).map_or(Lookup::Absent, |key| map.get(&key));
        let place =
            if let Value::String(name) = &key { Place::Part(name.to_string()) } else { Place::Nowhere };
        self.frame(Local::found(key, Place::Nowhere), Local { value: Ok(value), place })
    }

    fn frame(&self, first: Local<'a>, second: Local<'a>) -> Frame<'_, 'a> {
        Frame { first, second, origin: self.range, outer: self.scope }
    }
}
