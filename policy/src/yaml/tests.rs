use proptest::prelude::*;
use serde_json::json;

use super::*;

fn one(text: &str) -> Result<Node, Error> {
    documents(text).next().expect("a document")
}

fn scalar(text: &str) -> serde_json::Value {
    one(&format!("a: {text}\n")).expect("well-formed").at("/a").expect("the value").to_json()
}

fn sentence(text: &str) -> String {
    let error = one(text).expect_err("a mistake");
    format!("{}:{}: {error}", error.position.line, error.position.column)
}

/// What `kubectl apply` sends for each.
#[test]
fn scalars_are_what_the_api_server_gets() {
    let table = [
        ("yes", json!(true)),
        ("y", json!(true)),
        ("On", json!(true)),
        ("off", json!(false)),
        ("NO", json!(false)),
        ("yEs", json!("yEs")),
        ("'yes'", json!("yes")),
        ("", json!(null)),
        ("~", json!(null)),
        ("NULL", json!(null)),
        ("nULL", json!("nULL")),
        ("12", json!(12)),
        ("+12", json!(12)),
        ("-0", json!(0)),
        ("0644", json!(420)),
        ("0o644", json!(420)),
        ("0x1F", json!(31)),
        ("0b101", json!(5)),
        ("-0b101", json!(-5)),
        ("1_000", json!(1000)),
        ("09", json!(9)),
        ("9223372036854775807", json!(i64::MAX)),
        ("-9223372036854775808", json!(i64::MIN)),
        ("9223372036854775808", json!(9_223_372_036_854_775_808.0)),
        ("123456789012345678901234567890", json!(123_456_789_012_345_678_901_234_567_890.0)),
        ("1.5", json!(1.5)),
        ("1.0", json!(1)),
        ("1e3", json!(1000)),
        ("1e-3", json!(0.001)),
        ("1e21", json!(1e21)),
        (".5", json!(0.5)),
        ("1e999", json!("1e999")),
        ("2024-01-02", json!("2024-01-02")),
        ("2024-01-02T03:04:05Z", json!("2024-01-02T03:04:05Z")),
        ("12:30:45", json!("12:30:45")),
        ("1.2.3", json!("1.2.3")),
        ("-", json!([null])),
        ("!!str 12", json!("12")),
        ("!!int '12'", json!(12)),
        ("!!float 1", json!(1)),
        ("!!binary aGk=", json!("hi")),
        ("!mine 12", json!("12")),
    ];
    for (text, expected) in table {
        let written = if text == "-" { "\n  -" } else { text };
        assert_eq!(scalar(written), expected, "{text}");
    }
}

#[test]
fn keys_are_texts_afterwards() {
    let node = one("on: 1\n0x10: 2\n1.5: 3\nplain: 4\n").expect("well-formed");
    assert_eq!(node.to_json(), json!({"true": 1, "16": 2, "1.5": 3, "plain": 4}));
}

#[test]
fn aliases_and_merges_are_replaced() {
    let text = "base: &base {a: 1, b: 2}\nlater: &later {b: 9, c: 3}\np:\n  <<: *base\n  b: 3\nq:\n  b: 3\n  <<: [*base, *later]\nr: *base\n";
    let node = one(text).expect("well-formed").to_json();
    assert_eq!(node["p"], json!({"a": 1, "b": 3}));
    // goyaml.v2 merges in the order of the text, over what was written before.
    assert_eq!(node["q"], json!({"a": 1, "b": 2, "c": 3}));
    assert_eq!(node["r"], json!({"a": 1, "b": 2}));
}

#[test]
fn mistakes_have_a_place_and_a_sentence() {
    let table = [
        ("a: 1\nb: 2\na: 3\n", "3:1: the key `a` is already on line 1"),
        ("'1': x\n1: y\n", "2:1: the key `1` is already on line 1"),
        ("a: .inf\n", "1:4: `.inf` is not a number that JSON can say"),
        ("a: !!int x\n", "1:4: `x` is not a !!int"),
        ("? [a]\n: b\n", "1:3: a key must be a text, a number or a boolean"),
        ("null: b\n", "1:1: a key must be a text, a number or a boolean"),
        ("a: &x [*x]\n", "1:8: the alias is inside the value that it stands for"),
        ("<<: 3\n", "1:5: `<<` merges a mapping or a list of mappings"),
    ];
    for (text, expected) in table {
        assert_eq!(sentence(text), expected, "{text}");
    }
    assert!(sentence("a: [1, 2\n").contains("this is not YAML: "));
    assert!(sentence("a: *nowhere\n").contains("this is not YAML: "));
}

#[test]
fn a_document_with_a_mistake_does_not_hide_the_next() {
    let read: Vec<_> = documents("a: 1\na: 2\n---\nb: 1\n---\n# nothing\n---\nc: 1\n").collect();
    assert_eq!(read.len(), 4);
    assert!(read[0].is_err());
    assert_eq!(read[1].as_ref().map(Node::to_json), Ok(json!({"b": 1})));
    assert_eq!(read[2].as_ref().map(Node::to_json), Ok(json!(null)));
    assert_eq!(read[3].as_ref().map(Node::to_json), Ok(json!({"c": 1})));
    assert_eq!(read[3].as_ref().map(|node| node.position.line), Ok(8));
}

#[test]
fn every_key_and_value_says_where_it_stands() {
    let node = one("a:\n  b:\n  - c\n  - {\"d\": é, e: f}\n").expect("well-formed");
    let at = |pointer| node.at(pointer).map(|node| (node.position.line, node.position.column));
    assert_eq!(at("/a/b/0"), Some((3, 5)));
    assert_eq!(at("/a/b/1/e"), Some((4, 17)));
    assert_eq!(at("/a/b/2"), None);
    let Value::Map(entries) = &node.at("/a").expect("a").value else { panic!("a mapping") };
    assert_eq!(entries[0].position, Position { line: 2, column: 3 });
}

#[test]
fn pointers_escape_slash_and_tilde() {
    let node = one("a/b: {c~d: 1}\n").expect("well-formed");
    assert_eq!(node.at("/a~1b/c~0d").map(Node::to_json), Some(json!(1)));
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(one(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(one(&nested(MAX_DEPTH + 1)).map_err(|error| error.kind), Err(ErrorKind::TooDeep));
    let aliased = format!("a: &a {}\nb: [*a]\n", nested(MAX_DEPTH - 1));
    assert_eq!(one(&aliased).map_err(|error| error.kind), Err(ErrorKind::TooDeep));
}

#[test]
fn a_billion_laughs_are_not_laughed() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", vec![below; 10].join(", "));
    }
    assert_eq!(one(&text).map_err(|error| error.kind), Err(ErrorKind::TooMany));
}

#[test]
fn long_texts_are_refused_before_they_are_read() {
    let text = " ".repeat(MAX_BYTES + 1);
    assert_eq!(one(&text).map_err(|error| error.kind), Err(ErrorKind::TooLong(MAX_BYTES + 1)));
}

#[test]
fn a_caret_stands_under_the_column() {
    let text = "a: 1\n\tb: é x\n";
    let rendered = render("p.yaml", text, Position { line: 2, column: 7 }, "no");
    assert_eq!(rendered, "p.yaml:2:7: no\n2 | \tb: é x\n  | \t     ^");
    let long = format!("{}x{}", "-".repeat(1000), "-".repeat(1000));
    let rendered = render("p", &long, Position { line: 1, column: 1001 }, "no");
    let lines: Vec<_> = rendered.lines().collect();
    assert_eq!(lines[1].find('x'), lines[2].find('^'));
    assert!(lines[1].len() < 200);
}

#[test]
fn characters_of_a_scalar_are_found_in_the_file() {
    let text = "\
plain: a == b
single: 'it''s == b'
double: \"say \\\"x\\\" == b\"
literal: |
  first &&
    second ==
  b
folded: >-
  first &&
  second == b
multi: first
  second == b
tagged: !!str a == b
";
    let node = one(text).expect("well-formed");
    for (key, expected) in [
        ("plain", (1, 13)),
        ("single", (2, 19)),
        ("double", (3, 23)),
        ("literal", (7, 3)),
        ("folded", (10, 13)),
        ("multi", (12, 13)),
        ("tagged", (13, 20)),
    ] {
        let scalar = node.get(key).expect(key);
        let value = scalar.as_str().expect("a text");
        let offset = value.rfind('b').expect("ends in b");
        let found = locate(text, scalar.position, value, offset);
        assert_eq!((found.line, found.column), expected, "{key}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        documents(&text).take(100).for_each(drop);
    }

    #[test]
    fn nothing_made_of_indicators_makes_the_reader_panic(text in "[-?:,\\[\\]{}#&*!|>'\"%@` \t\r\na1~<.+]{0,60}") {
        for node in documents(&text).take(100).flatten() {
            node.to_json();
        }
    }

    #[test]
    fn no_position_makes_locating_or_rendering_panic(
        text in "[ -~\né]{0,80}", line in 1usize..9, column in 1usize..99, value in "[ -~\né]{0,30}", offset in 0usize..40,
    ) {
        let start = Position { line, column };
        render("file", &text, locate(&text, start, &value, offset), "sentence");
    }

    #[test]
    fn json_is_read_as_itself(value in json_values()) {
        let text = serde_json::to_string_pretty(&value).expect("JSON");
        prop_assert_eq!(one(&text).map(|node| node.to_json()), Ok(value));
    }
}

fn json_values() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        "[ -~é\n\t]{0,12}".prop_map(|value| json!(value)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|value| json!(value)),
            prop::collection::btree_map("[a-z<]{1,4}", inner, 0..4).prop_map(|value| json!(value)),
        ]
    })
}
