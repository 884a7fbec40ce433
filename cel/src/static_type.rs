//! Types that are known before an evaluation.

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
    /// A type that a use of the declaration determines.
    Parameter(Arc<str>),
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
        let (one, two) = match self {
            Self::List(of) | Self::Optional(of) | Self::Nullable(of) | Self::Type(of) => (Some(of), None),
            Self::Map(key, value) => (Some(key), Some(value)),
            _ => (None, None),
        };
        one.into_iter().chain(two).map(|of| &**of)
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
            Self::Parameter(name) => name,
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
