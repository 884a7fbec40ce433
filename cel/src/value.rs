//! Values, and how they are held: what came from the input or the program is borrowed, what an evaluation
//! made is shared.

mod collections;
mod compare;
mod display;
mod held;
mod json;
mod list;
mod map;
mod network;
mod optional;
#[cfg(test)]
mod tests;
mod time;

pub(crate) use compare::{equal, order};
pub(crate) use display::evidence;
pub use held::{Bytes, Held, Str};
pub use list::List;
pub use map::{Key, Map, RepeatedKey};
pub(crate) use network::address;
pub use network::{Cidr, NetworkError};
pub use optional::Optional;
pub(crate) use time::{Civil, seconds_east};
pub use time::{Duration, TimeError, Timestamp};

use crate::input::{Array, Object};
use std::fmt;
use std::net::IpAddr;

/// A value of the language.
///
/// `'a` is the shorter life of the input and the program. A clone copies no text and no elements.
///
/// It is shown as a literal of the language.
///
/// ```
/// use cel::{Held, Key, Value};
///
/// let ports = Value::list(vec![Value::Int(80), Value::Uint(443)]);
/// let map = Value::map(vec![(Key::String(Held::Borrowed("ports")), ports)]).unwrap();
/// assert_eq!(map.to_string(), "{\"ports\": [80, 443u]}");
/// assert_eq!(map.type_of().name(), "map");
/// assert_eq!(map.to_json(), Some(serde_json::json!({"ports": [80, 443]})));
/// ```
#[derive(Clone)]
#[non_exhaustive]
// The tag is a word and what is behind it words too: a value that has just been written is moved without waiting for
// its bytes to come together.
#[repr(u64)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A signed integer of 64 bits.
    Int(i64),
    /// An unsigned integer of 64 bits, written `1u`.
    Uint(u64),
    /// A floating-point number of 64 bits.
    Double(f64),
    /// Text: code points.
    String(Str<'a>),
    /// Bytes, written `b'...'`.
    Bytes(Bytes<'a>),
    /// A list; its elements may be of different types.
    List(List<'a>),
    /// A map, or an object of the input.
    Map(Map<'a>),
    /// A point in time.
    Timestamp(Timestamp),
    /// The time between two points.
    Duration(Duration),
    /// A value that may not be there.
    Optional(Optional<'a>),
    /// An address of the Internet Protocol.
    Ip(IpAddr),
    /// An address with the length of its network's prefix.
    Cidr(Cidr),
    /// The type of a value, which is a value itself.
    Type(Type),
}

/// The type of a value as `type(x)` answers it: without parameters, so that all lists are of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Type {
    /// `null_type`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `uint`
    Uint,
    /// `double`
    Double,
    /// `string`
    String,
    /// `bytes`
    Bytes,
    /// `list`
    List,
    /// `map`
    Map,
    /// `google.protobuf.Timestamp`
    Timestamp,
    /// `google.protobuf.Duration`
    Duration,
    /// `optional_type`
    Optional,
    /// `net.IP`
    Ip,
    /// `net.CIDR`
    Cidr,
    /// `type`
    Type,
}

impl Type {
    /// Every type that an expression may name.
    pub const ALL: &'static [Self] = &[
        Self::Null,
        Self::Bool,
        Self::Int,
        Self::Uint,
        Self::Double,
        Self::String,
        Self::Bytes,
        Self::List,
        Self::Map,
        Self::Timestamp,
        Self::Duration,
        Self::Optional,
        Self::Ip,
        Self::Cidr,
        Self::Type,
    ];

    /// The name by which an expression knows the type.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::List => "list",
            Self::Map => "map",
            Self::Timestamp => "google.protobuf.Timestamp",
            Self::Duration => "google.protobuf.Duration",
            Self::Optional => "optional_type",
            Self::Ip => "net.IP",
            Self::Cidr => "net.CIDR",
            Self::Type => "type",
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'a> Value<'a> {
    /// A list that owns its elements.
    #[must_use]
    pub fn list(elements: Vec<Value<'a>>) -> Self {
        Value::List(List::owned(elements))
    }

    /// A map that owns its entries.
    ///
    /// # Errors
    /// A key comes twice; `1` and `1u` are the same key.
    pub fn map(entries: Vec<(Key<'a>, Value<'a>)>) -> Result<Self, RepeatedKey> {
        Map::owned(entries).map(Value::Map)
    }

    /// An object of the input.
    #[must_use]
    pub fn object(object: &'a dyn Object) -> Self {
        Value::Map(Map::object(object))
    }

    /// An array of the input.
    #[must_use]
    pub fn array(array: &'a dyn Array) -> Self {
        Value::List(List::array(array))
    }

    /// The value's type.
    #[must_use]
    pub const fn type_of(&self) -> Type {
        match self {
            Value::Null => Type::Null,
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int,
            Value::Uint(_) => Type::Uint,
            Value::Double(_) => Type::Double,
            Value::String(_) => Type::String,
            Value::Bytes(_) => Type::Bytes,
            Value::List(_) => Type::List,
            Value::Map(_) => Type::Map,
            Value::Timestamp(_) => Type::Timestamp,
            Value::Duration(_) => Type::Duration,
            Value::Optional(_) => Type::Optional,
            Value::Ip(_) => Type::Ip,
            Value::Cidr(_) => Type::Cidr,
            Value::Type(_) => Type::Type,
        }
    }

    /// Whether it is of a type of numbers.
    pub(crate) const fn is_number(&self) -> bool {
        matches!(self, Value::Int(_) | Value::Uint(_) | Value::Double(_))
    }

    /// The truth value, where the value is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(value) = self { Some(*value) } else { None }
    }

    /// The text, where the value is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    /// The object of the input that it is.
    pub(crate) fn as_object(&self) -> Option<&'a dyn Object> {
        if let Value::Map(map) = self { map.as_object() } else { None }
    }

    /// The same value, borrowing from this one; allocates nothing and counts nothing.
    #[must_use]
    pub fn borrowed(&self) -> Value<'_> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(*value),
            Value::Int(value) => Value::Int(*value),
            Value::Uint(value) => Value::Uint(*value),
            Value::Double(value) => Value::Double(*value),
            Value::String(text) => Value::String(text.borrowed()),
            Value::Bytes(bytes) => Value::Bytes(bytes.borrowed()),
            Value::List(list) => Value::List(list.borrowed()),
            Value::Map(map) => Value::Map(map.borrowed()),
            Value::Timestamp(timestamp) => Value::Timestamp(*timestamp),
            Value::Duration(duration) => Value::Duration(*duration),
            Value::Optional(optional) => Value::Optional(optional.borrowed()),
            Value::Ip(address) => Value::Ip(*address),
            Value::Cidr(cidr) => Value::Cidr(*cidr),
            Value::Type(of) => Value::Type(*of),
        }
    }

    /// The same value, borrowing nothing; None where it is, or holds, a part of the input.
    pub(crate) fn into_owned(self) -> Option<Value<'static>> {
        Some(match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Int(value) => Value::Int(value),
            Value::Uint(value) => Value::Uint(value),
            Value::Double(value) => Value::Double(value),
            Value::String(text) => Value::String(text.into_shared()),
            Value::Bytes(bytes) => Value::Bytes(bytes.into_shared()),
            Value::List(list) => Value::List(list.into_owned()?),
            Value::Map(map) => Value::Map(map.into_owned()?),
            Value::Timestamp(timestamp) => Value::Timestamp(timestamp),
            Value::Duration(duration) => Value::Duration(duration),
            Value::Optional(optional) => Value::Optional(optional.into_owned()?),
            Value::Ip(address) => Value::Ip(address),
            Value::Cidr(cidr) => Value::Cidr(cidr),
            Value::Type(of) => Value::Type(of),
        })
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl From<u64> for Value<'_> {
    fn from(value: u64) -> Self {
        Value::Uint(value)
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Value::Double(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::String(Held::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::from(text.as_str())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::String(Held::from(text))
    }
}
