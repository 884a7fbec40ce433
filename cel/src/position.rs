//! Places in an expression's source.

use std::fmt;

/// A place in the source of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Bytes before it.
    pub offset: usize,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Position {
    const START: Self = Self { offset: 0, line: 1, column: 1 };

    /// The position of a byte of `source`; inside a character it is that character's.
    pub(crate) fn in_source(source: &str, offset: usize) -> Self {
        Self::START.to(source, offset)
    }

    /// The same, for a byte that is not before this position.
    pub(crate) fn to(self, source: &str, offset: usize) -> Self {
        let offset = source.floor_char_boundary(offset);
        let between = source.get(self.offset..offset).unwrap_or_default();
        let (column, last_line) = match between.rfind('\n') {
            Some(newline) => (1, &between[newline + 1..]),
            None => (self.column, between),
        };
        Self {
            offset,
            line: self.line + between.bytes().filter(|byte| *byte == b'\n').count(),
            column: column + last_line.chars().count(),
        }
    }

    /// The line of `source` that the position is in, and below it a caret under the position.
    #[must_use]
    pub fn caret(&self, source: &str) -> String {
        let line = source.split('\n').nth(self.line - 1).unwrap_or_default().trim_end_matches('\r');
        // A tab stays one, so that the caret stands under its character however wide tabs are shown.
        let indent: String =
            line.chars().take(self.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        format!("{line}\n{indent}^")
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn a_position_counts_lines_and_characters_from_one() {
        let source = "a &&\n\té.b";
        let position = Position::in_source(source, 8);
        assert_eq!(position, Position { offset: 8, line: 2, column: 3 });
        assert_eq!(position.caret(source), "\té.b\n\t ^");
    }

    #[test]
    fn a_position_is_the_same_from_wherever_it_is_counted() {
        let source = "a\n\u{e9}b\n\nc";
        for from in 0..=source.len() {
            for to in from..=source.len() + 1 {
                let counted = Position::in_source(source, from).to(source, to);
                assert_eq!(counted, Position::in_source(source, to), "{from} {to}");
            }
        }
    }

    #[test]
    fn a_position_inside_a_character_or_past_the_end_is_moved_into_the_source() {
        assert_eq!(Position::in_source("é", 1).offset, 0);
        assert_eq!(Position::in_source("é", 9), Position { offset: 2, line: 1, column: 2 });
    }
}
