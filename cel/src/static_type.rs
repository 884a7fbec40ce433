//! Types that are known before an evaluation.

mod escape;
mod schema;
#[cfg(test)]
mod tests;

pub use schema::SchemaError;

use crate::parser::is_reserved;
use escape::escape;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

/// What is known of a value before it is there: the declaration of a variable, the parameters and the result of a
/// function, the type that is deduced of an expression. It is written as cel-go writes it: `map(string, list(int))`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StaticType {
    /// Nothing is known: any value may come.
    Dyn,
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
    /// `google.protobuf.Timestamp`
    Timestamp,
    /// `google.protobuf.Duration`
    Duration,
    /// `net.IP`
    Ip,
    /// `net.CIDR`
    Cidr,
    /// A list of such elements.
    List(Arc<StaticType>),
    /// A map from such keys to such values.
    Map(Arc<StaticType>, Arc<StaticType>),
    /// An optional value.
    Optional(Arc<StaticType>),
    /// A value of the type, or null: protobuf's wrapper messages.
    Nullable(Arc<StaticType>),
    /// The type of such values, which is a value itself.
    Type(Arc<StaticType>),
    /// A map with known fields, each of its own type.
    Object(Arc<ObjectType>),
    /// A type that only declared functions make and take.
    Abstract(Arc<str>, Arc<[StaticType]>),
    /// A type that a use of the declaration determines.
    Parameter(Arc<str>),
}

/// The fields of an object that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectType {
    name: Arc<str>,
    /// By the names that expressions know them by.
    fields: BTreeMap<Arc<str>, Field>,
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its name in the object, where an expression cannot write that: `a.b` is written `a__dot__b`.
    pub(crate) escaped: Option<Arc<str>>,
    pub(crate) of: StaticType,
}

impl ObjectType {
    /// An object with such fields. A field whose name is no identifier is written as the API server has it:
    /// `x-y` as `x__dash__y`; what cannot be written so is not there for expressions.
    #[must_use]
    pub fn new<N: AsRef<str>>(
        name: impl Into<Arc<str>>,
        fields: impl IntoIterator<Item = (N, StaticType)>,
    ) -> Self {
        let written = |(name, of): (N, StaticType)| {
            let name = name.as_ref();
            let written = escape(name)?;
            let escaped = (*written != *name).then(|| Arc::from(name));
            Some((Arc::from(written), Field { escaped, of }))
        };
        Self { name: name.into(), fields: fields.into_iter().filter_map(written).collect() }
    }

    /// The type's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The fields' names, as expressions write them, and their types.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &StaticType)> {
        self.fields.iter().map(|(name, field)| (&**name, &field.of))
    }

    /// The field that an expression names. A reserved word is written escaped, or as it is where it can be read.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        let reserved = || self.fields.get(&*escape(name).filter(|_| is_reserved(name))?);
        self.fields.get(name).or_else(reserved)
    }
}

impl StaticType {
    /// The type of lists of such elements.
    #[must_use]
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// The type of maps.
    #[must_use]
    pub fn map(key: Self, value: Self) -> Self {
        Self::Map(Arc::new(key), Arc::new(value))
    }

    /// The type of such values where there may be none.
    #[must_use]
    pub fn optional(value: Self) -> Self {
        Self::Optional(Arc::new(value))
    }

    /// A type's parameters.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &Self> {
        let (one, two, many): (_, _, &[Self]) = match self {
            Self::List(of) | Self::Optional(of) | Self::Nullable(of) | Self::Type(of) => {
                (Some(of), None, &[])
            }
            Self::Map(key, value) => (Some(key), Some(value), &[]),
            Self::Abstract(_, parameters) => (None, None, parameters),
            _ => (None, None, &[]),
        };
        one.into_iter().chain(two).map(|of| &**of).chain(many)
    }

    /// The type's name without its parameters.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Dyn => "dyn",
            Self::Null => "null_type",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::Timestamp => "google.protobuf.Timestamp",
            Self::Duration => "google.protobuf.Duration",
            Self::Ip => "net.IP",
            Self::Cidr => "net.CIDR",
            Self::List(_) => "list",
            Self::Map(..) => "map",
            Self::Optional(_) => "optional_type",
            Self::Nullable(_) => "wrapper",
            Self::Type(_) => "type",
            Self::Object(object) => &object.name,
            Self::Abstract(name, _) | Self::Parameter(name) => name,
        }
    }
}

impl Display for StaticType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        for (index, parameter) in self.parameters().enumerate() {
            write!(f, "{}{parameter}", if index == 0 { "(" } else { ", " })?;
        }
        f.write_str(if self.parameters().next().is_some() { ")" } else { "" })
    }
}
