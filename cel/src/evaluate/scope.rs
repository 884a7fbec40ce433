//! The variables of macros. They live on the stack, in frames that know the ones around them.

use super::{Evaluated, Evaluator, Wanted};
use crate::fault::Stop;
use crate::input::Lookup;
use crate::node::{Local, Node};
use crate::value::Value;

/// The innermost macro with variables around a node.
pub(super) type Scope<'s, 'a> = Option<&'s Frame<'s, 'a>>;

/// The variables of a macro: what is bound, an element with its index, or an entry of a map with its key.
pub(super) struct Frame<'s, 'a> {
    pub(super) value: &'s Lookup<'a>,
    pub(super) key: &'s Lookup<'a>,
    pub(super) names: Names,
    /// Why there is no value, where one was to be bound.
    pub(super) failure: Option<&'s Stop>,
    /// What the variables were made from.
    pub(super) origin: &'a Node,
    /// What `origin` sees.
    pub(super) outer: Scope<'s, 'a>,
}

/// What a name stands for that nobody uses.
pub(super) const ABSENT: &Lookup<'static> = &Lookup::Absent;

/// What the names of a macro stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// All of what the macro is about.
    Whole,
    /// The element.
    Value,
    /// The key.
    Key,
    /// The key or the index, and the value.
    Both,
}

impl<'s, 'a> Frame<'s, 'a> {
    /// Whether a name stands for the value, not for the key.
    pub(super) fn is_value(&self, second: bool) -> bool {
        match self.names {
            Names::Whole | Names::Value => true,
            Names::Key => false,
            Names::Both => second,
        }
    }

    pub(super) fn variable(&self, second: bool) -> &'s Lookup<'a> {
        if self.is_value(second) { self.value } else { self.key }
    }
}

/// The frame of a local.
pub(super) fn frame<'s, 'a>(local: Local, mut scope: Scope<'s, 'a>) -> Scope<'s, 'a> {
    for _ in 0..local.outwards {
        scope = scope.and_then(|frame| frame.outer);
    }
    scope
}

/// What a local holds, where that is a value.
pub(super) fn local<'s, 'a>(local: Local, scope: Scope<'s, 'a>) -> Option<&'s Value<'a>> {
    match frame(local, scope)?.variable(local.second) {
        Lookup::Found(value) => Some(value),
        Lookup::Absent | Lookup::Unknown | Lookup::Failed(_) => None,
    }
}

impl<'a> Evaluator<'_, 'a> {
    /// The body of a macro that binds one name to the whole of a value.
    pub(super) fn with<W: Wanted<'a>>(
        &mut self,
        bound: Evaluated<'a>,
        origin: &'a Node,
        body: &'a Node,
        outer: Scope<'_, 'a>,
    ) -> Result<W, Stop> {
        let (value, failure) = match bound {
            Ok(value) => (Lookup::Found(value), None),
            Err(stop) => (Lookup::Absent, Some(stop)),
        };
        let (names, failure) = (Names::Whole, failure.as_ref());
        self.node(body, Some(&Frame { value: &value, key: ABSENT, names, failure, origin, outer }))
    }

    /// What a local holds.
    pub(super) fn local(&mut self, local: Local, offset: usize, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let frame = frame(local, scope);
        match frame.map(|frame| frame.variable(local.second)) {
            Some(Lookup::Found(value)) => Ok(value.clone()),
            Some(Lookup::Failed(failure)) => Err(Stop::failed(offset, "an element", failure.clone())),
            Some(Lookup::Absent | Lookup::Unknown) | None => {
                let failure = frame.and_then(|frame| frame.failure.cloned());
                Err(failure.unwrap_or_else(|| Stop::unknown(self.local_paths(local, scope))))
            }
        }
    }
}
