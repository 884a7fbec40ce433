use super::result;

#[test]
fn matches_are_replaced_by_what_names_their_groups() {
    for (expression, expected) in [
        ("regex.replace('hello world hello', 'hello', 'hi')", r#""hi world hi""#),
        ("regex.replace('banana', 'a', 'x', 0)", r#""banana""#),
        ("regex.replace('banana', '(', 'x', 0)", r#""banana""#),
        ("regex.replace('banana', 'a', 'x', 2)", r#""bxnxna""#),
        ("regex.replace('banana', 'a', 'x', -12)", r#""bxnxnx""#),
        (r"regex.replace('foo bar', '(fo)o (ba)r', r'\2 \1\\')", r#""ba fo\\""#),
        (r"regex.replace('ab', '(a)|b', r'<\1\0>')", r#""<aa><b>""#),
        ("regex.replace('aéb', 'x*', '-')", r#""-a-é-b-""#),
        ("regex.replace('abc', 'b|', '.')", r#"".a.c.""#),
        (r"regex.replace('a', 'b', r'\2')", r#""a""#),
        (
            r"regex.replace('test', '(.)', r'\2')",
            r"error: invalid replacement string \2: the pattern has no such group",
        ),
        (
            r"regex.replace('a', 'a', r'\v')",
            r"error: invalid replacement string \v: \ must be followed by a digit or \",
        ),
        (r"regex.replace('a', 'a', '\\')", r"error: invalid replacement string \: \ not allowed at end"),
        (
            "regex.replace('foo', '(', 'x')",
            "error: invalid regular expression: missing closing ): `(` at byte 0",
        ),
    ] {
        assert_eq!(result(expression), expected, "{expression}");
    }
}

#[test]
fn what_matches_is_extracted() {
    for (expression, expected) in [
        ("regex.extract('hello world', 'hello(.*)').value()", r#"" world""#),
        ("regex.extract('item-A, item-B', 'item-\\\\w+').value()", r#""item-A""#),
        ("regex.extract('HELLO', 'hello').hasValue()", "false"),
        ("regex.extract('HELLO', 'x*').value()", r#""""#),
        ("regex.extract('HELLO', '(x*)').hasValue()", "false"),
        ("regex.extract('HELLO', 'H(x)?').hasValue()", "false"),
        (
            "regex.extract('a@b', '(.*)@([^.]*)')",
            r#"error: regular expression has more than one capturing group: "(.*)@([^.]*)""#,
        ),
        ("regex.extractAll('id:123, id:456', 'id:\\\\d+')", r#"["id:123", "id:456"]"#),
        ("regex.extractAll('id:123, id:456', 'id:(\\\\d+)')", r#"["123", "456"]"#),
        ("regex.extractAll('id:123, id:', 'id:(\\\\d*)')", r#"["123"]"#),
        ("regex.extractAll('ab', '')", r#"["", "", ""]"#),
        ("regex.extractAll('ab', 'x')", "[]"),
        // Patterns that are not constant.
        ("['a(.)', '('].exists(p, regex.extract('ab', p).value() == 'b')", "true"),
        ("['a', 'b'].map(p, regex.extractAll('aab', p))", r#"[["a", "a"], ["b"]]"#),
        ("['a', 'b'].map(p, regex.replace('aab', p, '.', 1))", r#"[".ab", "aa."]"#),
        ("['('].map(p, regex.replace('aab', p, '.', 0))", r#"["aab"]"#),
        ("['a'].map(x, regex.extract(x, 'a').value())", r#"["a"]"#),
        ("[1, 'a'].map(x, regex.extract(x, 'a'))", "error: no such overload: regex.extract(int, string)"),
        (
            "regex.extractAll('ab', '((a)')",
            "error: invalid regular expression: missing closing ): `((a)` at byte 0",
        ),
    ] {
        assert_eq!(result(expression), expected, "{expression}");
    }
}
