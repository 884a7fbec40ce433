//! What a scalar means: the rules of `sigs.k8s.io/yaml/goyaml.v2`, then those of JSON and of the API server's reader of
//! it, which makes a number an integer if its JSON text is one that 64 bits hold, and a float if not.

use super::ErrorKind;
use super::node::Value;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A tag of the YAML schema, or any other, which says nothing here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Null,
    Bool,
    Int,
    Float,
    Text,
    Binary,
    Other,
}

impl Tag {
    pub(super) fn from_suffix(suffix: &str) -> Self {
        match suffix {
            "null" => Self::Null,
            "bool" => Self::Bool,
            "int" => Self::Int,
            "float" => Self::Float,
            // A timestamp stays a text, tagged or not.
            "str" | "timestamp" => Self::Text,
            "binary" => Self::Binary,
            _ => Self::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool => "!!bool",
            Self::Int => "!!int",
            Self::Float => "!!float",
            Self::Text => "!!str",
            Self::Binary => "!!binary",
            Self::Other => "value of that tag",
        }
    }
}

/// The value of a scalar. `plain` is false for quoted and block scalars, which are texts unless tagged.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<Tag>) -> Result<Value, ErrorKind> {
    let mismatch = |tag: Tag| ErrorKind::Tag { text: text.to_owned(), tag: tag.name() };
    let wanted = match tag {
        None if !plain => return Ok(Value::String(text.to_owned())),
        Some(Tag::Text | Tag::Other) => return Ok(Value::String(text.to_owned())),
        Some(Tag::Binary) => return binary(text).ok_or_else(|| mismatch(Tag::Binary)),
        wanted => wanted,
    };
    let value = untagged(text)?;
    let fits = match (wanted, &value) {
        (None, _)
        | (Some(Tag::Null), Value::Null)
        | (Some(Tag::Bool), Value::Bool(_))
        | (Some(Tag::Float), Value::Int(_) | Value::Float(_)) => true,
        // 1.0 becomes an integer only on its way to JSON, and is none to the tag.
        (Some(Tag::Int), Value::Int(_)) => integer(&text.replace('_', "")).is_some(),
        _ => false,
    };
    match wanted {
        Some(tag) if !fits => Err(mismatch(tag)),
        _ => Ok(value),
    }
}

fn untagged(text: &str) -> Result<Value, ErrorKind> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf"
        | "-.Inf" | "-.INF" => return Err(ErrorKind::Number(text.to_owned())),
        _ => match text.as_bytes()[0] {
            b'.' => float(text).map_or_else(|| Value::String(text.to_owned()), json_number),
            b'+' | b'-' | b'0'..=b'9' => number(text)?,
            _ => Value::String(text.to_owned()),
        },
    })
}

fn number(text: &str) -> Result<Value, ErrorKind> {
    let plain = text.replace('_', "");
    if let Some(value) = integer(&plain) {
        return match value {
            Integer::Fits(value) => Ok(Value::Int(value)),
            Integer::Unsigned(value) => Ok(Value::Float(value as f64)),
            Integer::Big => Err(ErrorKind::Number(text.to_owned())),
        };
    }
    Ok(float(&plain).map_or_else(|| Value::String(text.to_owned()), json_number))
}

enum Integer {
    Fits(i64),
    Unsigned(u64),
    /// Of another base and more than 64 bits. Decimal ones are floats.
    Big,
}

/// Go's `ParseInt` and `ParseUint` with base 0: a sign, a prefix for the base (a leading zero is octal), digits.
fn integer(text: &str) -> Option<Integer> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (base, digits) = base(unsigned);
    // Rust's parser would take a second sign.
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    let Ok(magnitude) = u64::from_str_radix(digits, base) else {
        return (base != 10).then_some(Integer::Big);
    };
    let signed = if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() };
    match signed {
        Some(value) => Some(Integer::Fits(value)),
        None if unsigned.len() == text.len() => Some(Integer::Unsigned(magnitude)),
        None => (base != 10).then_some(Integer::Big),
    }
}

fn base(digits: &str) -> (u32, &str) {
    match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, within a float's range.
fn float(text: &str) -> Option<f64> {
    let allowed = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    if !text.chars().all(allowed) {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Go writes a float below 1e21 as digits, and the API server reads digits that fit as an integer.
fn json_number(value: f64) -> Value {
    let small = value.abs() < 1e21 && (value == 0.0 || value.abs() >= 1e-6);
    match small.then(|| value.to_string().parse()) {
        Some(Ok(integer)) => Value::Int(integer),
        _ => Value::Float(value),
    }
}

fn binary(text: &str) -> Option<Value> {
    let packed: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    let bytes = STANDARD.decode(packed).ok()?;
    Some(Value::String(String::from_utf8_lossy(&bytes).into_owned()))
}

/// The text that a scalar key becomes. Floats are written as goyaml writes them, in single precision.
pub(super) fn key(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(value) => Some(value.to_string()),
        Value::Float(value) => {
            let single = *value as f32;
            (1e-4..1e6).contains(&single.abs()).then(|| single.to_string())
        }
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}
