//! The functions of the language.

mod conversions;
mod number;
mod strings;
#[cfg(test)]
mod tests;

use crate::budget::Budget;
use crate::error::Style;
use crate::fault::Fault;
use crate::value::Value;
use regex::{Regex, RegexBuilder};
use std::fmt;

/// A function: one entry for each number of arguments. Which types they may have, it says itself.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) style: Style,
    /// How many values it is given; a member function's target is the first.
    pub(crate) arity: usize,
    pub(crate) call: Implementation,
}

/// What a function does. It answers `Ok(None)` to arguments of types that it does not take.
pub(crate) type Implementation =
    for<'a> fn(arguments: &[Value<'a>], budget: &mut Budget) -> Result<Option<Value<'a>>, Fault>;

impl Function {
    /// How many arguments are written between the parentheses.
    pub(crate) const fn written_arity(&self) -> usize {
        match self.style {
            Style::Global => self.arity,
            Style::Member => self.arity - 1,
        }
    }

    const fn global(name: &'static str, arity: usize, call: Implementation) -> Self {
        Self { name, style: Style::Global, arity, call }
    }

    const fn member(name: &'static str, arity: usize, call: Implementation) -> Self {
        Self { name, style: Style::Member, arity, call }
    }
}

/// The function whose pattern is prepared when it is constant.
pub(crate) const MATCHES: &str = "matches";

/// The functions of the language's specification.
pub(crate) const STANDARD: &[Function] = &[
    Function::global("size", 1, size),
    Function::member("size", 1, size),
    Function::global("type", 1, conversions::type_of),
    Function::global("dyn", 1, conversions::dynamic),
    Function::global("bool", 1, conversions::bool),
    Function::global("int", 1, conversions::int),
    Function::global("uint", 1, conversions::uint),
    Function::global("double", 1, conversions::double),
    Function::global("string", 1, conversions::string),
    Function::global("bytes", 1, conversions::bytes),
    Function::member("startsWith", 2, strings::starts_with),
    Function::member("endsWith", 2, strings::ends_with),
    Function::member("contains", 2, strings::contains),
    Function::global(MATCHES, 2, strings::matches),
    Function::member(MATCHES, 2, strings::matches),
];

fn size<'a>(arguments: &[Value<'a>], budget: &mut Budget) -> Result<Option<Value<'a>>, Fault> {
    let size = match arguments {
        [Value::String(text)] => {
            budget.charge_bytes(text.len())?;
            text.chars().count()
        }
        [Value::Bytes(bytes)] => bytes.len(),
        [Value::List(list)] => list.size(),
        [Value::Map(map)] => map.size(),
        _ => return Ok(None),
    };
    Ok(Some(Value::Int(i64::try_from(size).unwrap_or(i64::MAX))))
}

/// Bytes that the machine of a pattern may have; one that needs more is refused.
pub(crate) const MACHINE_LIMIT: usize = 1 << 20;

/// Why a pattern is not ready to be searched for.
pub(crate) enum Unprepared {
    TooLarge(usize),
    Invalid(String),
}

/// A pattern, ready to be searched for.
pub(crate) fn prepare(pattern: &str, machine_limit: usize) -> Result<Regex, Unprepared> {
    let mut builder = RegexBuilder::new(pattern);
    builder.size_limit(machine_limit).dfa_size_limit(MACHINE_LIMIT).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => Unprepared::TooLarge(limit),
        // The last line says what is wrong, the ones before draw the pattern.
        other => {
            let message = other.to_string();
            let last = message.lines().last().unwrap_or_default();
            Unprepared::Invalid(last.trim_start_matches("error: ").to_owned())
        }
    })
}

impl fmt::Display for Unprepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(f, "it needs more than {limit} bytes"),
            Self::Invalid(reason) => f.write_str(reason),
        }
    }
}
