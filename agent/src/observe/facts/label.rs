//! `/proc/PID/attr/...`: the label that a security module gave a process.

#[cfg(test)]
mod tests;

/// The label in such a file, without what ends it: SELinux ends it with a NUL, AppArmor with a line's end. None where
/// there is none, or it is no text.
pub(super) fn label(text: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(text).ok()?.trim_end_matches(['\n', '\0']);
    let is_plain = !text.is_empty() && !text.contains(char::is_control);
    is_plain.then_some(text)
}
