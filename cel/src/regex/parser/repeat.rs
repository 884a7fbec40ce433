//! Repetitions.

use super::Parser;
use crate::regex::{Error, ErrorKind};

/// The highest count, also of nested ones together.
const COUNT: u32 = 1000;

impl Parser<'_> {
    /// Reads `{min}`, `{min,}` or `{min,max}`; what is not written so is text.
    pub(super) fn counts(&mut self) -> Result<Option<(u32, Option<u32>)>, Error> {
        let start = self.at;
        let Some((min, max, length)) = written_counts(self.rest()) else { return Ok(None) };
        self.at += length;
        if min > COUNT || max.is_some_and(|max| max > COUNT || max < min) {
            return Err(self.error(start, ErrorKind::Count));
        }
        Ok(Some((min, max)))
    }

    pub(super) fn counted(&mut self, start: usize, min: u32, max: Option<u32>) -> Result<(), Error> {
        self.repeat(start, min, max, |inside| match max {
            // What is never there is not counted.
            Some(0) => 1,
            max => inside.saturating_mul(max.unwrap_or(min).max(1)),
        })
    }

    /// `*`, `+` or `?`, which are read.
    pub(super) fn repetition(&mut self, start: usize, min: u32, max: Option<u32>) -> Result<(), Error> {
        self.repeat(start, min, max, |inside| inside)
    }

    fn repeat(
        &mut self,
        start: usize,
        min: u32,
        max: Option<u32>,
        count: impl FnOnce(u32) -> u32,
    ) -> Result<(), Error> {
        let greedy = !self.eat("?") ^ self.flags.prefers_fewer;
        if self.repeated {
            return Err(self.error(start, ErrorKind::RepeatedRepetition));
        }
        let Some(piece) = self.innermost().take_last() else {
            return Err(self.error(start, ErrorKind::NothingToRepeat));
        };
        let count = count(piece.count());
        if count > COUNT {
            return Err(self.error(start, ErrorKind::Count));
        }
        let piece = piece.repeated(min, max, greedy, count)?;
        self.fits(piece.size())?;
        self.innermost().push(piece);
        Ok(())
    }
}

/// The counts, and how many bytes they are written with.
fn written_counts(text: &str) -> Option<(u32, Option<u32>, usize)> {
    let (min, rest) = number(text.strip_prefix('{')?)?;
    let (max, rest) = match rest.strip_prefix(',') {
        None => (Some(min), rest),
        Some(rest) if rest.starts_with('}') => (None, rest),
        Some(rest) => number(rest).map(|(max, rest)| (Some(max), rest))?,
    };
    let rest = rest.strip_prefix('}')?;
    Some((min, max, text.len() - rest.len()))
}

/// A number without a needless zero; one that is too large for its type is larger than any count.
fn number(text: &str) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(length);
    if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    Some((digits.parse().unwrap_or(u32::MAX), rest))
}
