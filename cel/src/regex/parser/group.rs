//! Groups.

use super::piece::Piece;
use super::{Flags, Parsed, Parser};
use crate::regex::{Error, ErrorKind};

/// A group that is not closed.
pub(super) struct Group {
    /// Where it begins.
    start: usize,
    /// What holds again when it is closed.
    flags: Flags,
    /// The number of a group that captures.
    number: Option<usize>,
    alternatives: Vec<Piece>,
    sequence: Vec<Piece>,
}

impl Group {
    pub(super) const fn new(start: usize, flags: Flags, number: Option<usize>) -> Self {
        Self { start, flags, number, alternatives: Vec::new(), sequence: Vec::new() }
    }

    pub(super) fn push(&mut self, piece: Piece) {
        self.sequence.push(piece);
    }

    pub(super) fn push_letter(&mut self, letter: char) {
        if !self.sequence.last_mut().is_some_and(|last| last.add_letter(letter)) {
            self.push(Piece::letter(letter));
        }
    }

    /// What a repetition repeats.
    pub(super) fn take_last(&mut self) -> Option<Piece> {
        self.sequence.last_mut()?.take_last_letter().or_else(|| self.sequence.pop())
    }

    pub(super) fn end_alternative(&mut self) -> Result<(), Error> {
        let pieces = std::mem::take(&mut self.sequence);
        self.alternatives.push(Piece::sequence(pieces)?);
        Ok(())
    }

    fn closed(mut self) -> Result<Piece, Error> {
        self.end_alternative()?;
        let piece = Piece::alternatives(self.alternatives)?;
        match self.number {
            Some(number) => piece.captured(number),
            None => Ok(piece),
        }
    }
}

impl Parser<'_> {
    pub(super) fn innermost(&mut self) -> &mut Group {
        self.open.last_mut().unwrap_or(&mut self.whole)
    }

    pub(super) fn open_group(&mut self) -> Result<(), Error> {
        let start = self.at;
        if !self.eat("(?") {
            self.at += 1;
            self.capture(start);
            return Ok(());
        }
        let rest = self.rest();
        match rest.strip_prefix("P<").or_else(|| rest.strip_prefix('<')) {
            Some(name) if !name.is_empty() => self.named_group(start, name),
            _ => self.flags(start),
        }
    }

    fn capture(&mut self, start: usize) {
        self.groups += 1;
        self.open.push(Group::new(start, self.flags, Some(self.groups)));
    }

    /// A name, which nobody asks for, up to its `>`.
    fn named_group(&mut self, start: usize, text: &str) -> Result<(), Error> {
        let Some((name, rest)) = text.split_once('>') else {
            self.at = self.pattern.len();
            return Err(self.error(start, ErrorKind::Name));
        };
        self.at = self.pattern.len() - rest.len();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(self.error(start, ErrorKind::Name));
        }
        self.capture(start);
        Ok(())
    }

    /// Flags that hold to the end of the innermost group, `i)`, or in a group of their own, `i:`.
    fn flags(&mut self, start: usize) -> Result<(), Error> {
        let mut flags = self.flags;
        let mut value = true;
        let mut complete = true;
        while let Some(next) = self.bump() {
            match next {
                'i' => flags.ignores_case = value,
                'm' => flags.lines = value,
                's' => flags.dot_is_any = value,
                'U' => flags.prefers_fewer = value,
                '-' if value => {
                    value = false;
                    complete = false;
                    continue;
                }
                ':' | ')' if complete => {
                    if next == ':' {
                        self.open.push(Group::new(start, self.flags, None));
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            complete = true;
        }
        Err(self.error(start, ErrorKind::Group))
    }

    pub(super) fn close_group(&mut self) -> Result<(), Error> {
        let start = self.at;
        self.at += 1;
        let group = self.open.pop().ok_or_else(|| self.error(start, ErrorKind::UnexpectedParenthesis))?;
        self.flags = group.flags;
        let piece = group.closed()?;
        self.fits(piece.size())?;
        self.innermost().push(piece);
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Result<Parsed, Error> {
        if let Some(last) = self.open.last() {
            return Err(self.error(last.start, ErrorKind::Parenthesis));
        }
        let whole = std::mem::replace(&mut self.whole, Group::new(0, self.flags, None)).closed()?;
        let (size, height) = (whole.size(), whole.height());
        self.fits(size)?;
        Ok(Parsed { tree: whole.tree(), height, groups: self.groups, size, splits: self.splits })
    }
}
