//! Text that came from the kernel, where names are bytes.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::known::Known;

/// A path or an argument: its text, and its bytes where they are not UTF-8.
///
/// Expressions see the text, in which U+FFFD stands for what is not UTF-8. In JSON the bytes stand beside it, in a
/// field `<name>Bytes`, in base64. Two texts are equal only if their bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text {
    text: Box<str>,
    bytes: Option<Box<[u8]>>,
}

impl Text {
    /// Takes bytes as the kernel gave them, without a terminating zero.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match String::from_utf8_lossy(bytes) {
            Cow::Borrowed(text) => Self { text: text.into(), bytes: None },
            Cow::Owned(text) => Self { text: text.into(), bytes: Some(bytes.into()) },
        }
    }

    /// What expressions and people see.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The bytes as the kernel gave them.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// The base64 of the bytes, if the text does not say them.
    pub fn base64(&self) -> Option<String> {
        self.bytes.as_deref().map(|bytes| STANDARD.encode(bytes))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self { text: text.into(), bytes: None }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The text alone. Whoever has a name for it writes the bytes beside it, with `entry` or `list_entry`.
impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// Writes `name`, and `bytes_name` if the text does not say the bytes.
pub(crate) fn entry<M: SerializeMap>(
    map: &mut M,
    name: &'static str,
    bytes_name: &'static str,
    text: &Known<Text>,
) -> Result<(), M::Error> {
    map.serialize_entry(name, text)?;
    match text.as_ref().known().and_then(Text::base64) {
        Some(bytes) => map.serialize_entry(bytes_name, &bytes),
        None => Ok(()),
    }
}

/// Writes the list `name`, and, if one of the texts does not say its bytes, a list `bytes_name` of the same length.
pub(crate) fn list_entry<M: SerializeMap>(
    map: &mut M,
    name: &'static str,
    bytes_name: &'static str,
    texts: &[Known<Text>],
) -> Result<(), M::Error> {
    map.serialize_entry(name, texts)?;
    let bytes: Vec<_> = texts.iter().map(|text| text.as_ref().known().and_then(Text::base64)).collect();
    if bytes.iter().any(Option::is_some) { map.serialize_entry(bytes_name, &bytes) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
