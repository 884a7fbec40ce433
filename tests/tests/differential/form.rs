//! Forms: how expressions are made of others.

use crate::differential::kind::{Kind, split};

/// A way to write an expression of a type.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) result: Kind,
    /// How tightly it binds: from 0 for `?:` to 7 for a call.
    pub(crate) precedence: u8,
    pub(crate) parts: Vec<Part>,
    /// How many names it binds.
    pub(crate) names: usize,
}

#[derive(Debug)]
pub(crate) enum Part {
    Text(String),
    /// The nth name that the form binds.
    Name(usize),
    Hole(Hole),
}

/// A place for an expression.
#[derive(Debug)]
pub(crate) struct Hole {
    pub(crate) kind: Kind,
    /// What binds less tightly than this is put in parentheses here.
    pub(crate) precedence: u8,
    /// The names that are bound in it, and their types.
    pub(crate) binds: Vec<(usize, Kind)>,
}

impl Form {
    /// Reads `«list(T)@7».all(#0, «bool|#0:T»)`: holes with a type, the precedence that needs no parentheses there,
    /// and the names that it sees.
    pub(crate) fn read(result: &str, precedence: u8, template: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('«') {
            read_text(before, &mut parts);
            let (hole, after) = after.split_once('»').unwrap_or_else(|| panic!("{template:?} has no end"));
            parts.push(Part::Hole(Hole::read(hole)));
            rest = after;
        }
        read_text(rest, &mut parts);
        let names =
            parts.iter().filter_map(|part| if let Part::Name(name) = part { Some(name + 1) } else { None });
        let names = names.max().unwrap_or(0);
        Self { result: Kind::read(result), precedence, parts, names }
    }

    pub(crate) fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| if let Part::Hole(hole) = part { Some(hole) } else { None })
    }

    /// What is written between the holes: `_+_` has ` + `.
    pub(crate) fn operator(&self) -> &str {
        let text =
            self.parts.iter().find_map(|part| if let Part::Text(text) = part { Some(text) } else { None });
        text.map_or("", |text| text.trim())
    }
}

fn read_text(text: &str, parts: &mut Vec<Part>) {
    for (index, piece) in text.split('#').enumerate() {
        let text = if index == 0 {
            piece
        } else {
            let (name, text) = piece.split_at(1);
            parts.push(Part::Name(name.parse().unwrap_or_else(|_| panic!("#{piece} is no name"))));
            text
        };
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
    }
}

impl Hole {
    fn read(text: &str) -> Self {
        let (of, binds) = text.split_once('|').unwrap_or((text, ""));
        let (kind, precedence) = of.split_once('@').unwrap_or((of, "0"));
        let bind = |text: &str| {
            let (name, kind) = text.trim().strip_prefix('#')?.split_once(':')?;
            Some((name.parse().ok()?, Kind::read(kind)))
        };
        let binds = if binds.is_empty() { Vec::new() } else { split(binds) };
        let binds =
            binds.iter().map(|text| bind(text).unwrap_or_else(|| panic!("{text:?} binds nothing"))).collect();
        Self { kind: Kind::read(kind), precedence: precedence.parse().unwrap_or(0), binds }
    }
}
