//! Types of generated expressions.

use std::collections::BTreeMap;
use std::fmt;

/// A type by its name and parameters, as cel-go writes it. A name of one capital letter is a parameter of a form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) parameters: Vec<Kind>,
}

/// What the parameters of a form stand for.
pub(crate) type Assigned = BTreeMap<String, Kind>;

impl Kind {
    /// Reads `map(string, list(T))`.
    ///
    /// # Panics
    /// The text is no type.
    pub(crate) fn read(text: &str) -> Self {
        let text = text.trim();
        let Some((name, rest)) = text.split_once('(') else {
            return Self { name: text.to_owned(), parameters: Vec::new() };
        };
        let inside = rest.strip_suffix(')').unwrap_or_else(|| panic!("{text:?} has no end"));
        let parameters = split(inside).into_iter().map(Self::read).collect();
        Self { name: name.to_owned(), parameters }
    }

    pub(crate) fn is_parameter(&self) -> bool {
        self.name.len() == 1 && self.name.chars().all(|letter| letter.is_ascii_uppercase())
    }

    /// Whether this type of a form can be `wanted`; what its parameters then are is added to `assigned`.
    pub(crate) fn unify(&self, wanted: &Self, assigned: &mut Assigned) -> bool {
        if self.is_parameter() {
            return *assigned.entry(self.name.clone()).or_insert_with(|| wanted.clone()) == *wanted;
        }
        self.name == wanted.name
            && self.parameters.len() == wanted.parameters.len()
            && self.parameters.iter().zip(&wanted.parameters).all(|(one, two)| one.unify(two, assigned))
    }

    /// The type with every parameter put in; one that stands for nothing yet is asked of `choose`.
    pub(crate) fn put_in(&self, assigned: &mut Assigned, choose: &mut dyn FnMut(&str) -> Self) -> Self {
        if self.is_parameter() {
            return assigned.entry(self.name.clone()).or_insert_with(|| choose(&self.name)).clone();
        }
        let parameters = self.parameters.iter().map(|it| it.put_in(assigned, choose)).collect();
        Self { name: self.name.clone(), parameters }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (index, parameter) in self.parameters.iter().enumerate() {
            write!(f, "{}{parameter}", if index == 0 { "(" } else { ", " })?;
        }
        f.write_str(if self.parameters.is_empty() { "" } else { ")" })
    }
}

/// The parts between commas that are in no parentheses.
pub(crate) fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut begin) = (Vec::new(), 0usize, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}
