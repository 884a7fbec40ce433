//! Regular expressions with RE2's syntax and meaning, as Go's package `regexp` has them.
//!
//! The parser is ours, since no other's syntax and meaning are the same: `\d`, `\w`, `\s` and `\b` know ASCII only,
//! names of classes are Go's, cases are Unicode's simple ones of Go's version, and counts end at 1000. Its tree is
//! one of the crate `regex-syntax`, of which `regex-automata` makes the machine. Both the parser and the machine are
//! linear in time, bounded in memory, and do not recurse deeper than the parser allows.

mod machine;
mod matches;
mod parser;
#[cfg(test)]
mod tests;
mod unicode;

use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::value::evidence;
use machine::Machine;
pub(crate) use matches::{Match, Matches};
use parser::{Parsed, Parser};
use std::fmt;

/// Bytes that the machine of a pattern may have, or those of all constant patterns of an expression together; what
/// needs more is refused.
pub(crate) const MACHINE_LIMIT: usize = 10 << 20;

/// A regular expression, ready to be searched for.
pub(crate) struct Regex {
    pattern: Box<str>,
    groups: usize,
    machine: Box<Machine>,
}

/// What is wrong with a pattern, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}{}", place(*offset, part))]
pub(crate) struct Error {
    /// Bytes of the pattern before the part.
    pub(crate) offset: usize,
    /// The part that is wrong; nothing, where the whole is.
    pub(crate) part: String,
    pub(crate) kind: ErrorKind,
}

/// What can be wrong with a pattern, mostly in Go's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ErrorKind {
    #[error("invalid character class range")]
    Range,
    #[error("invalid escape sequence")]
    Escape,
    #[error("invalid named capture")]
    Name,
    #[error("invalid or unsupported syntax of a group")]
    Group,
    #[error("invalid nested repetition operator")]
    RepeatedRepetition,
    #[error("invalid repeat count")]
    Count,
    #[error("missing closing ]")]
    Bracket,
    #[error("missing closing )")]
    Parenthesis,
    #[error("missing argument to repetition operator")]
    NothingToRepeat,
    #[error("trailing backslash at end of expression")]
    Backslash,
    #[error("unexpected )")]
    UnexpectedParenthesis,
    #[error("it is nested more than {0} deep")]
    TooDeep(usize),
    #[error("it needs more than {0} bytes")]
    TooLarge(usize),
}

fn place(offset: usize, part: &str) -> String {
    if part.is_empty() { String::new() } else { format!(": `{}` at byte {offset}", evidence(part)) }
}

impl Regex {
    /// The machine for a pattern, if it fits into so many bytes.
    pub(crate) fn new(pattern: &str, limit: usize) -> Result<Self, Error> {
        Self::built(pattern, &Parser::new(pattern, limit).parse()?, limit)
    }

    /// The same, where the pattern is known only to an evaluation, which pays for it.
    pub(crate) fn charged(pattern: &str, budget: &mut Budget) -> Result<Self, EvaluationErrorKind> {
        // A machine and the memory of its first search are made even for the smallest pattern.
        const STEPS: u64 = 500;
        budget.charge(STEPS)?;
        budget.charge_bytes(pattern.len())?;
        let refused = |error: Error| EvaluationErrorKind::Regex(error.to_string());
        let mut parser = Parser::new(pattern, MACHINE_LIMIT);
        let parsed = parser.parse();
        budget.charge(parser.size())?;
        let parsed = parsed.map_err(refused)?;
        budget.charge(parsed.size)?;
        Self::built(pattern, &parsed, MACHINE_LIMIT).map_err(refused)
    }

    fn built(pattern: &str, parsed: &Parsed, limit: usize) -> Result<Self, Error> {
        let groups = parsed.groups;
        let too_large = || Error { offset: 0, part: String::new(), kind: ErrorKind::TooLarge(limit) };
        let machine = Box::new(Machine::new(parsed, limit).ok_or_else(too_large)?);
        Ok(Self { pattern: pattern.into(), groups, machine })
    }

    pub(crate) fn pattern(&self) -> &str {
        &self.pattern
    }

    /// How many capturing groups there are.
    pub(crate) const fn groups(&self) -> usize {
        self.groups
    }

    /// Bytes that the machine has.
    pub(crate) fn size(&self) -> usize {
        self.machine.size()
    }

    /// Whether the text has a match.
    pub(crate) fn is_match(&self, text: &str, budget: &mut Budget) -> Result<bool, EvaluationErrorKind> {
        self.machine.is_match(text, budget)
    }

    /// The matches in the text that do not overlap, from left to right.
    pub(crate) fn matches<'t>(&'t self, text: &'t str) -> Matches<'t> {
        Matches::new(&self.machine, text)
    }
}

impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Regex").field(&self.pattern).finish()
    }
}
