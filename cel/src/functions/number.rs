//! Numbers from text and to text, as Go's strconv and fmt do it: the specification leaves it to them.

/// A decimal integer; a sign may stand before it.
pub(super) fn int(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// A decimal integer without a sign.
pub(super) fn uint(text: &str) -> Option<u64> {
    if text.starts_with('+') { None } else { text.parse().ok() }
}

/// A number; one too large for its type is none, but infinity may be asked for by name.
pub(super) fn double(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    let named = text.contains(['i', 'I']);
    (named || !number.is_infinite()).then_some(number)
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
    let Some((mantissa, exponent)) = shortest.split_once('e') else { return shortest };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            // A sign and at least two digits.
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
        }
        _ => number.to_string(),
    }
}
