//! What begins with a backslash.

use super::Parser;
use super::piece::Piece;
use crate::regex::{Error, ErrorKind};
use regex_syntax::hir::{Hir, Look};

impl Parser<'_> {
    /// Outside brackets.
    pub(super) fn escape(&mut self) -> Result<(), Error> {
        let start = self.at;
        let look = match self.rest().chars().nth(1) {
            Some('A') => Look::Start,
            Some('z') => Look::End,
            Some('b') => Look::WordAscii,
            Some('B') => {
                self.splits = true;
                Look::WordAsciiNegate
            }
            Some('Q') => return self.quoted(),
            _ => {
                if let Some(class) = self.escaped_class()? {
                    return self.push_class(class);
                }
                let letter = self.escaped_character()?;
                return match letter {
                    Some(letter) => self.literal(letter),
                    // No text has a surrogate.
                    None => self.push(Piece::new(Hir::fail(), 1)),
                };
            }
        };
        self.at = start + 2;
        self.push(Piece::new(Hir::look(look), 1))
    }

    /// `\Q...\E`
    fn quoted(&mut self) -> Result<(), Error> {
        self.at += 2;
        let rest = self.rest();
        let (text, length) = rest.find(r"\E").map_or((rest, rest.len()), |end| (&rest[..end], end + 2));
        for letter in text.chars() {
            self.literal(letter)?;
        }
        self.at += length;
        Ok(())
    }

    /// An escape that stands for one character, or none, where it is a surrogate.
    pub(super) fn escaped_character(&mut self) -> Result<Option<char>, Error> {
        self.escaped_code().map(char::from_u32)
    }

    /// An escape that stands for one code point.
    pub(super) fn escaped_code(&mut self) -> Result<u32, Error> {
        let start = self.at;
        self.at += 1;
        let Some(next) = self.bump() else { return Err(self.error(start, ErrorKind::Backslash)) };
        let code = match next {
            '0' => Some(self.octal(0)),
            // A digit alone would be a reference to a group.
            '1'..='7' if self.peek().is_some_and(|next| next.is_digit(8)) => {
                next.to_digit(8).map(|digit| self.octal(digit))
            }
            'x' => self.hexadecimal(),
            'a' => Some(0x07),
            'f' => Some(0x0c),
            'n' => Some(0x0a),
            'r' => Some(0x0d),
            't' => Some(0x09),
            'v' => Some(0x0b),
            next => (next.is_ascii() && !next.is_ascii_alphanumeric()).then_some(u32::from(next)),
        };
        code.ok_or_else(|| self.error(start, ErrorKind::Escape))
    }

    /// At most two more octal digits.
    fn octal(&mut self, first: u32) -> u32 {
        let mut code = first;
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|next| next.to_digit(8)) else { break };
            code = code * 8 + digit;
            self.at += 1;
        }
        code
    }

    /// Two digits, or any number of them in braces.
    fn hexadecimal(&mut self) -> Option<u32> {
        if !self.eat("{") {
            let mut digit = || self.bump()?.to_digit(16);
            return Some(digit()? * 16 + digit()?);
        }
        let mut code = self.bump()?.to_digit(16)?;
        loop {
            match self.bump()? {
                '}' => return Some(code),
                next => code = code * 16 + next.to_digit(16)?,
            }
            if code > u32::from(char::MAX) {
                return None;
            }
        }
    }
}
