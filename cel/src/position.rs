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

/// What is shown of a long line.
const MAX_COLUMNS: usize = 120;

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

    /// The line of `source` that the position is in, and below it a caret under the position. Of a long line it is
    /// the part around the position; control characters are replaced, so that a terminal can show it.
    ///
    /// The caret stands under its character where those before it are one column wide: a character that a terminal
    /// shows in two, as many of Chinese, or in none, moves it by one.
    ///
    /// ```
    /// use cel::{Environment, Program};
    ///
    /// let source = "'a' + 'b' + c";
    /// let errors = Program::compile(&Environment::standard(), source).unwrap_err();
    /// let error = errors.iter().next().unwrap();
    /// assert_eq!(error.position.to_string(), "1:13");
    /// assert_eq!(error.position.caret(source), "'a' + 'b' + c\n            ^");
    /// ```
    #[must_use]
    pub fn caret(&self, source: &str) -> String {
        let line = source.split('\n').nth(self.line - 1).unwrap_or_default().trim_end_matches('\r');
        let before = self.column - 1;
        // Half of what is shown is before the caret.
        let skipped = before.saturating_sub(MAX_COLUMNS / 2);
        let shown = line.chars().skip(skipped).take(MAX_COLUMNS);
        // A tab stays one, so that the caret stands under its character however wide tabs are shown.
        let safe = |c: char| if c.is_control() && c != '\t' { char::REPLACEMENT_CHARACTER } else { c };
        let indent = |c| if c == '\t' { '\t' } else { ' ' };
        let indent: String = shown.clone().take(before - skipped).map(indent).collect();
        format!("{}\n{indent}^", shown.map(safe).collect::<String>())
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
    fn what_is_shown_of_a_line_is_short_and_safe_for_a_terminal() {
        let source = format!("{}\x1b[x{}", "a".repeat(300), "b".repeat(300));
        let shown = Position::in_source(&source, 302).caret(&source);
        let (line, indent) = shown.split_once('\n').unwrap();
        assert_eq!(line.chars().count(), 120);
        assert_eq!(line.chars().nth(indent.len() - 1), Some('x'), "{shown}");
        assert!(line.contains("a\u{fffd}[xb"), "{shown}");
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
