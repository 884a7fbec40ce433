use super::{each, partial};

#[test]
fn a_part_of_a_list_has_to_be_there() {
    each(&[
        ("[1, 2, 3, 4].slice(1, 3)", "[2, 3]"),
        ("[1].slice(1, 1)", "[]"),
        ("[1].slice(-1, 1)", "error: cannot slice(-1, 1), list is length 1"),
        ("[1].slice(1, 0)", "error: cannot slice(1, 0), list is length 1"),
        ("[1].slice(0, 2)", "error: cannot slice(0, 2), list is length 1"),
        (
            "[[1, 2].first(), [1, 2].last(), [].first(), [].last()]",
            "[optional.of(1), optional.of(2), optional.none(), optional.none()]",
        ),
        ("[[1, [2]].reverse(), [].reverse()]", "[[[2], 1], []]"),
    ]);
}

#[test]
fn a_list_is_flattened_as_many_levels_as_are_asked_for() {
    each(&[
        ("[[1, [2]], [], [[3, [4]]]].flatten()", "[1, [2], [3, [4]]]"),
        ("[1, [2, [3, [4]]]].flatten(2)", "[1, 2, 3, [4]]"),
        ("[1, [2, [3, [4]]]].flatten(9223372036854775807)", "[1, 2, 3, 4]"),
        ("[1, [2]].flatten(0)", "[1, [2]]"),
        ("[].flatten(-1)", "error: level must be non-negative"),
        ("{1: 2}.flatten()", "error: no such overload: flatten(map)"),
    ]);
}

#[test]
fn a_range_has_a_size_that_can_be_made() {
    each(&[
        ("[lists.range(4), lists.range(0)]", "[[0, 1, 2, 3], []]"),
        ("lists.range(-1)", "error: lists.range: size -1 is negative or exceeds the maximum allowed"),
        (
            "lists.range(1000001)",
            "error: lists.range: size 1000001 is negative or exceeds the maximum allowed",
        ),
        ("lists.range(1000000).size()", "error: the evaluation took more steps than its budget allows"),
    ]);
}

#[test]
fn only_values_of_one_type_that_has_an_order_are_sorted() {
    each(&[
        ("[3, 1, 2].sort()", "[1, 2, 3]"),
        ("['b', 'é', 'a', ''].sort()", r#"["", "a", "b", "é"]"#),
        ("[b'b', b'', b'a'].sort()", r#"[b"", b"a", b"b"]"#),
        ("[true, false].sort()", "[false, true]"),
        ("[1, 1u].sort()", "error: list elements must have the same type"),
        ("[[1]].sort()", "error: list elements must be comparable"),
        ("[].sort()", "[]"),
        ("[2.0, 0.0 / 0.0, 1.0].sort()", "[2.0, NaN, 1.0]"),
        ("(lists.range(20).map(i, 20.0 - double(i)) + [0.0 / 0.0]).sort().slice(0, 3)", "[NaN, 1.0, 2.0]"),
        ("lists.range(20).sortBy(i, -(i / 4)).slice(0, 5)", "[16, 17, 18, 19, 12]"),
        ("[1, 2].sortBy(x, x == 1 ? dyn('a') : dyn(1))", "error: list elements must have the same type"),
    ]);
}

#[test]
fn elements_are_the_same_where_the_language_says_that_they_are_equal() {
    each(&[
        ("[1, 1u, 1.0, 2, true, '1', b'1', null, null].distinct()", r#"[1, 2, true, "1", b"1", null]"#),
        ("[-0.0, 0.0, 0].distinct()", "[-0.0]"),
        ("[0.0 / 0.0, 0.0 / 0.0].distinct()", "[NaN, NaN]"),
        (
            "[9007199254740993, 9007199254740992.0, 9007199254740992].distinct()",
            "[9007199254740993, 9007199254740992]",
        ),
        ("[[1], [1.0], {'a': 1}, {'a': 1u}, [2], {'b': 1}].distinct()", r#"[[1], {"a": 1}, [2], {"b": 1}]"#),
        ("[].distinct()", "[]"),
    ]);
}

#[test]
fn a_list_with_an_unknown_element_is_made_into_another_only_where_that_is_not_needed() {
    let list = r#"{"list": [1, "?", [2, "?"]], "failed": ["!"]}"#;
    for (source, expected) in [
        ("x.list.first()", "optional.of(1)"),
        ("x.list.slice(0, 1)", "[1]"),
        ("x.list.slice(0, 2)", "unknown"),
        ("x.list.reverse()", "unknown"),
        ("x.list.flatten()", "unknown"),
        ("x.list.distinct()", "unknown"),
        ("x.list.sort()", "unknown"),
        ("x.failed.last()", "error"),
        ("x.failed.sort()", "error"),
    ] {
        assert_eq!(partial(list, source), expected, "{source}");
    }
}

#[test]
fn many_different_elements_are_told_apart_within_the_budget() {
    each(&[
        ("lists.range(10000).distinct().size()", "10000"),
        ("sets.equivalent(lists.range(10000), lists.range(10000).reverse())", "true"),
        // Nothing is known of what a list holds before it is compared, so that this takes a hundred million steps.
        (
            "lists.range(10000).map(i, [i]).distinct().size()",
            "error: the evaluation took more steps than its budget allows",
        ),
    ]);
}
