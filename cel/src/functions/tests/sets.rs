use super::{each, partial};

#[test]
fn sets_have_no_order_and_no_repetition() {
    each(&[
        ("sets.contains([1, 2, 3], [3.0, 1u, 1])", "true"),
        ("sets.contains([1], [1, 'a'])", "false"),
        ("[sets.contains([], []), sets.contains([1], []), sets.contains([], [1])]", "[true, true, false]"),
        ("sets.equivalent([1, 2, 2], [2u, 1.0])", "true"),
        ("sets.equivalent([1, 2], [1])", "false"),
        ("sets.equivalent([[1], {'a': 1}], [{'a': 1.0}, [1u], [1]])", "true"),
        (
            "[sets.intersects([1], [2, 1u]), sets.intersects([1], []), sets.intersects([], [])]",
            "[true, false, false]",
        ),
        ("sets.contains([0.0 / 0.0], [0.0 / 0.0])", "false"),
        ("sets.contains(dyn({}), [])", "error: no such overload: sets.contains(map, list)"),
    ]);
}

#[test]
fn what_is_known_outweighs_what_is_not() {
    let lists = r#"{"one": [1, "?"], "two": [2, 1], "failed": ["!", 1]}"#;
    for (source, expected) in [
        ("sets.contains(x.one, [1])", "true"),
        ("sets.contains(x.one, [1, 2])", "unknown"),
        ("sets.contains([1], x.one)", "unknown"),
        ("sets.contains([3], x.one)", "false"),
        ("sets.intersects(x.one, x.two)", "true"),
        ("sets.intersects(x.two, x.one)", "true"),
        ("sets.intersects([3], x.one)", "unknown"),
        ("sets.equivalent(x.one, x.two)", "unknown"),
        ("sets.equivalent(x.one, [2, 3])", "false"),
        ("sets.equivalent([2, 3], x.one)", "false"),
        ("sets.contains(x.failed, [1])", "error"),
    ] {
        assert_eq!(partial(lists, source), expected, "{source}");
    }
}
