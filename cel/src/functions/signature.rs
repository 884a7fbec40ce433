//! Signatures, written as text: `list(A), int -> A`. Capital letters are types that a call determines.

use crate::static_type::StaticType;
use std::sync::Arc;

/// The types of the arguments, a member function's target first, and of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) arguments: Vec<StaticType>,
    pub(crate) result: StaticType,
}

impl Signature {
    /// A signature for each overload, from texts that this crate writes itself.
    pub(crate) fn all(overloads: &[&str]) -> Vec<Self> {
        let signature =
            |text: &&str| Self::parse(text).unwrap_or_else(|| unreachable!("{text:?} is no signature"));
        overloads.iter().map(signature).collect()
    }

    /// None where the text is no signature.
    fn parse(text: &str) -> Option<Self> {
        let (arguments, result) = text.split_once("->")?;
        let mut reader = Reader { rest: arguments.trim() };
        let mut types = Vec::new();
        while !reader.rest.is_empty() {
            types.push(reader.of()?);
            if !reader.skip(',') && !reader.rest.is_empty() {
                return None;
            }
        }
        let mut reader = Reader { rest: result.trim() };
        let result = reader.of()?;
        reader.rest.is_empty().then_some(Self { arguments: types, result })
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn skip(&mut self, symbol: char) -> bool {
        let stripped = self.rest.strip_prefix(symbol);
        self.rest = stripped.unwrap_or(self.rest).trim_start();
        stripped.is_some()
    }

    fn of(&mut self) -> Option<StaticType> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        Some(match name {
            "dyn" => StaticType::Dyn,
            "null" => StaticType::Null,
            "bool" => StaticType::Bool,
            "int" => StaticType::Int,
            "uint" => StaticType::Uint,
            "double" => StaticType::Double,
            "string" => StaticType::String,
            "bytes" => StaticType::Bytes,
            "timestamp" => StaticType::Timestamp,
            "duration" => StaticType::Duration,
            "ip" => StaticType::Ip,
            "cidr" => StaticType::Cidr,
            "list" => StaticType::List(self.parameter()?),
            "optional" => StaticType::Optional(self.parameter()?),
            "type" => StaticType::Type(self.parameter()?),
            "map" => self.map()?,
            name if name.len() == 1 => StaticType::Parameter(Arc::from(name)),
            _ => return None,
        })
    }

    fn parameter(&mut self) -> Option<Arc<StaticType>> {
        let of = if self.skip('(') { self.of() } else { None }?;
        self.skip(')').then(|| Arc::new(of))
    }

    fn map(&mut self) -> Option<StaticType> {
        let key = if self.skip('(') { self.of() } else { None }?;
        let value = if self.skip(',') { self.of() } else { None }?;
        self.skip(')').then(|| StaticType::map(key, value))
    }
}
