//! Generated expressions.

use super::with;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Any expression over the variable `x`: most of these fail somewhere.
fn expression() -> impl Strategy<Value = String> {
    let leaves = [
        "x",
        "x.a",
        "x.list",
        "x.unknown",
        "1",
        "0",
        "-9223372036854775808",
        "2u",
        "1.5",
        "0.0",
        "'a'",
        "b'a'",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        "int",
        "x.list[0]",
        "x.pattern",
    ];
    let forms = [
        "(A) + (B)",
        "(A) - (B)",
        "(A) * (B)",
        "(A) / (B)",
        "(A) % (B)",
        "(A) == (B)",
        "(A) < (B)",
        "(A) in (B)",
        "(A) && (B)",
        "(A) || (B)",
        "(A) ? (B) : (C)",
        "!(A)",
        "-(A)",
        "[A, B]",
        "{A: B}",
        // A constant that no index can be does not compile.
        "(A)[dyn(B)]",
        "(A).a",
        "has((A).a)",
        "size(A)",
        "int(A)",
        "uint(A)",
        "double(A)",
        "string(A)",
        "bytes(A)",
        "bool(A)",
        "type(A)",
        "(A).matches(B)",
        "(A).contains(B)",
        "(A).all(x, B)",
        "(A).exists(y, B)",
        "(A).exists_one(x, B)",
        "(A).map(x, B)",
        "(A).map(x, B, C)",
        "(A).filter(x, B)",
    ];
    grown(&leaves, &forms)
}

/// A condition that rarely fails.
fn condition() -> impl Strategy<Value = String> {
    let leaves = [
        "true",
        "false",
        "1 / 0 > 0",
        "x.unknown == 1",
        "x.unknown",
        "has(x.list[3].a)",
        "x.list[3].a in [1, 'a']",
        "1 in x.list",
        "'a' in x.list",
        "5 in x.list",
        "x.list == [1, 1, 'a', {'a': 1}]",
        "x.list == [2, 1, 'a', {'a': 1}]",
        "x.list.exists(i, i == 1)",
        "x.list.all(i, i != 1)",
        "x.list.exists_one(i, i == 'a')",
        "size(x.list) == 4",
        "x.list.filter(i, i == 1).size() == 1",
        "{'a': x.unknown}.a == 1",
        "(x.list + [x.a])[1] == 1",
        "x.a == 1",
        "x == {'a': 1}",
        "x.list.map(i, i == 1)[1]",
        "type(x.unknown) == int",
    ];
    let forms = [
        "(A) && (B)",
        "(A) || (B)",
        "!(A)",
        "(A) ? (B) : (C)",
        "(A) == (B)",
        "[A, B].exists(c, c)",
        "(A) in [B, C]",
    ];
    grown(&leaves, &forms)
}

/// Expressions in which `A`, `B` and `C` of a form are such expressions again.
fn grown(leaves: &[&'static str], forms: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    let forms = forms.to_vec();
    let leaf = prop::sample::select(leaves.to_vec()).prop_map(str::to_owned);
    leaf.prop_recursive(4, 32, 3, move |inner| {
        (prop::sample::select(forms.clone()), inner.clone(), inner.clone(), inner)
            .prop_map(|(form, a, b, c)| filled(form, &a, &b, &c))
    })
}

fn filled(form: &str, a: &str, b: &str, c: &str) -> String {
    let mut source = String::new();
    for part in form.chars() {
        match part {
            'A' => source += a,
            'B' => source += b,
            'C' => source += c,
            other => source.push(other),
        }
    }
    source
}

/// An input in which some parts are `part`.
fn input(part: &Value) -> Value {
    json!({"a": 1, "list": [1, part, "a", {"a": part}], "unknown": part, "pattern": "("})
}

/// What an unknown may turn out to be.
fn known() -> impl Strategy<Value = Value> {
    let values = [
        json!(0),
        json!(1),
        json!(1.5),
        json!(true),
        json!(false),
        json!("a"),
        json!(null),
        json!([1]),
        json!({"a": 1}),
    ];
    prop::sample::select(values.to_vec())
}

proptest! {
    // Few of the generated expressions are of the kind that a fault shows in.
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_is_known_in_spite_of_unknowns_is_so_whatever_they_turn_out_to_be(
        source in prop_oneof![expression(), condition()],
        part in known(),
    ) {
        let partial = with(&input(&json!("?")), &source);
        if partial.starts_with("unknown ") || partial.contains("<unknown>") {
            return Ok(());
        }
        let whole = with(&input(&part), &source);
        let is_error = |result: &str| result.starts_with(|c: char| c.is_ascii_digit()) && result.contains(": ");
        if is_error(&partial) {
            prop_assert!(is_error(&whole), "{partial}, but with {part}: {whole}");
        } else {
            prop_assert_eq!(partial, whole, "with {}", part);
        }
    }
}
