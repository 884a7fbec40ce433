use super::{each, result};

#[test]
fn a_place_is_counted_in_code_points() {
    each(&[
        ("'ta©o©αT'.charAt(4)", r#""©""#),
        ("'ta©'.charAt(3)", r#""""#),
        ("'ta©'.charAt(4)", "error: index out of range: 4"),
        ("'ta©'.charAt(-1)", "error: index out of range: -1"),
        ("''.charAt(0)", r#""""#),
        ("'ta©o©αT'.substring(2, 6)", r#""©o©α""#),
        ("'ta©'.substring(3)", r#""""#),
        ("'ta©'.substring(4)", "error: index out of range: 4"),
        ("'ta©'.substring(2, 1)", "error: invalid substring range. start: 2, end: 1"),
        ("'ta©'.substring(1, 4)", "error: index out of range: 4"),
        (
            "'ta©'.substring(-9223372036854775807, 9223372036854775807)",
            "error: index out of range: -9223372036854775807",
        ),
        ("'😀a😀'.reverse()", r#""😀a😀""#),
    ]);
}

#[test]
fn a_search_begins_at_a_place_and_may_not_begin_behind_the_end() {
    each(&[
        ("'😀a😀'.indexOf('😀', 1)", "2"),
        ("'tacocat'.indexOf('')", "0"),
        ("'tacocat'.indexOf('', 3)", "3"),
        ("'tacocat'.indexOf('', 30)", "7"),
        ("'tacocat'.indexOf('', -1)", "error: index out of range: -1"),
        ("'tacocat'.indexOf('t', 7)", "-1"),
        ("'tacocat'.indexOf('t', 8)", "error: index out of range: 8"),
        ("''.indexOf('a')", "-1"),
        ("''.indexOf('a', 0)", "-1"),
        ("'tacocat'.lastIndexOf('')", "7"),
        ("'tacocat'.lastIndexOf('t', 7)", "-1"),
        ("'tacocat'.lastIndexOf('t', 6)", "6"),
        ("'tacocat'.lastIndexOf('t', 8)", "error: index out of range: 8"),
        ("'tacocat'.lastIndexOf('t', -1)", "error: index out of range: -1"),
        ("'ta©o©αT'.lastIndexOf('©α', 4)", "4"),
        ("'ta©o©αT'.lastIndexOf('©', 3)", "2"),
        ("'aé'.lastIndexOf('aé', 0)", "0"),
        ("'aé'.lastIndexOf('aéé')", "-1"),
    ]);
}

#[test]
fn a_limit_is_a_number_of_parts_or_of_replacements() {
    each(&[
        ("'a,b,,c'.split(',')", r#"["a", "b", "", "c"]"#),
        ("'a,b,,c'.split(',', 2)", r#"["a", "b,,c"]"#),
        ("'a,b,,c'.split(',', 1)", r#"["a,b,,c"]"#),
        ("'a,b,,c'.split(',', 0)", "[]"),
        ("'a,b,,c'.split(',', -7)", r#"["a", "b", "", "c"]"#),
        ("'é😀a'.split('')", r#"["é", "😀", "a"]"#),
        ("'é😀a'.split('', 2)", r#"["é", "😀a"]"#),
        ("''.split('')", "[]"),
        ("''.split('', 1)", "[]"),
        ("''.split(',')", r#"[""]"#),
        ("'aaaa'.replace('aa', 'b')", r#""bb""#),
        ("'aaaa'.replace('a', 'b', 2)", r#""bbaa""#),
        ("'aaaa'.replace('a', 'b', 0)", r#""aaaa""#),
        ("'aaaa'.replace('a', '', -1)", r#""""#),
        ("'é😀'.replace('', '-')", r#""-é-😀-""#),
        ("'é😀'.replace('', '-', 2)", r#""-é-😀""#),
        ("''.replace('', '-')", r#""-""#),
    ]);
}

#[test]
fn only_letters_of_ascii_have_a_case() {
    each(&[
        ("'TacoCÆt'.lowerAscii()", r#""tacocÆt""#),
        ("'tacocæt'.upperAscii()", r#""TACOCæT""#),
        (r"' \t\n\u0085\u00a0\u3000x\u180e\u200b '.trim() == 'x\u180e\u200b'", "true"),
    ]);
}

#[test]
fn what_is_joined_is_text() {
    each(&[
        ("['a', 'b', ''].join('-')", r#""a-b-""#),
        ("['a', 'b'].join()", r#""ab""#),
        ("[].join('-')", r#""""#),
        ("['a', dyn(1)].join()", "error: join: invalid input: 1"),
        ("dyn('a').join()", "error: no such overload: join(string)"),
    ]);
}

#[test]
fn quoted_text_is_a_literal_of_the_language() {
    each(&[
        (r#"strings.quote('a\a\b\f\n\r\t\v\\"\'') == r'"a\a\b\f\n\r\t\v\\\"' + "'" + '"'"#, "true"),
        (r#"strings.quote('\u0001é😀') == '"\u0001é😀"'"#, "true"),
    ]);
}

#[test]
fn text_that_would_grow_beyond_the_budget_is_not_made() {
    let exceeded = "error: the evaluation took more steps than its budget allows";
    // Each makes a thousand times more of it.
    let doubled = "cel.bind(a, 'x'.replace('', '0123456789012345678901234567890123456789'), BODY)";
    let more = "a.replace('', a).replace('', a).replace('', a)";
    assert_eq!(result(&doubled.replace("BODY", more)), exceeded);
    let joined = "lists.range(10000).map(i, 'x').join('0123456789'.replace('', '0123456789').replace('', '0123456789'))";
    assert_eq!(result(joined), exceeded);
}
