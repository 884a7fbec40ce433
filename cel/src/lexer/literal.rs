//! Literals of strings and bytes.

use super::{LexError, Lexer, TokenKind};
use crate::error::CompileErrorKind;

/// How a literal is written: its prefix and its quotes.
#[derive(Clone, Copy)]
struct Form {
    bytes: bool,
    raw: bool,
    quotes: &'static str,
    prefix: usize,
}

impl Form {
    /// The form that the text begins with, if it begins with a literal.
    fn of(text: &str) -> Option<Self> {
        let bytes = text.starts_with(['b', 'B']);
        let raw = text[usize::from(bytes)..].starts_with(['r', 'R']);
        let prefix = usize::from(bytes) + usize::from(raw);
        let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|q| text[prefix..].starts_with(q))?;
        Some(Self { bytes, raw, quotes, prefix })
    }

    const fn name(self) -> &'static str {
        if self.bytes { "bytes" } else { "string" }
    }

    /// The size of the literal's body, where `text` begins behind the opening quotes.
    fn body(self, text: &str) -> Option<usize> {
        let mut escaped = false;
        for (offset, c) in text.char_indices() {
            if !escaped && text[offset..].starts_with(self.quotes) {
                return Some(offset);
            }
            if self.quotes.len() == 1 && matches!(c, '\n' | '\r') {
                return None;
            }
            escaped = !self.raw && !escaped && c == '\\';
        }
        None
    }
}

impl Lexer<'_> {
    /// A literal of a string or bytes, if one begins here.
    pub(super) fn text<'t>(&mut self) -> Result<Option<TokenKind<'t>>, LexError> {
        let Some(form) = Form::of(self.rest()) else { return Ok(None) };
        let begin = self.offset + form.prefix + form.quotes.len();
        let unterminated = (self.offset, CompileErrorKind::Unterminated(form.name()));
        let size = form.body(&self.source[begin..]).ok_or(unterminated)?;
        let body = &self.source[begin..begin + size];
        self.offset = begin + size + form.quotes.len();
        let content = Unescape { form, body, offset: 0, content: Vec::with_capacity(size) }
            .run()
            .map_err(|(at, reason)| (begin + at, CompileErrorKind::Escape { of: form.name(), reason }))?;
        if form.bytes {
            return Ok(Some(TokenKind::Bytes(content)));
        }
        // Only characters are written to a string, so that none of it is replaced here.
        Ok(Some(TokenKind::String(String::from_utf8_lossy(&content).into_owned())))
    }
}

struct Unescape<'s> {
    form: Form,
    body: &'s str,
    offset: usize,
    content: Vec<u8>,
}

type EscapeError = (usize, &'static str);

impl Unescape<'_> {
    fn run(mut self) -> Result<Vec<u8>, EscapeError> {
        while let Some(c) = self.next() {
            match c {
                '\\' if !self.form.raw => self.escape()?,
                // A line ends the same way on every system.
                '\r' => {
                    if self.body[self.offset..].starts_with('\n') {
                        self.offset += 1;
                    }
                    self.push('\n');
                }
                _ => self.push(c),
            }
        }
        Ok(self.content)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.body[self.offset..].chars().next()?;
        self.offset += c.len_utf8();
        Some(c)
    }

    fn push(&mut self, c: char) {
        self.content.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn escape(&mut self) -> Result<(), EscapeError> {
        let begin = self.offset - 1;
        let c = self.next().unwrap_or_default();
        let plain = match c {
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            '\\' | '\'' | '"' | '`' | '?' => c,
            'x' | 'X' => return self.number(begin, 2, 16),
            'u' | 'U' if self.form.bytes => return Err((begin, "bytes have no \\u and \\U")),
            'u' => return self.number(begin, 4, 16),
            'U' => return self.number(begin, 8, 16),
            '0'..='3' => {
                self.offset -= 1;
                return self.number(begin, 3, 8);
            }
            _ => return Err((begin, "no such escape")),
        };
        self.push(plain);
        Ok(())
    }

    /// A byte or a code point in so many digits.
    fn number(&mut self, begin: usize, digits: usize, radix: u32) -> Result<(), EscapeError> {
        let text = self.body.get(self.offset..self.offset + digits);
        let text = text.filter(|text| text.chars().all(|c| c.is_digit(radix)));
        let text = text.ok_or((
            begin,
            if radix == 8 { "three octal digits expected" } else { "hexadecimal digits expected" },
        ))?;
        self.offset += digits;
        let number = u32::from_str_radix(text, radix).map_err(|_| (begin, "no such code point"))?;
        if self.form.bytes {
            // Two hexadecimal digits, or three octal ones up to 377: always a byte.
            self.content.push(u8::try_from(number).map_err(|_| (begin, "not a byte"))?);
        } else {
            self.push(char::from_u32(number).ok_or((begin, "no such code point"))?);
        }
        Ok(())
    }
}
