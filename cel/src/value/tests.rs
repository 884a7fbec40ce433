use super::{Key, RepeatedKey, Value, equal};
use crate::budget::Budget;
use crate::input::{Lookup, Object};
use serde_json::json;
use std::collections::BTreeMap;

#[test]
fn json_numbers_are_ints_where_they_fit_and_doubles_else() {
    let numbers = json!([1, -1, 1.0, 9_223_372_036_854_775_808_u64]);
    assert_eq!(Value::from(&numbers).to_string(), "[1, -1, 1.0, 9.223372036854776e18]");
}

#[test]
fn a_value_is_written_as_an_expression_would_write_it() {
    let value = Value::map(vec![
        (Key::Uint(2), Value::Bytes(vec![0xff, b'a'].into())),
        (Key::String(String::from("k\n").into()), Value::list(vec![Value::Null, Value::Double(1.0)])),
    ]);
    assert_eq!(value.unwrap().to_string(), r#"{2u: b"\xffa", "k\n": [null, 1.0]}"#);
}

#[test]
fn a_key_is_the_same_across_the_types_of_numbers() {
    let twice = Value::map(vec![(Key::Int(1), Value::Null), (Key::Uint(1), Value::Null)]);
    assert_eq!(twice.err(), Some(RepeatedKey("1u".to_owned())));
}

#[test]
fn a_value_becomes_json_where_json_has_a_form_for_it() {
    let input = json!({"a": [1, "b", null, true, 1.5], "c": {}});
    assert_eq!(Value::from(&input).to_json(), Some(input.clone()));
    assert_eq!(Value::list(vec![Value::Double(f64::NAN)]).to_json(), None);
    assert_eq!(Value::map(vec![(Key::Int(1), Value::Null)]).unwrap().to_json(), None);
}

#[test]
fn lists_end_to_end_are_one_list() {
    let numbers = json!([1, 2]);
    let (Value::List(first), Value::List(second)) = (Value::from(&numbers), Value::list(vec![Value::Int(3)]))
    else {
        unreachable!("both are lists")
    };
    let joined = super::List::joined(first, second).unwrap();
    assert_eq!(format!("{joined:?}"), "[1, 2, 3]");
    assert!(matches!(joined.get(3), Lookup::Absent));
}

#[test]
fn values_deeper_than_the_stack_are_not_compared_written_or_made_json() {
    let deep = || (0..10_000).fold(Value::Null, |value, _| Value::list(vec![value]));
    // Leaked, since freeing so deep a value by the ordinary way is what no evaluation can bring about.
    let (one, two) = (Box::leak(Box::new(deep())), Box::leak(Box::new(deep())));
    assert!(equal(one, two, &mut Budget::default()).is_err());
    assert!(one.to_string().contains("..."));
    assert_eq!(one.to_json(), None);
}

#[test]
fn times_and_addresses_are_written_as_calls_and_are_text_in_json() {
    let values = Value::list(vec![
        Value::Timestamp("2026-01-02T03:04:05.5+01:00".parse().unwrap()),
        Value::Duration("-90.5s".parse().unwrap()),
        Value::Ip("2001:db8::1".parse().unwrap()),
        Value::Cidr("10.0.0.1/8".parse().unwrap()),
    ]);
    let written =
        r#"[timestamp("2026-01-02T02:04:05.5Z"), duration("-90.5s"), ip("2001:db8::1"), cidr("10.0.0.1/8")]"#;
    assert_eq!(values.to_string(), written);
    let json = json!(["2026-01-02T03:04:05.5+01:00", "-90.5s", "2001:db8::1", "10.0.0.1/8"]);
    assert_eq!(values.to_json(), Some(json));
}

#[test]
fn an_object_that_is_only_asked_says_what_its_fields_say() {
    let json = json!({"object": {"a": 1}, "list": [1], "null": null});
    let objects: [&dyn Object; 2] =
        [json.as_object().unwrap(), &BTreeMap::from([("list".to_owned(), json!([1]))])];
    for object in objects {
        for name in ["object", "list", "null", "absent"] {
            let field = object.field(name);
            assert_eq!(object.has(name), Some(matches!(field, Lookup::Found(_))), "{name}");
            let inner = if let Lookup::Found(value) = &field { value.as_object() } else { None };
            let size = |object: &dyn Object| object.size();
            assert_eq!(object.object(name).map(size), inner.map(size), "{name}");
        }
    }
}
