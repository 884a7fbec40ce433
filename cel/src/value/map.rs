//! Maps and their keys.

use crate::input::{Lookup, Object};
use crate::value::{Held, Str, Value, evidence};
use std::cmp::Ordering;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A map: an object of the input, whose keys are strings, or entries that an evaluation made.
///
/// ```
/// use cel::{Budget, Environment, Key, Lookup, Outcome, Program, Value};
///
/// let program = Program::compile(&Environment::standard(), "{'a': 1, 2: 'b'}").unwrap();
/// let Outcome::Value(Value::Map(map)) = program.evaluate(&(), &mut Budget::default()) else {
///     panic!("it is a map");
/// };
/// assert_eq!(map.size(), 2);
/// assert!(matches!(map.field("a"), Lookup::Found(Value::Int(1))));
/// assert!(matches!(map.get(&Key::Uint(2)), Lookup::Found(value) if value.as_str() == Some("b")));
/// ```
#[derive(Clone)]
pub struct Map<'a>(Form<'a>);

#[derive(Clone)]
enum Form<'a> {
    Object(&'a dyn Object),
    Entries(&'a [Entry<'a>]),
    Owned(Arc<[Entry<'a>]>),
}

/// Entries are kept in the order of their keys, so that a key is found by halving.
type Entry<'a> = (Key<'a>, Value<'a>);

/// A key of a map. Numbers are equal across their types: `1` and `1u` are one key.
///
/// ```
/// use cel::{Held, Key, Value};
///
/// assert_eq!(Key::Int(1), Key::Uint(1));
/// assert_eq!(Key::from_value(Value::from("a")), Some(Key::String(Held::Borrowed("a"))));
/// assert_eq!(Key::from_value(Value::Null), None);
/// assert!(Value::map(vec![(Key::Int(1), Value::Null), (Key::Uint(1), Value::Null)]).is_err());
/// ```
#[derive(Clone, Debug)]
pub enum Key<'a> {
    /// `true` or `false`
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer.
    Uint(u64),
    /// Text.
    String(Str<'a>),
}

/// A map was given the same key twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("repeated key: {0}")]
pub struct RepeatedKey(pub String);

impl<'a> Key<'a> {
    /// The key that a map literal would make of a value: only bool, int, uint and string are keys.
    #[must_use]
    pub fn from_value(value: Value<'a>) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(Key::Bool(value)),
            Value::Int(value) => Some(Key::Int(value)),
            Value::Uint(value) => Some(Key::Uint(value)),
            Value::String(text) => Some(Key::String(text)),
            _ => None,
        }
    }

    /// Whether something can be looked for by a value: what a map literal takes as a key, or any number.
    pub(crate) fn can_find(value: &Value<'_>) -> bool {
        matches!(value, Value::Double(_)) || Key::to_find(value).is_some()
    }

    /// The key that a look-up would use: a double that is a whole number finds the integer.
    pub(crate) fn to_find(value: &'a Value<'_>) -> Option<Self> {
        let Value::Double(number) = value else { return Self::from_value(value.borrowed()) };
        Self::whole(*number)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is looked at first"
    )]
    fn whole(number: f64) -> Option<Self> {
        const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
        if number.fract() != 0.0 {
            return None;
        }
        match number {
            n if (-TWO_TO_63..TWO_TO_63).contains(&n) => Some(Key::Int(n as i64)),
            n if (TWO_TO_63..2.0 * TWO_TO_63).contains(&n) => Some(Key::Uint(n as u64)),
            _ => None,
        }
    }

    /// The key as a value.
    #[must_use]
    pub fn value(&self) -> Value<'a> {
        match self {
            Key::Bool(value) => Value::Bool(*value),
            Key::Int(value) => Value::Int(*value),
            Key::Uint(value) => Value::Uint(*value),
            Key::String(text) => Value::String(text.clone()),
        }
    }

    fn borrowed(&self) -> Value<'_> {
        match self {
            Key::String(text) => Value::String(text.borrowed()),
            other => other.value(),
        }
    }

    fn rank(&self) -> (u8, i128) {
        match self {
            Key::Bool(value) => (0, i128::from(*value)),
            Key::Int(value) => (1, i128::from(*value)),
            Key::Uint(value) => (1, i128::from(*value)),
            Key::String(_) => (2, 0),
        }
    }
}

impl Ord for Key<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Key::String(one), Key::String(two)) => str::cmp(one, two),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Key<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key<'_> {}

impl<'a> Map<'a> {
    pub(crate) const fn object(object: &'a dyn Object) -> Self {
        Self(Form::Object(object))
    }

    /// The object of the input that it is.
    pub(crate) fn as_object(&self) -> Option<&'a dyn Object> {
        if let Form::Object(object) = self.0 { Some(object) } else { None }
    }

    pub(crate) fn owned(mut entries: Vec<Entry<'a>>) -> Result<Self, RepeatedKey> {
        entries.sort_by(|one, two| one.0.cmp(&two.0));
        match entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(RepeatedKey(evidence(pair[1].0.value()))),
            None => Ok(Self(Form::Owned(entries.into()))),
        }
    }

    pub(crate) fn borrowed(&self) -> Map<'_> {
        match &self.0 {
            Form::Object(object) => Map(Form::Object(*object)),
            Form::Entries(entries) => Map(Form::Entries(entries)),
            Form::Owned(entries) => Map(Form::Entries(entries)),
        }
    }

    pub(crate) fn into_owned(self) -> Option<Map<'static>> {
        let entries: &[Entry<'_>] = match &self.0 {
            Form::Object(_) => return None,
            Form::Entries(entries) => entries,
            Form::Owned(entries) => entries,
        };
        let owned = |(key, value): &Entry<'_>| {
            Some((Key::from_value(key.value().into_owned()?)?, value.clone().into_owned()?))
        };
        Some(Map(Form::Owned(entries.iter().map(owned).collect::<Option<Vec<_>>>()?.into())))
    }

    /// How many entries the map has.
    #[must_use]
    pub fn size(&self) -> usize {
        match &self.0 {
            Form::Object(object) => object.size(),
            Form::Entries(entries) => entries.len(),
            Form::Owned(entries) => entries.len(),
        }
    }

    /// What is kept under a string.
    #[must_use]
    pub fn field(&self, name: &str) -> Lookup<'a> {
        match &self.0 {
            Form::Object(object) => object.field(name),
            _ => self.get(&Key::String(Held::Borrowed(name))),
        }
    }

    /// What is kept under a key.
    #[must_use]
    pub fn get(&self, key: &Key<'_>) -> Lookup<'a> {
        match (&self.0, key) {
            (Form::Object(object), Key::String(name)) => object.field(name),
            (Form::Object(_), _) => Lookup::Absent,
            (Form::Entries(entries), _) => Lookup::borrowed(find(entries, key)),
            (Form::Owned(entries), _) => Lookup::cloned(find(entries, key)),
        }
    }

    /// Shows each key to `visit` until that breaks off.
    pub fn keys(&self, visit: &mut dyn FnMut(Value<'a>) -> ControlFlow<()>) {
        // The visitor knows by itself whether it broke off.
        let _: ControlFlow<()> = match &self.0 {
            Form::Object(object) => {
                object.keys(&mut |name| visit(Value::from(name)));
                ControlFlow::Continue(())
            }
            Form::Entries(entries) => entries.iter().try_for_each(|entry| visit(entry.0.borrowed())),
            Form::Owned(entries) => entries.iter().try_for_each(|entry| visit(entry.0.value())),
        };
    }
}

fn find<'e, 'a>(entries: &'e [Entry<'a>], key: &Key<'_>) -> Option<&'e Value<'a>> {
    let index = entries.binary_search_by(|entry| entry.0.cmp(key)).ok()?;
    entries.get(index).map(|entry| &entry.1)
}
