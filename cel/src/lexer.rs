//! From source text to tokens.

mod literal;
#[cfg(test)]
mod tests;

use crate::error::CompileErrorKind;
use std::fmt;

/// A token and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Token<'s> {
    pub(crate) offset: usize,
    pub(crate) kind: TokenKind<'s>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind<'s> {
    /// A name, or one of the words `true`, `false`, `null` and `in`.
    Word(&'s str),
    /// A field's name between backticks.
    Quoted(&'s str),
    /// Digits, or hexadecimal ones behind `0x`.
    Int(&'s str),
    /// The same, without the `u` behind them.
    Uint(&'s str),
    Double(&'s str),
    String(String),
    Bytes(Vec<u8>),
    Symbol(&'static str),
    End,
}

/// What is wrong, and where.
pub(crate) type LexError = (usize, CompileErrorKind);

/// A longer symbol stands before the ones that begin it.
const SYMBOLS: [&str; 24] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ",", ".", "(", ")",
    "[", "]", "{", "}",
];

#[derive(Clone, Debug)]
pub(crate) struct Lexer<'s> {
    source: &'s str,
    offset: usize,
}

impl<'s> Lexer<'s> {
    pub(crate) const fn new(source: &'s str) -> Self {
        Self { source, offset: 0 }
    }

    pub(crate) fn next_token(&mut self) -> Result<Token<'s>, Box<LexError>> {
        self.skip_space();
        let offset = self.offset;
        Ok(Token { offset, kind: self.token().map_err(Box::new)? })
    }

    fn rest(&self) -> &'s str {
        &self.source[self.offset..]
    }

    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
            self.offset += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.offset += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn token(&mut self) -> Result<TokenKind<'s>, LexError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(TokenKind::End) };
        if let Some(literal) = self.text()? {
            return Ok(literal);
        }
        match first {
            'a'..='z' | 'A'..='Z' | '_' => Ok(TokenKind::Word(self.take_while(is_word))),
            '0'..='9' => Ok(self.number()),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => Ok(self.number()),
            '`' => self.quoted(),
            _ => self.symbol(first),
        }
    }

    fn symbol(&mut self, first: char) -> Result<TokenKind<'s>, LexError> {
        let found = SYMBOLS.into_iter().find(|symbol| self.rest().starts_with(symbol));
        let symbol = found.ok_or((self.offset, CompileErrorKind::Character(first)))?;
        self.offset += symbol.len();
        Ok(TokenKind::Symbol(symbol))
    }

    fn take(&mut self, size: usize) -> &'s str {
        let taken = &self.rest()[..size];
        self.offset += size;
        taken
    }

    fn take_while(&mut self, of: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        self.take(rest.find(|c| !of(c)).unwrap_or(rest.len()))
    }

    /// A number, as far as it is one: `1.x` is an int, then a dot.
    fn number(&mut self) -> TokenKind<'s> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        if bytes.starts_with(b"0x") && bytes.get(2).is_some_and(u8::is_ascii_hexdigit) {
            let end = 2 + count(&bytes[2..], u8::is_ascii_hexdigit);
            return self.integer(end);
        }
        let whole = count(bytes, u8::is_ascii_digit);
        let fraction = match bytes.get(whole..) {
            Some([b'.', digits @ ..]) => count(digits, u8::is_ascii_digit),
            _ => 0,
        };
        let mantissa = if fraction > 0 { whole + 1 + fraction } else { whole };
        let size = mantissa + exponent(&bytes[mantissa..]);
        if size == whole { self.integer(whole) } else { TokenKind::Double(self.take(size)) }
    }

    fn integer(&mut self, size: usize) -> TokenKind<'s> {
        let digits = self.take(size);
        if self.rest().starts_with(['u', 'U']) {
            self.offset += 1;
            return TokenKind::Uint(digits);
        }
        TokenKind::Int(digits)
    }

    fn quoted(&mut self) -> Result<TokenKind<'s>, LexError> {
        let begin = self.offset;
        self.offset += 1;
        let name = self.take_while(|c| is_word(c) || matches!(c, '.' | '-' | '/' | ' '));
        if name.is_empty() || !self.rest().starts_with('`') {
            return Err((begin, CompileErrorKind::Unterminated("quoted name")));
        }
        self.offset += 1;
        Ok(TokenKind::Quoted(name))
    }
}

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn count(bytes: &[u8], of: impl Fn(&u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| of(byte)).count()
}

/// How many of the bytes are an exponent: 0 where there are no digits behind the `e`.
fn exponent(bytes: &[u8]) -> usize {
    let [b'e' | b'E', rest @ ..] = bytes else { return 0 };
    let sign = usize::from(matches!(rest.first(), Some(b'+' | b'-')));
    match count(&rest[sign..], u8::is_ascii_digit) {
        0 => 0,
        digits => 1 + sign + digits,
    }
}

impl fmt::Display for TokenKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(f, "{word:?}"),
            Self::Quoted(name) => write!(f, "`{name}`"),
            Self::Int(number) | Self::Uint(number) | Self::Double(number) => write!(f, "the number {number}"),
            Self::String(_) => f.write_str("a string"),
            Self::Bytes(_) => f.write_str("bytes"),
            Self::Symbol(symbol) => write!(f, "{symbol:?}"),
            Self::End => f.write_str("the end"),
        }
    }
}
