use super::each;

#[test]
fn bytes_are_encoded_with_padding_and_decoded_with_all_of_it_or_none() {
    each(&[
        (r"base64.encode(b'\xff\xfe\x00')", r#""//4A""#),
        ("base64.encode(b'hello')", r#""aGVsbG8=""#),
        ("base64.encode(b'')", r#""""#),
        ("base64.decode('aGVsbG8=')", r#"b"hello""#),
        ("base64.decode('aGVsbG8')", r#"b"hello""#),
        (r"base64.decode('aGVs\r\nbG8=\n')", r#"b"hello""#),
        // The last bits are no part of any byte.
        ("base64.decode('aGVsbG9=')", r#"b"hello""#),
        ("base64.decode('YQ=')", r#"error: illegal base64 data: "YQ=""#),
        ("base64.decode('aGVsbG8==')", r#"error: illegal base64 data: "aGVsbG8==""#),
        ("base64.decode('a')", r#"error: illegal base64 data: "a""#),
        ("base64.decode('-_-_')", r#"error: illegal base64 data: "-_-_""#),
        ("base64.decode('aGVs bG8=')", r#"error: illegal base64 data: "aGVs bG8=""#),
    ]);
}

#[test]
fn a_value_is_json_by_the_rules_of_protobuf() {
    each(&[
        (
            r#"json.encode({'b': 1, 'a': [1u, 1.5, null, true, '<é>\n"']}) == r'{"a":[1,1.5,null,true,"<é>\n\""],"b":1}'"#,
            "true",
        ),
        (
            r#"json.encode([9007199254740991, 9007199254740992u, -9007199254740993]) == '[9007199254740991,"9007199254740992","-9007199254740993"]'"#,
            "true",
        ),
        (
            "json.encode([1e21, 1e20, 0.000001, 0.0000001, -0.0, 3.0])",
            r#""[1e+21,100000000000000000000,0.000001,1e-7,-0,3]""#,
        ),
        (r#"json.encode([b'\xff\xfe', optional.of({})]) == '["//4=",{}]'"#, "true"),
        (
            r#"json.encode([duration('1.5s'), timestamp('2023-02-03T23:31:20+01:00')])"#,
            r#""[\"1.5s\",\"2023-02-03T23:31:20+01:00\"]""#,
        ),
        ("json.encode(0.0 / 0.0)", "error: a value of type double has no form in JSON"),
        ("json.encode({1: 2})", "error: a value of type int has no form in JSON"),
        ("json.encode([int])", "error: a value of type type has no form in JSON"),
        ("json.encode(optional.none())", "error: optional.none() dereference"),
    ]);
}
