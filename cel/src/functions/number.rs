//! Numbers from text and to text, as Go's strconv and fmt do it: the specification leaves it to them.

use std::borrow::Cow;

/// A decimal integer; a sign may stand before it.
pub(super) fn int(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// A decimal integer without a sign.
pub(super) fn uint(text: &str) -> Option<u64> {
    if text.starts_with('+') { None } else { text.parse().ok() }
}

/// A number; one too large for its type is none, but infinity may be asked for by name.
///
/// Go reads hexadecimal digits with a binary exponent, too, and underscores between digits.
pub(super) fn double(text: &str) -> Option<f64> {
    if let Some(number) = hexadecimal(text) {
        return number;
    }
    let number: f64 = without_underscores(text)?.parse().ok()?;
    let named = text.contains(['i', 'I']);
    (named || !number.is_infinite()).then_some(number)
}

/// None where an underscore stands elsewhere than between digits.
fn without_underscores(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    let between = |(at, byte): (usize, &u8)| {
        *byte != b'_' || at > 0 && is_digit(bytes.get(at - 1)) && is_digit(bytes.get(at + 1))
    };
    bytes.iter().enumerate().all(between).then(|| Cow::Owned(text.replace('_', "")))
}

/// `-0x1.8p3`: None if the text is no such number, Some(None) if it is a wrong one.
fn hexadecimal(text: &str) -> Option<Option<f64>> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let digits = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X"))?;
    let magnitude = without_underscores(digits).and_then(|digits| binary(&digits));
    Some(magnitude.map(|number| if negative { -number } else { number }))
}

/// Digits of base 16, perhaps with a point, and an exponent of base 2. More digits than 15 are not read.
#[expect(
    clippy::cast_precision_loss,
    reason = "fifteen hexadecimal digits are rounded to the nearest double"
)]
fn binary(digits: &str) -> Option<f64> {
    let (mantissa, exponent) = digits.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let is_hexadecimal = all.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hexadecimal || all.len() > 15 {
        return None;
    }
    let value = u64::from_str_radix(&all, 16).ok()? as f64;
    let exponent: i32 = exponent.parse().ok()?;
    let scaled = value * 2_f64.powi(exponent.checked_sub(4 * i32::try_from(fraction.len()).ok()?)?);
    scaled.is_finite().then_some(scaled)
}

/// One of the words that Go takes for a truth value.
pub(super) fn bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The shortest digits that say the number, with an exponent where Go's `%g` has one.
pub(super) fn from_double(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let shortest = format!("{number:e}");
    let exponent = shortest.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok());
    match exponent {
        Some(-4..6) => number.to_string(),
        _ => with_exponent(&shortest),
    }
}

/// Digits with an exponent: Go gives that a sign and at least two digits.
pub(super) fn with_exponent(digits: &str) -> String {
    let Some((mantissa, exponent)) = digits.split_once('e') else { return digits.to_owned() };
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    format!("{mantissa}e{sign}{exponent:0>2}")
}

/// As few digits as tell the number from all others, with an exponent where Go's JSON has one.
pub(super) fn as_json(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let digits = format!("{number:e}");
        return if size < 1.0 { digits } else { digits.replace('e', "e+") };
    }
    number.to_string()
}
