//! Classes of characters.

use super::Parser;
use crate::regex::unicode::{self, class_of, folded, negated};
use crate::regex::{Error, ErrorKind};
use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// The classes that `[:name:]` and `\d`, `\s` and `\w` stand for.
const NAMED: &[(&str, &[(char, char)])] = &[
    ("alnum", &[('0', '9'), ('A', 'Z'), ('a', 'z')]),
    ("alpha", &[('A', 'Z'), ('a', 'z')]),
    ("ascii", &[('\0', '\x7f')]),
    ("blank", &[('\t', '\t'), (' ', ' ')]),
    ("cntrl", &[('\0', '\x1f'), ('\x7f', '\x7f')]),
    ("digit", DIGIT),
    ("graph", &[('!', '~')]),
    ("lower", &[('a', 'z')]),
    ("print", &[(' ', '~')]),
    ("punct", &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
    ("space", &[('\t', '\r'), (' ', ' ')]),
    ("upper", &[('A', 'Z')]),
    ("word", WORD),
    ("xdigit", &[('0', '9'), ('A', 'F'), ('a', 'f')]),
];
const DIGIT: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
/// Without the vertical tab, which `[:space:]` has.
const SPACE: &[(char, char)] = &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')];

impl Parser<'_> {
    /// `[...]`
    pub(super) fn bracket(&mut self) -> Result<(), Error> {
        let start = self.at;
        self.at += 1;
        let negative = self.eat("^");
        let mut ranges = Vec::new();
        let mut first = true;
        while first || !self.eat("]") {
            first = false;
            let class = match self.named_class()? {
                None => self.escaped_class()?,
                named => named,
            };
            let Some(class) = class.map_or_else(|| self.range(start), |class| Ok(Some(class)))? else {
                continue;
            };
            self.grow(class.ranges().len() as u64)?;
            ranges.extend_from_slice(class.ranges());
        }
        let class = ClassUnicode::new(ranges);
        self.push_class(if negative { negated(&class) } else { class })
    }

    /// One character or a range of them; none, where they are surrogates.
    fn range(&mut self, bracket: usize) -> Result<Option<ClassUnicode>, Error> {
        let start = self.at;
        let from = self.class_code(bracket)?;
        let mut to = from;
        // A last `-` is no range's.
        if self.rest().starts_with('-') && self.rest().len() > 1 && !self.rest().starts_with("-]") {
            self.at += 1;
            to = self.class_code(bracket)?;
        }
        if to < from {
            return Err(self.error(start, ErrorKind::Range));
        }
        // Surrogates are no characters.
        let from = char::from_u32(from).unwrap_or('\u{e000}');
        let to = char::from_u32(to).unwrap_or('\u{d7ff}');
        Ok((from <= to).then(|| self.cased(ClassUnicode::new([ClassUnicodeRange::new(from, to)]))))
    }

    fn class_code(&mut self, bracket: usize) -> Result<u32, Error> {
        if self.peek() == Some('\\') {
            return self.escaped_code();
        }
        self.bump().map(u32::from).ok_or_else(|| self.error(bracket, ErrorKind::Bracket))
    }

    /// `[:name:]` or `[:^name:]`, inside brackets.
    fn named_class(&mut self) -> Result<Option<ClassUnicode>, Error> {
        let start = self.at;
        let Some(rest) = self.rest().strip_prefix("[:") else { return Ok(None) };
        let Some((name, rest)) = rest.split_once(":]") else { return Ok(None) };
        self.at = self.pattern.len() - rest.len();
        let (negative, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
        let found = NAMED.iter().find(|(of, _)| *of == name);
        let (_, ranges) = found.ok_or_else(|| self.error(start, ErrorKind::Range))?;
        Ok(Some(self.class(ranges, negative)))
    }

    /// `\d` and the like, or `\p{name}`; none, where it is another escape or none.
    pub(super) fn escaped_class(&mut self) -> Result<Option<ClassUnicode>, Error> {
        let mut characters = self.rest().chars();
        if characters.next() != Some('\\') {
            return Ok(None);
        }
        let Some(letter) = characters.next() else { return Ok(None) };
        let ranges = match letter.to_ascii_lowercase() {
            'p' => return self.unicode_class(letter == 'P').map(Some),
            'd' => DIGIT,
            's' => SPACE,
            'w' => WORD,
            _ => return Ok(None),
        };
        self.at += 2;
        Ok(Some(self.class(ranges, letter.is_ascii_uppercase())))
    }

    /// `\pN`, `\p{Name}` or `\p{^Name}`
    fn unicode_class(&mut self, negative: bool) -> Result<ClassUnicode, Error> {
        let start = self.at;
        self.at += 2;
        let braced = self.rest().starts_with('{');
        let rest = self.rest();
        let length = if braced { rest.find('}').map(|end| end + 1) } else { self.peek().map(char::len_utf8) };
        let length = length.unwrap_or(rest.len());
        self.at += length;
        let name = &rest[..length];
        let name = name.strip_prefix('{').map_or(name, |name| name.strip_suffix('}').unwrap_or_default());
        let (negative, name) = name.strip_prefix('^').map_or((negative, name), |name| (!negative, name));
        let class = unicode::class(name, self.flags.ignores_case);
        let class = class.ok_or_else(|| self.error(start, ErrorKind::Range))?;
        Ok(if negative { negated(&class) } else { class })
    }

    fn class(&self, ranges: &[(char, char)], negative: bool) -> ClassUnicode {
        let class = self.cased(class_of(ranges.iter().copied()));
        if negative { negated(&class) } else { class }
    }

    /// The class without regard to cases, where they are ignored.
    fn cased(&self, class: ClassUnicode) -> ClassUnicode {
        if self.flags.ignores_case { folded(&class) } else { class }
    }
}
