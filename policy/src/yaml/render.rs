//! A mistake as a person sees it.

use std::fmt::Write as _;

use super::Position;

/// Longer lines are cut around the mistake.
const MAX_COLUMNS: usize = 160;

/// `file:line:column: sentence`, the line of the text below it, and a caret under the column.
pub fn render(file: &str, text: &str, position: Position, sentence: &str) -> String {
    let Position { line, column } = position;
    let mut out = format!("{file}:{line}:{column}: {sentence}");
    let Some(source) = text.lines().nth(line.saturating_sub(1)) else { return out };
    let (source, column) = window(source, column);
    // A tab stays a tab, so that the caret stands below its column whatever a tab's width is.
    let indent: String =
        source.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let source: String =
        source.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect();
    let width = line.to_string().len();
    // Writing to a String cannot fail.
    let _ = write!(out, "\n{line} | {source}\n{:width$} | {indent}^", "");
    out
}

/// The part of a line that is shown, and the column within it.
fn window(source: &str, column: usize) -> (String, usize) {
    let column = column.clamp(1, source.chars().count() + 1);
    if source.chars().count() <= MAX_COLUMNS {
        return (source.to_owned(), column);
    }
    let skipped = (column - 1).saturating_sub(MAX_COLUMNS / 2);
    (source.chars().skip(skipped).take(MAX_COLUMNS).collect(), column - skipped)
}
