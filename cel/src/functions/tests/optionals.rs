use super::{each, partial};

#[test]
fn what_its_type_has_where_nothing_was_set_is_zero() {
    each(&[
        (
            "[false, 0, 0u, -0.0, '', b'', [], {}, null].all(x, !optional.ofNonZeroValue(x).hasValue())",
            "true",
        ),
        (
            "[true, -1, 1u, 0.0 / 0.0, ' ', b'a', [0], {1: 0}, int].all(x, optional.ofNonZeroValue(x).hasValue())",
            "true",
        ),
        ("optional.ofNonZeroValue(optional.none())", "optional.of(optional.none())"),
        ("optional.of(null).hasValue()", "true"),
    ]);
}

#[test]
fn the_value_of_an_optional_has_to_be_there() {
    each(&[
        ("optional.of([1]).value()", "[1]"),
        ("optional.none().value()", "error: optional.none() dereference"),
        ("dyn(1).value()", "error: no such overload: value(int)"),
        ("dyn(1).hasValue()", "error: no such overload: hasValue(int)"),
        ("optional.none().or(optional.none()).orValue(42)", "42"),
        ("optional.of(1).orValue(1 / 0)", "1"),
        (
            "optional.unwrap([optional.of(1), optional.none(), optional.of(optional.none())])",
            "[1, optional.none()]",
        ),
        ("[optional.of(1)].unwrapOpt()", "[1]"),
        ("[dyn(1)].unwrapOpt()", r#"error: got "int", expected an optional value"#),
    ]);
}

#[test]
fn an_optional_of_what_is_unknown_is_unknown() {
    let list = r#"["?", 1]"#;
    assert_eq!(partial(list, "optional.of(x[0])"), "unknown");
    assert_eq!(partial(list, "optional.none().orValue(x[0])"), "unknown");
    assert_eq!(partial(list, "x.first()"), "unknown");
    assert_eq!(partial(list, "optional.of(x[1]).or(optional.of(x[0]))"), "optional.of(1)");
}
