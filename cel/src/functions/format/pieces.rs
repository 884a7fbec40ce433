//! The parts of a text with clauses.

use crate::error::EvaluationErrorKind;
use crate::value::evidence;

pub(super) enum Piece<'t> {
    Text(&'t str),
    Clause(Clause),
}

/// What a `%` begins.
pub(super) struct Clause {
    pub(super) verb: char,
    /// Digits behind the point.
    pub(super) precision: usize,
}

pub(super) struct Pieces<'t> {
    rest: &'t str,
}

impl<'t> Pieces<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self { rest: text }
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Result<Piece<'t>, EvaluationErrorKind>;

    fn next(&mut self) -> Option<Self::Item> {
        let (piece, rest) = match self.rest.strip_prefix('%') {
            _ if self.rest.is_empty() => return None,
            None => {
                let (text, rest) = self.rest.split_at(self.rest.find('%').unwrap_or(self.rest.len()));
                (Piece::Text(text), rest)
            }
            Some(behind) if behind.starts_with('%') => {
                let (text, rest) = behind.split_at(1);
                (Piece::Text(text), rest)
            }
            Some(behind) => match Clause::parse(behind) {
                Ok((clause, rest)) => (Piece::Clause(clause), rest),
                Err(error) => {
                    self.rest = "";
                    return Some(Err(error));
                }
            },
        };
        self.rest = rest;
        Some(Ok(piece))
    }
}

impl Clause {
    /// The clause at the beginning of the text, and what is behind it.
    fn parse(text: &str) -> Result<(Self, &str), EvaluationErrorKind> {
        const DEFAULT: usize = 6;
        let (precision, behind) = match text.strip_prefix('.') {
            Some(digits) => precision(digits)?,
            None => (DEFAULT, text),
        };
        let mut symbols = behind.chars();
        match symbols.next() {
            Some(verb @ ('s' | 'd' | 'f' | 'e' | 'b' | 'o' | 'x' | 'X')) => {
                Ok((Self { verb, precision }, symbols.as_str()))
            }
            Some(other) => Err(EvaluationErrorKind::FormatVerb(other)),
            None => Err(EvaluationErrorKind::FormatEnd),
        }
    }
}

/// The number at the beginning of the text, and what is behind it.
fn precision(text: &str) -> Result<(usize, &str), EvaluationErrorKind> {
    /// As in cel-go.
    const LIMIT: usize = 100;
    let end = text.find(|symbol: char| !symbol.is_ascii_digit()).unwrap_or(text.len());
    let (digits, behind) = text.split_at(end);
    match digits.parse() {
        Ok(precision) if precision <= LIMIT => Ok((precision, behind)),
        _ => Err(EvaluationErrorKind::FormatPrecision(evidence(digits))),
    }
}
