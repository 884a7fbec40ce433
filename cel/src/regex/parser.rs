//! From a pattern to a tree, by the rules of Go's `regexp/syntax`.

mod class;
mod escape;
mod group;
mod piece;
mod repeat;

use super::unicode::{class_of, folded};
use super::{Error, ErrorKind};
use group::Group;
use piece::Piece;
use regex_syntax::hir::{ClassUnicode, Hir, Look};

/// What a pattern says.
pub(super) struct Parsed {
    pub(super) tree: Hir,
    /// How deep the tree is.
    pub(super) height: usize,
    /// How many capturing groups there are.
    pub(super) groups: usize,
    /// States that a machine for it will have, about.
    pub(super) size: u64,
    /// Whether `\B` occurs.
    pub(super) splits: bool,
}

/// What `(?ims)` and `(?U)` set, and their opposites clear.
#[derive(Clone, Copy, Default)]
struct Flags {
    ignores_case: bool,
    lines: bool,
    dot_is_any: bool,
    prefers_fewer: bool,
}

/// Reads a pattern.
pub(super) struct Parser<'p> {
    pattern: &'p str,
    at: usize,
    flags: Flags,
    whole: Group,
    /// The groups that are open, from the outside to the inside.
    open: Vec<Group>,
    groups: usize,
    /// Whether what was read last is a repetition, which cannot be repeated.
    repeated: bool,
    splits: bool,
    size: u64,
    limit: usize,
}

impl<'p> Parser<'p> {
    /// For a machine of so many bytes.
    pub(super) fn new(pattern: &'p str, limit: usize) -> Self {
        Self {
            pattern,
            at: 0,
            flags: Flags::default(),
            whole: Group::new(0, Flags::default(), None),
            open: Vec::new(),
            groups: 0,
            repeated: false,
            splits: false,
            size: 0,
            limit,
        }
    }

    pub(super) fn parse(&mut self) -> Result<Parsed, Error> {
        while let Some(next) = self.peek() {
            self.repeated = self.item(next)?;
        }
        self.finish()
    }

    /// States of all parts that were read, each counted once.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    fn rest(&self) -> &'p str {
        &self.pattern[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// An error about what was read since `offset`.
    fn error(&self, offset: usize, kind: ErrorKind) -> Error {
        Error { offset, part: self.pattern[offset..self.at].to_owned(), kind }
    }

    fn error_of_all(kind: ErrorKind) -> Error {
        Error { offset: 0, part: String::new(), kind }
    }

    /// Reads one item, and says whether it is a repetition.
    fn item(&mut self, next: char) -> Result<bool, Error> {
        let start = self.at;
        match next {
            '\\' => self.escape()?,
            '[' => self.bracket()?,
            '(' => self.open_group()?,
            ')' => self.close_group()?,
            '*' | '+' | '?' => {
                self.at += 1;
                self.repetition(start, u32::from(next == '+'), (next == '?').then_some(1))?;
                return Ok(true);
            }
            '{' => match self.counts()? {
                Some((min, max)) => {
                    self.counted(start, min, max)?;
                    return Ok(true);
                }
                None => self.read(Self::literal)?,
            },
            '|' => {
                self.at += 1;
                self.innermost().end_alternative()?;
            }
            '^' => self.read_look(if self.flags.lines { Look::StartLF } else { Look::Start })?,
            '$' => self.read_look(if self.flags.lines { Look::EndLF } else { Look::End })?,
            '.' => self.read(|parser, _| parser.dot())?,
            _ => self.read(Self::literal)?,
        }
        Ok(false)
    }

    fn read(&mut self, add: impl FnOnce(&mut Self, char) -> Result<(), Error>) -> Result<(), Error> {
        self.bump().map_or(Ok(()), |next| add(self, next))
    }

    fn read_look(&mut self, look: Look) -> Result<(), Error> {
        self.read(|parser, _| parser.push(Piece::new(Hir::look(look), 1)))
    }

    fn dot(&mut self) -> Result<(), Error> {
        let all = [('\0', '\x09'), ('\x0b', char::MAX)];
        let class = if self.flags.dot_is_any { class_of([('\0', char::MAX)]) } else { class_of(all) };
        self.push(Piece::class(class))
    }

    fn literal(&mut self, letter: char) -> Result<(), Error> {
        if self.flags.ignores_case {
            return self.push(Piece::class(folded(&class_of([(letter, letter)]))));
        }
        self.grow(letter.len_utf8() as u64)?;
        self.innermost().push_letter(letter);
        Ok(())
    }

    /// A class as it is read outside brackets.
    fn push_class(&mut self, class: ClassUnicode) -> Result<(), Error> {
        self.push(Piece::class(class))
    }

    fn push(&mut self, piece: Piece) -> Result<(), Error> {
        self.grow(piece.size())?;
        self.innermost().push(piece);
        Ok(())
    }

    /// Refuses what is sure not to fit, before work is spent on it.
    fn grow(&mut self, size: u64) -> Result<(), Error> {
        self.size = self.size.saturating_add(size);
        self.fits(self.size)
    }

    fn fits(&self, size: u64) -> Result<(), Error> {
        // A state has more bytes than this.
        const BYTES: u64 = 4;
        if size.saturating_mul(BYTES) > self.limit as u64 {
            return Err(Self::error_of_all(ErrorKind::TooLarge(self.limit)));
        }
        Ok(())
    }
}
