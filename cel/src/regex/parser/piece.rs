//! A part of a pattern that is read.

use crate::regex::matches::GROUPS;
use crate::regex::{Error, ErrorKind};
use regex_syntax::hir::{Capture, Class, ClassUnicode, Hir, Repetition};

/// How high a tree may be, as in Go.
pub(super) const HEIGHT: usize = 1000;

/// A tree, and what limits are about.
pub(super) struct Piece {
    kind: Kind,
    /// States that its machine will have, about.
    size: u64,
    height: usize,
    /// The product of the counts that are nested in it.
    count: u32,
}

enum Kind {
    /// Letters that nothing but the last one's repetition can part.
    Text(String),
    Tree(Hir),
}

impl Piece {
    pub(super) fn new(tree: Hir, size: u64) -> Self {
        Self { kind: Kind::Tree(tree), size, height: 1, count: 1 }
    }

    pub(super) fn letter(letter: char) -> Self {
        Self { kind: Kind::Text(letter.into()), size: letter.len_utf8() as u64, height: 1, count: 1 }
    }

    pub(super) fn class(class: ClassUnicode) -> Self {
        const STATES_BEYOND_ASCII: u64 = 4;
        let beyond = class.ranges().iter().filter(|range| !range.end().is_ascii()).count() as u64;
        let size = 1 + class.ranges().len() as u64 + beyond * STATES_BEYOND_ASCII;
        Self::new(Hir::class(Class::Unicode(class)), size)
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    pub(super) const fn height(&self) -> usize {
        self.height
    }

    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// Adds the letter to a text; false, if this is none.
    pub(super) fn add_letter(&mut self, letter: char) -> bool {
        let Kind::Text(text) = &mut self.kind else { return false };
        text.push(letter);
        self.size += letter.len_utf8() as u64;
        true
    }

    /// Takes the last letter from a text that has others.
    pub(super) fn take_last_letter(&mut self) -> Option<Self> {
        let Kind::Text(text) = &mut self.kind else { return None };
        let (index, last) = text.char_indices().next_back().filter(|(index, _)| *index > 0)?;
        text.truncate(index);
        self.size -= last.len_utf8() as u64;
        Some(Self::letter(last))
    }

    pub(super) fn tree(self) -> Hir {
        match self.kind {
            Kind::Text(text) => Hir::literal(text.into_bytes()),
            Kind::Tree(tree) => tree,
        }
    }

    /// The same, not to be parted by a repetition.
    pub(super) fn grouped(self) -> Self {
        let Self { size, height, count, .. } = self;
        Self { kind: Kind::Tree(self.tree()), size, height, count }
    }

    pub(super) fn repeated(
        self,
        min: u32,
        max: Option<u32>,
        greedy: bool,
        count: u32,
    ) -> Result<Self, Error> {
        let times = u64::from(max.unwrap_or(min).max(1));
        let size = (self.size + 1).saturating_mul(times);
        let height = self.height + 1;
        let sub = Box::new(self.tree());
        Self { kind: Kind::Tree(Hir::repetition(Repetition { min, max, greedy, sub })), size, height, count }
            .checked()
    }

    /// As the group of that number.
    pub(super) fn captured(self, number: usize) -> Result<Self, Error> {
        let Self { size, height, count, .. } = self;
        let sub = self.tree();
        let tree = match u32::try_from(number) {
            Ok(index) if number <= GROUPS => Hir::capture(Capture { index, name: None, sub: Box::new(sub) }),
            // Nobody asks for the places of the others, each of which would cost memory in every state.
            _ => sub,
        };
        Self { kind: Kind::Tree(tree), size: size + 2, height: height + 1, count }.checked()
    }

    pub(super) fn sequence(pieces: Vec<Self>) -> Result<Self, Error> {
        Self::joined(pieces, Hir::concat)
    }

    pub(super) fn alternatives(pieces: Vec<Self>) -> Result<Self, Error> {
        Self::joined(pieces, Hir::alternation)
    }

    fn joined(mut pieces: Vec<Self>, join: impl FnOnce(Vec<Hir>) -> Hir) -> Result<Self, Error> {
        if pieces.len() == 1
            && let Some(only) = pieces.pop()
        {
            return Ok(only.grouped());
        }
        let size = 1 + pieces.iter().fold(0_u64, |size, piece| size.saturating_add(piece.size));
        let height = 1 + pieces.iter().map(|piece| piece.height).max().unwrap_or(0);
        let count = pieces.iter().map(|piece| piece.count).max().unwrap_or(1);
        let tree = join(pieces.into_iter().map(Self::tree).collect());
        Self { kind: Kind::Tree(tree), size, height, count }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        if self.height > HEIGHT {
            return Err(Error { offset: 0, part: String::new(), kind: ErrorKind::TooDeep(HEIGHT) });
        }
        Ok(self)
    }
}
