use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn golden_forms() {
    let table = [
        (json!({"b": 1, "a": [true, null, "x"]}), r#"{"a":[true,null,"x"],"b":1}"#),
        // By bytes: upper case before lower case, and U+FF5E before U+1F600, which UTF-16 would order the other way.
        (
            json!({"a": 0, "B": 0, "\u{1f600}": 0, "\u{ff5e}": 0}),
            "{\"B\":0,\"a\":0,\"\u{ff5e}\":0,\"\u{1f600}\":0}",
        ),
        (
            json!([i64::MIN, i64::MAX, u64::MAX]),
            "[-9223372036854775808,9223372036854775807,18446744073709551615]",
        ),
        (json!([0.1, 1.0, 1e21, 5e-324, -0.0]), "[0.1,1.0,1e+21,5e-324,-0.0]"),
        (json!("\"\\\n\u{1}/\u{e9}"), "\"\\\"\\\\\\n\\u0001/\u{e9}\""),
        (json!({}), "{}"),
        (json!([]), "[]"),
    ];
    for (value, expected) in table {
        assert_eq!(String::from_utf8_lossy(&to_bytes(&value)), expected);
    }
}

#[test]
fn golden_digests() {
    // printf '%s' '{"a":1,"b":[]}' | sha256sum
    let value = json!({"b": [], "a": 1});
    let expected = "sha256:f87e4099e9be5e75094e0a4f46d3dc18a9c37429314a5a2490fb78d31e7e170c";
    assert_eq!(digest(&value).to_string(), expected);
}

proptest! {
    #[test]
    fn the_order_of_keys_does_not_matter(fields in prop::collection::hash_map(".{0,6}", any::<i64>(), 0..12)) {
        let sorted: std::collections::BTreeMap<_, _> = fields.iter().collect();
        let forwards: Value = sorted.iter().map(|(k, v)| ((**k).clone(), json!(v))).collect::<serde_json::Map<_, _>>().into();
        let backwards: Value = sorted.iter().rev().map(|(k, v)| ((**k).clone(), json!(v))).collect::<serde_json::Map<_, _>>().into();
        prop_assert_eq!(to_bytes(&forwards), to_bytes(&backwards));
    }

    #[test]
    fn floats_read_back_as_the_same(number in any::<f64>().prop_filter("JSON has no other", |f| f.is_finite())) {
        let text = String::from_utf8(to_bytes(&json!(number))).expect("UTF-8");
        prop_assert_eq!(text.parse(), Ok(number));
    }

    #[test]
    fn texts_read_back_as_the_same(text in any::<String>()) {
        let back: Value = serde_json::from_slice(&to_bytes(&json!(text))).expect("JSON");
        prop_assert_eq!(back, json!(text));
    }
}
