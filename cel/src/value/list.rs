//! Lists.

use crate::input::{Array, Lookup};
use crate::value::{Held, Key, Value};
use std::ops::ControlFlow;
use std::sync::Arc;

/// A list: an array of the input, elements that an evaluation made, or two lists end to end.
///
/// ```
/// use cel::{Budget, Environment, Lookup, Outcome, Program, Value};
///
/// let program = Program::compile(&Environment::standard(), "['a', 'b'] + ['c']").unwrap();
/// let Outcome::Value(Value::List(list)) = program.evaluate(&(), &mut Budget::default()) else {
///     panic!("it is a list");
/// };
/// assert_eq!(list.size(), 3);
/// assert!(matches!(list.get(2), Lookup::Found(value) if value.as_str() == Some("c")));
/// assert!(matches!(list.get(3), Lookup::Absent));
/// ```
#[derive(Clone)]
pub struct List<'a>(Form<'a>);

#[derive(Clone)]
enum Form<'a> {
    Array(&'a dyn Array),
    Elements(&'a [Value<'a>]),
    Owned(Arc<[Value<'a>]>),
    Set(Held<'a, Set<'a>>),
    /// `a + b` copies no element: an element of the input that is unknown stays unknown where it is.
    Joined(Arc<Joined<'a>>),
}

/// Elements that are searched by halving.
struct Set<'a> {
    elements: Vec<Value<'a>>,
    /// The elements as keys, sorted.
    keys: Vec<Key<'a>>,
}

struct Joined<'a> {
    first: List<'a>,
    second: List<'a>,
    size: usize,
}

impl<'a> List<'a> {
    pub(crate) fn owned(elements: Vec<Value<'a>>) -> Self {
        Self(Form::Owned(elements.into()))
    }

    pub(crate) const fn array(array: &'a dyn Array) -> Self {
        Self(Form::Array(array))
    }

    /// Both lists end to end; None where no computer could count the elements.
    pub(crate) fn joined(first: Self, second: Self) -> Option<Self> {
        let size = first.size().checked_add(second.size())?;
        // Nothing is added to the other one.
        if second.size() == 0 {
            return Some(first);
        }
        if first.size() == 0 {
            return Some(second);
        }
        Some(Self(Form::Joined(Arc::new(Joined { first, second, size }))))
    }

    pub(crate) fn borrowed(&self) -> List<'_> {
        match &self.0 {
            Form::Array(array) => List(Form::Array(*array)),
            Form::Elements(elements) => List(Form::Elements(elements)),
            Form::Owned(elements) => List(Form::Elements(elements)),
            Form::Set(set) => List(Form::Set(set.borrowed())),
            Form::Joined(joined) => List(Form::Joined(Arc::clone(joined))),
        }
    }

    pub(crate) fn into_owned(self) -> Option<List<'static>> {
        if let Form::Array(_) = self.0 {
            return None;
        }
        let element =
            |index| if let Lookup::Found(value) = self.get(index) { value.into_owned() } else { None };
        (0..self.size()).map(element).collect::<Option<Vec<_>>>().map(List::owned)
    }

    /// The same list, made ready to be searched, where that is worth it: many elements, all of which could be keys.
    pub(crate) fn into_set(self) -> Self {
        const WORTH_IT: usize = 4;
        let elements: Vec<_> = match &self.0 {
            Form::Owned(elements) if elements.len() >= WORTH_IT => elements.to_vec(),
            _ => return self,
        };
        let keys = elements.iter().cloned().map(Key::from_value).collect::<Option<Vec<_>>>();
        let Some(mut keys) = keys else { return self };
        keys.sort();
        Self(Form::Set(Held::Shared(Arc::new(Set { elements, keys }))))
    }

    /// Whether an element is equal to the value, if the list was made ready to be asked.
    pub(crate) fn set_contains(&self, value: &Value<'_>) -> Option<bool> {
        match (&self.0, value) {
            // A double is equal to every integer that is rounded to it.
            (Form::Set(_), Value::Double(_)) => None,
            (Form::Set(set), _) => {
                Some(Key::to_find(value).is_some_and(|key| set.keys.binary_search(&key).is_ok()))
            }
            _ => None,
        }
    }

    /// How many elements the list has.
    #[must_use]
    pub fn size(&self) -> usize {
        match &self.0 {
            Form::Array(array) => array.size(),
            Form::Elements(elements) => elements.len(),
            Form::Owned(elements) => elements.len(),
            Form::Set(set) => set.elements.len(),
            Form::Joined(joined) => joined.size,
        }
    }

    /// Shows each element to `visit`, until that breaks off.
    pub(crate) fn each(&self, visit: &mut impl FnMut(Lookup<'a>) -> ControlFlow<()>) -> ControlFlow<()> {
        match &self.0 {
            Form::Array(array) => (0..array.size()).try_for_each(|index| visit(array.get(index))),
            Form::Elements(elements) => {
                elements.iter().try_for_each(|element| visit(Lookup::Found(element.borrowed())))
            }
            Form::Joined(joined) => {
                joined.first.each(visit)?;
                joined.second.each(visit)
            }
            Form::Owned(_) | Form::Set(_) => (0..self.size()).try_for_each(|index| visit(self.get(index))),
        }
    }

    /// The element at an index from 0; Absent past the end.
    #[must_use]
    pub fn get(&self, index: usize) -> Lookup<'a> {
        match &self.0 {
            Form::Array(array) => array.get(index),
            Form::Elements(elements) => Lookup::borrowed(elements.get(index)),
            Form::Owned(elements) => Lookup::cloned(elements.get(index)),
            Form::Set(Held::Borrowed(set)) => Lookup::borrowed(set.elements.get(index)),
            Form::Set(Held::Shared(set)) => Lookup::cloned(set.elements.get(index)),
            Form::Joined(joined) => match index.checked_sub(joined.first.size()) {
                None => joined.first.get(index),
                Some(index) => joined.second.get(index),
            },
        }
    }
}
