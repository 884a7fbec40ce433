//! Where in a file a character of a scalar stands.

use super::Position;

/// The position of the character at byte `offset` of the scalar `value` that begins at `start` of `text`.
///
/// The value is laid along the text: a character is matched with itself; white space of the text (indentation, folded
/// lines), quotes and backslashes may stand between. Exact for plain, single-quoted and block scalars; in a
/// double-quoted one an escape that spells a character otherwise ends the search there.
pub fn locate(text: &str, start: Position, value: &str, offset: usize) -> Position {
    let mut cursor = Cursor::at(text, start);
    cursor.skip_header();
    let offset = offset.min(value.len());
    for (index, c) in value.char_indices() {
        if index >= offset {
            break;
        }
        if !cursor.pass(c) {
            return cursor.position;
        }
    }
    if let Some(c) = value.get(offset..).and_then(|rest| rest.chars().next()) {
        cursor.seek(c);
    }
    cursor.position
}

struct Cursor<'a> {
    rest: &'a str,
    position: Position,
}

impl<'a> Cursor<'a> {
    fn at(text: &'a str, start: Position) -> Self {
        let line_start: usize = text.split_inclusive('\n').take(start.line - 1).map(str::len).sum();
        let line = &text[line_start..];
        let column = line.char_indices().nth(start.column - 1).map_or(line.len(), |(index, _)| index);
        Self { rest: &line[column..], position: start }
    }

    fn advance(&mut self) {
        let mut chars = self.rest.chars();
        match chars.next() {
            Some('\n') => self.position = Position { line: self.position.line + 1, column: 1 },
            Some(_) => self.position.column += 1,
            None => {}
        }
        self.rest = chars.as_str();
    }

    /// Goes past what stands before the content: a tag, an anchor, and a block scalar's first line.
    fn skip_header(&mut self) {
        while self.rest.starts_with(['!', '&']) {
            self.skip_while(|c| !c.is_whitespace());
            self.skip_while(char::is_whitespace);
        }
        if self.rest.starts_with(['|', '>']) {
            self.skip_while(|c| c != '\n');
            self.advance();
        }
    }

    fn skip_while(&mut self, skips: impl Fn(char) -> bool) {
        while self.rest.starts_with(&skips) {
            self.advance();
        }
    }

    /// Goes to where `c` stands, over what may stand before it; false if it does not follow.
    fn seek(&mut self, c: char) -> bool {
        loop {
            match self.rest.chars().next() {
                Some(here) if here == c => return true,
                Some(here) if here.is_whitespace() || matches!(here, '\\' | '\'' | '"') => self.advance(),
                Some(_) | None => return false,
            }
        }
    }

    /// Goes past `c`. A space or a line end of the value may be one that folding made of what was passed already.
    fn pass(&mut self, c: char) -> bool {
        let (rest, position) = (self.rest, self.position);
        if self.seek(c) {
            self.advance();
            return true;
        }
        if c.is_whitespace() {
            (self.rest, self.position) = (rest, position);
            return true;
        }
        false
    }
}
