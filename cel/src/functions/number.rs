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
