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
