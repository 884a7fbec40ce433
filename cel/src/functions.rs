//! The functions of the language.

mod conversions;
mod encoders;
mod format;
mod lists;
mod math;
mod network;
mod number;
mod optionals;
mod output;
mod regexes;
mod sets;
mod signature;
mod strings;
#[cfg(test)]
mod tests;
mod time;

use crate::budget::Budget;
use crate::error::Style;
use crate::fault::Fault;
use crate::value::Value;
use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use format::{FORMAT, hold as hold_to_format};
pub(crate) use lists::sort_by;
pub(crate) use regexes::{Search, search};
pub(crate) use signature::Signature;

/// A function, with overloads of it. Several may have one name: each takes what the others do not.
#[derive(Debug)]
pub(crate) struct Function {
    /// With its namespace: `math.abs`.
    pub(crate) name: &'static str,
    pub(crate) style: Style,
    /// A signature for each overload, as [`Signature`] reads it; a member function's target is the first argument.
    pub(crate) overloads: &'static [&'static str],
    pub(crate) call: Implementation,
}

/// What a function does. It answers `Ok(None)` to arguments of a number or of types that it does not take.
pub(crate) type Implementation = for<'a> fn(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a>;

/// What a function answers.
pub(crate) type Answer<'a> = Result<Option<Value<'a>>, Fault>;

impl Function {
    const fn global(name: &'static str, overloads: &'static [&'static str], call: Implementation) -> Self {
        Self { name, style: Style::Global, overloads, call }
    }

    const fn member(name: &'static str, overloads: &'static [&'static str], call: Implementation) -> Self {
        Self { name, style: Style::Member, overloads, call }
    }
}

/// Functions by name: what an environment offers. That of a version of Kubernetes is another list of parts, with parts
/// of its own that add overloads to names of these.
#[derive(Debug, Default)]
pub(crate) struct Library {
    global: HashMap<&'static str, Overloaded>,
    member: HashMap<&'static str, Overloaded>,
}

/// All overloads of a name.
#[derive(Debug)]
pub(crate) struct Overloaded {
    pub(crate) name: &'static str,
    pub(crate) style: Style,
    calls: Vec<Implementation>,
    pub(crate) signatures: Vec<Signature>,
}

impl Library {
    fn of(parts: &[&'static [Function]]) -> Self {
        let mut library = Self::default();
        for function in parts.iter().flat_map(|functions| functions.iter()) {
            let functions = match function.style {
                Style::Global => &mut library.global,
                Style::Member => &mut library.member,
            };
            functions.entry(function.name).or_insert_with(|| Overloaded::of(function)).add(function);
        }
        library
    }

    fn functions(&self, style: Style) -> &HashMap<&'static str, Overloaded> {
        match style {
            Style::Global => &self.global,
            Style::Member => &self.member,
        }
    }

    pub(crate) fn get(&self, name: &str, style: Style) -> Option<&Overloaded> {
        self.functions(style).get(name)
    }

    /// The names of all functions of that style.
    pub(crate) fn names(&self, style: Style) -> impl Iterator<Item = &'static str> {
        self.functions(style).keys().copied()
    }
}

impl Overloaded {
    const fn of(function: &Function) -> Self {
        let Function { name, style, .. } = *function;
        Self { name, style, calls: Vec::new(), signatures: Vec::new() }
    }

    fn add(&mut self, function: &Function) {
        self.calls.push(function.call);
        self.signatures.extend(Signature::all(function.overloads));
    }

    /// What the overload answers that takes the arguments; `Ok(None)` where none does.
    pub(crate) fn call<'a>(&self, arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
        let mut answer = Ok(None);
        for call in &self.calls {
            answer = call(arguments, budget);
            if !matches!(answer, Ok(None)) {
                break;
            }
        }
        answer
    }
}

/// The function whose pattern is prepared when it is constant.
pub(crate) const MATCHES: &str = "matches";

/// The functions that do not evaluate their second argument where it is not needed.
pub(crate) const OPTIONAL_OR: &str = "or";
pub(crate) const OPTIONAL_OR_VALUE: &str = "orValue";

/// The functions of the language's specification and of its extension libraries.
pub(crate) static STANDARD: LazyLock<Library> = LazyLock::new(|| {
    Library::of(&[
        SIZE,
        conversions::FUNCTIONS,
        strings::FUNCTIONS,
        strings::SEARCH,
        strings::PARTS,
        strings::REWRITE,
        format::FUNCTIONS,
        math::FUNCTIONS,
        math::BITS,
        math::EXTREMES,
        lists::FUNCTIONS,
        sets::FUNCTIONS,
        encoders::FUNCTIONS,
        optionals::FUNCTIONS,
        regexes::FUNCTIONS,
        time::FUNCTIONS,
        network::FUNCTIONS,
    ])
});

const SIZE: &[Function] = &[
    Function::global("size", &["string -> int", "bytes -> int", "list(A) -> int", "map(A, B) -> int"], size),
    Function::member("size", &["string -> int", "bytes -> int", "list(A) -> int", "map(A, B) -> int"], size),
];

fn size<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
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
