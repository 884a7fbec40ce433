//! Names of fields that are no identifiers, and how expressions write them.

use crate::parser::is_reserved;
use std::borrow::Cow;

/// How an expression writes the field; None where it cannot.
pub(super) fn escape(name: &str) -> Option<Cow<'_, str>> {
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if is_reserved(name) {
        return Some(Cow::Owned(format!("__{name}__")));
    }
    let identifier = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.bytes().all(identifier) && !name.contains("__") {
        return Some(Cow::Borrowed(name));
    }
    let mut escaped = String::with_capacity(name.len() + 16);
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let (symbol, width) = match first {
            '_' if rest.starts_with("__") => ("__underscores__", 2),
            '.' => ("__dot__", 1),
            '-' => ("__dash__", 1),
            '/' => ("__slash__", 1),
            _ if first.is_ascii_alphanumeric() || first == '_' => (&rest[..1], 1),
            _ => return None,
        };
        escaped.push_str(symbol);
        rest = &rest[width..];
    }
    Some(Cow::Owned(escaped))
}
