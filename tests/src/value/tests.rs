use super::*;
use cel::{Duration, Timestamp};

fn read(json: &Json) -> String {
    from_json(json).map_or_else(|error| error.to_string(), |value| value.to_string())
}

#[test]
fn every_form_is_read() {
    assert_eq!(read(&json!({"int64_value": "-9223372036854775808"})), "-9223372036854775808");
    assert_eq!(read(&json!({"uint64Value": "18446744073709551615"})), "18446744073709551615u");
    assert_eq!(read(&json!({"double_value": "-Infinity"})), "-inf");
    assert_eq!(read(&json!({"bytes_value": "AP8="})), r#"b"\x00\xff""#);
    assert_eq!(read(&json!({"type_value": "null_type"})), "null_type");
    assert_eq!(
        read(&json!({"list_value": {"values": [{"bool_value": true}, {"null_value": null}]}})),
        "[true, null]"
    );
    let entry = json!({"key": {"string_value": "a"}, "value": {"list_value": {}}});
    assert_eq!(read(&json!({"map_value": {"entries": [entry]}})), r#"{"a": []}"#);
}

#[test]
fn messages_that_stand_for_values_are_read_as_those() {
    let any = |name: &str, value: Json| json!({"object_value": {"@type": format!("type.googleapis.com/{name}"), "value": value}});
    assert_eq!(read(&any("google.protobuf.Int64Value", json!("7"))), "7");
    let time = any("google.protobuf.Timestamp", json!("2009-02-13T23:31:30.5Z"));
    let expected = Timestamp::new(1_234_567_890, 500_000_000).unwrap();
    assert!(matches!(from_json(&time), Ok(Value::Timestamp(time)) if time == expected));
    let first = any("google.protobuf.Timestamp", json!("0001-01-01T00:00:00Z"));
    assert!(matches!(from_json(&first), Ok(Value::Timestamp(time)) if time == Timestamp::MIN));
    let time = any("google.protobuf.Duration", json!("-1.5s"));
    let expected = Duration::from_nanoseconds(-1_500_000_000);
    assert!(matches!(from_json(&time), Ok(Value::Duration(time)) if time == expected));
    assert_eq!(read(&any("google.protobuf.Struct", json!({"a": [1]}))), r#"{"a": [1.0]}"#);
    assert_eq!(read(&any("some.Message", json!(null))), r#""some.Message" is a protobuf message"#);
}

#[test]
fn json_is_read_as_the_api_server_reads_it() {
    let json = json!({"a": [1, 1.5, "x", true, null]});
    assert_eq!(read(&of_json(&json)), r#"{"a": [1, 1.5, "x", true, null]}"#);
}

#[test]
fn what_is_no_value_is_refused_with_its_text() {
    assert_eq!(read(&json!({"int64_value": "1.5"})), r#"no value: {"int64_value":"1.5"}"#);
    assert_eq!(read(&json!({})), "no value: {}");
}

#[test]
fn values_of_different_types_are_not_the_same() {
    assert!(!same(&Value::Int(1), &Value::Uint(1)));
    assert!(!same(&Value::Int(1), &Value::Double(1.0)));
    assert!(same(&Value::Double(f64::NAN), &Value::Double(f64::NAN)));
    let optional = |value| Value::Optional(Optional::of(Value::Int(value)));
    assert!(same(&optional(1), &optional(1)) && !same(&optional(1), &optional(2)));
    assert!(!same(&optional(1), &Value::Optional(Optional::NONE)));
    assert!(!same(&Value::list(vec![Value::Int(1)]), &Value::list(vec![Value::Int(2)])));
}
