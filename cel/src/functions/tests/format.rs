use super::{each, partial};

#[test]
fn a_clause_stands_for_the_next_value() {
    each(&[
        ("'%s and %d%%'.format(['é', 5])", r#""é and 5%""#),
        ("'%%%s%%'.format(['a'])", r#""%a%""#),
        // What is not asked for is not looked at.
        ("'%s'.format([1, optional.none()])", r#""1""#),
        ("'%s %s'.format([1])", "error: index 1 out of range"),
        ("'%d'.format([])", "error: index 0 out of range"),
        ("'%'.format([1])", "error: could not parse formatting clause: unexpected end of string"),
        ("'%a'.format([1])", "error: could not parse formatting clause: unrecognized formatting clause 'a'"),
        ("'%©'.format([1])", "error: could not parse formatting clause: unrecognized formatting clause '©'"),
        (
            "'%.3%'.format([1])",
            "error: could not parse formatting clause: unrecognized formatting clause '%'",
        ),
        ("'%s'.format(dyn({}))", "error: no such overload: format(string, map)"),
    ]);
}

#[test]
fn a_precision_is_a_number_of_digits_behind_the_point() {
    each(&[
        ("'%f %.0f %.1f %.007f'.format([2.71828, 2.5, 0.25, 1u])", r#""2.718280 2 0.2 1.0000000""#),
        (
            "'%e %.0e %.2e %.1e'.format([1052.032911275, 25, 1e-300, -3.14])",
            r#""1.052033e+03 2e+01 1.00e-300 -3.1e+00""#,
        ),
        ("'%.3d %.3s %.3x'.format([7, 7.5, 7])", r#""7 7.5 7""#),
        ("'%.100f'.format([1]).size()", "102"),
        (
            "'%.101f'.format([1])",
            r#"error: could not parse formatting clause: the precision "101" is no number up to 100"#,
        ),
        (
            "'%.f'.format([1])",
            r#"error: could not parse formatting clause: the precision "" is no number up to 100"#,
        ),
        (
            "'%.99999999999999999999f'.format([1])",
            r#"error: could not parse formatting clause: the precision "99999999999999999999" is no number up to 100"#,
        ),
        ("'%.5'.format([1])", "error: could not parse formatting clause: unexpected end of string"),
    ]);
}

#[test]
fn numbers_are_written_in_the_base_that_is_asked_for() {
    each(&[
        (
            "'%d %d %d %d'.format([-9223372036854775808, 18446744073709551615u, 1e21, 0.1])",
            r#""-9223372036854775808 18446744073709551615 1000000000000000000000 0.1""#,
        ),
        ("'%b %b %b %b'.format([5, -5, true, 5u])", r#""101 -101 1 101""#),
        ("'%o %x %X %x'.format([-11, 30, -30, -9223372036854775808])", r#""-13 1e -1E -8000000000000000""#),
        (r"'%x %X'.format(['é', b'\xff\x0a'])", r#""c3a9 FF0A""#),
        (
            "'%d %f %e %s'.format([0.0 / 0.0, 1.0 / 0.0, -1.0 / 0.0, 0.0 / 0.0])",
            r#""NaN Infinity -Infinity NaN""#,
        ),
        ("'%d %f %e'.format([-0.0, -0.0, -0.0])", r#""-0 -0.000000 -0.000000e+00""#),
        (
            "'%d'.format(['a'])",
            "error: error during formatting: %d takes int, uint or double, was given string",
        ),
        (
            "'%x'.format([1.5])",
            "error: error during formatting: %x takes int, uint, bytes or string, was given double",
        ),
        (
            "'%b'.format([null])",
            "error: error during formatting: %b takes int, uint or bool, was given null_type",
        ),
        ("'%o'.format([true])", "error: error during formatting: %o takes int or uint, was given bool"),
    ]);
}

#[test]
fn a_value_is_written_without_quotes_and_a_map_in_the_order_of_its_keys() {
    each(&[
        (
            "'%s'.format([[1, 2u, 1e6, 'a', b'b', null, true, type(1), type(type(1)), [], {}]])",
            r#""[1, 2, 1000000, a, b, null, true, int, type, [], {}]""#,
        ),
        (
            "'%s'.format([{10: 'a', 9u: 'b', true: 'c', 'a': 'd', 'B': [{'z': 1, 'y': 2}]}])",
            r#""{10: a, 9: b, B: [{y: 2, z: 1}], a: d, true: c}""#,
        ),
        (
            "'%s %s'.format([timestamp('2023-02-03T23:31:20.50+01:00'), duration('-1h0.000000001s')])",
            r#""2023-02-03T22:31:20.5Z -3600.000000001s""#,
        ),
        ("'%s'.format([duration('9223372036.854775807s')])", r#""9223372036.854776s""#),
        // However long, what is no text is one mark.
        (r"'%s'.format([b'a\xff\xfeb\xff']) == 'a\ufffd\ufffdb\ufffd'", "true"),
        (r"'%s'.format([b'\xe2\x82\xffé']) == '\ufffd\ufffd\ufffdé'", "true"),
        (
            "'%s'.format([optional.of(1)])",
            "error: error during formatting: %s takes a value that has a form as text, was given optional_type",
        ),
        (
            "'%s'.format([[{1: optional.none()}]])",
            "error: error during formatting: %s takes a value that has a form as text, was given optional_type",
        ),
    ]);
}

#[test]
fn what_is_unknown_is_needed_only_where_it_is_written() {
    let list = r#"[1, "?", {"a": "?"}]"#;
    assert_eq!(partial(list, "'%s'.format(x)"), r#""1""#);
    assert_eq!(partial(list, "'%s%s'.format(x)"), "unknown");
    assert_eq!(partial(list, "'%s'.format([x[2]])"), "unknown");
}
