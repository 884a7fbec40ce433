//! What an error is about, whatever its words.

/// Classes of errors, each with what tells it in our words and in cel-go's; the first that fits is meant. A part of
/// what has none is a missing key for cel-go, and a conversion leaves its range by an overflow.
const CLASSES: [(&str, &[&str]); 13] = [
    (
        "a part that is not there",
        &[
            "no such key",
            "no such attribute",
            "no such overload: _.",
            "no such overload: _[_]",
            "no such overload: has(",
        ],
    ),
    ("numbers without an order", &["NaN values cannot be ordered", "no such overload: math.@"]),
    ("no overload", &["no such overload"]),
    ("division by zero", &["divide by zero", "division by zero", "modulus by zero"]),
    ("a conversion", &["type conversion error"]),
    ("a number outside its range", &["overflow", "range error"]),
    ("an index outside a list", &["index out of bounds"]),
    ("an index outside a text", &["index out of range"]),
    ("a key of a wrong type", &["unsupported key type"]),
    ("a key that comes twice", &["repeated key"]),
    ("an optional without a value", &["optional.none() dereference"]),
    ("bytes that are no text", &["invalid UTF-8"]),
    ("nothing to iterate over", &["expected iterable type"]),
];

/// Whether both are of one class. An error of no class is about what one function says in words of its own.
pub(crate) fn agree(ours: &str, theirs: &str) -> bool {
    // Text that says too long a time is a conversion that fails for cel-go.
    if ours.contains("duration overflow") && theirs.contains("'google.protobuf.Duration'") {
        return true;
    }
    match (class(ours), class(theirs)) {
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => true,
    }
}

fn class(error: &str) -> Option<&'static str> {
    let tells = |(_, words): &&(&str, &[&str])| words.iter().any(|words| error.contains(words));
    CLASSES.iter().find(tells).map(|(class, _)| *class)
}
