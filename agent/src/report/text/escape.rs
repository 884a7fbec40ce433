//! Text of unknown intent, made fit for a terminal.

/// Control characters, and those that turn the direction of writing, become `\u{..}`; everything else stays.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_hidden(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// Marks without a shape of their own: zero-width ones, line and paragraph separators, and those of Unicode's
/// bidirectional algorithm, with which `/tmp/x` can be shown as something else.
fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
