//! Macros with two variables, names that are bound, optional values.

use super::{result, with};
use crate::budget::Budget;
use crate::environment::Environment;
use crate::input::{Input, Lookup};
use crate::outcome::Outcome;
use crate::program::Program;
use crate::static_type::StaticType;
use crate::value::{Key, Optional, Value};
use serde_json::json;

#[test]
fn two_variables_are_the_index_and_the_element_or_the_key_and_the_value() {
    assert_eq!(result("['a', 'b'].all(i, v, v == ['a', 'b'][i])"), "true");
    assert_eq!(result("{'a': 1, 'b': 2}.exists(k, v, k == 'b' && v == 2)"), "true");
    assert_eq!(result("[3, 4].existsOne(i, v, v - i == 3)"), "false");
    assert_eq!(result("[1, 2].transformList(i, v, i * 10 + v)"), "[1, 12]");
    assert_eq!(result("{'a': 1, 'b': 2}.transformList(k, v, v > 1, k)"), "[\"b\"]");
    assert_eq!(result("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 2)"), "{\"b\": 4}");
    assert_eq!(result("[7].transformMap(i, v, v)"), "{0: 7}");
    assert_eq!(result("{'a': 1}.transformMapEntry(k, v, {v: k})"), "{1: \"a\"}");
    assert_eq!(result("[1, 1].transformMapEntry(i, v, {v: i})"), "1:8: failed with repeated key: 1");
}

#[test]
fn the_macros_inside_another_see_its_variables() {
    assert_eq!(result("[1, 2].all(i, v, [3].exists(j, w, w + j >= v + i && v > i))"), "true");
    assert_eq!(result("[[1, 2], [3]].transformList(i, l, l.map(x, x + i))"), "[[1, 2], [4]]");
    assert_eq!(result("cel.bind(a, 1, cel.bind(b, a + 1, [a, b].map(c, a + b + c)))"), "[4, 5]");
}

#[test]
fn a_bound_failure_counts_only_where_it_is_needed() {
    assert_eq!(result("cel.bind(a, 1 / 0, true)"), "true");
    assert_eq!(result("cel.bind(a, 1 / 0, a > 0)"), "1:15: divide by zero");
    assert_eq!(with(&json!({"a": "?"}), "cel.bind(v, x.a, v.b)"), "unknown /x/a");
}

#[test]
fn a_variable_that_holds_an_unknown_is_named_by_where_it_is() {
    let x = json!({"list": [1, "?"], "map": {"k": "?"}});
    assert_eq!(with(&x, "x.list.transformList(i, v, v)"), "unknown /x/list/1");
    assert_eq!(with(&x, "x.map.exists(k, v, v == 1)"), "unknown /x/map/k");
    assert_eq!(with(&x, "x.list.exists(i, v, i == 1)"), "true");
}

#[test]
fn a_list_is_sorted_by_what_is_made_of_its_elements() {
    assert_eq!(result("[3, 1, 2].sortBy(e, -e)"), "[3, 2, 1]");
    assert_eq!(result("['bb', 'a', 'cc'].sortBy(e, e.size())"), "[\"a\", \"bb\", \"cc\"]");
    assert_eq!(result("[dyn(1), 'a'].sortBy(e, e)"), "1:15: list elements must have the same type");
    assert_eq!(result("[[1], [2]].sortBy(e, e)"), "1:12: list elements must be comparable");
}

#[test]
fn an_optional_step_makes_what_follows_optional() {
    assert_eq!(result("x.?a.b[0]"), "optional.of(1)");
    assert_eq!(result("x.?z.b[0]"), "optional.none()");
    assert_eq!(result("x.a.?z.b"), "optional.none()");
    assert_eq!(result("x.a.b[?7]"), "optional.none()");
    assert_eq!(result("x.?none"), "optional.of(null)");
    assert_eq!(result("x.a.b[?x.z]"), "1:10: no such key: z");
    assert_eq!(result("[has(x.?z.b), has(x.?a.b)]"), "[false, true]");
    assert_eq!(result("x.?z.orValue(5)"), "5");
    assert_eq!(result("x.?z.or(x.?none).orValue(5)"), "null");
    assert_eq!(result("x.?a.or(optional.of(1 / 0)).hasValue()"), "true");
}

#[test]
fn an_optional_is_read_alike_wherever_it_comes_from() {
    struct Optionals;
    impl Input for Optionals {
        fn variable(&self, slot: usize, _name: &str) -> Lookup<'_> {
            let map = || Value::map(vec![(Key::String("f".to_owned().into()), Value::Int(1))]).unwrap();
            Lookup::Found(Value::Optional(if slot == 0 { Optional::of(map()) } else { Optional::NONE }))
        }
    }
    let environment = Environment::standard()
        .with_variable("some", StaticType::Dyn)
        .with_variable("none", StaticType::Dyn)
        .unchecked();
    let come_to = |source: &str| {
        let program =
            Program::compile(&environment, source).unwrap_or_else(|errors| panic!("{source}: {errors}"));
        match program.evaluate(&Optionals, &mut Budget::default()) {
            Outcome::Value(value) => value.to_string(),
            other => format!("{other:?}"),
        }
    };
    for (expression, of_some, of_none) in [
        ("has(O.f)", "true", "false"),
        ("has(O.z)", "false", "false"),
        ("O.f", "optional.of(1)", "optional.none()"),
        ("O.z", "optional.none()", "optional.none()"),
        ("O['f']", "optional.of(1)", "optional.none()"),
        ("O.?f.orValue(2)", "1", "2"),
        ("O.hasValue()", "true", "false"),
        ("O", "optional.of({\"f\": 1})", "optional.none()"),
    ] {
        let expected = |optional| if optional == "some" { of_some } else { of_none };
        for optional in ["some", "none"] {
            let replaced = expression.replace('O', optional);
            assert_eq!(come_to(&replaced), expected(optional), "{replaced}");
            let bound = format!("cel.bind(o, {optional}, {})", expression.replace('O', "o"));
            assert_eq!(come_to(&bound), expected(optional), "{bound}");
            let made = expression.replace('O', &format!("(true ? {optional} : 1)"));
            assert_eq!(come_to(&made), expected(optional), "{made}");
            let element = format!("[{optional}].map(o, {})[0]", expression.replace('O', "o"));
            assert_eq!(come_to(&element), expected(optional), "{element}");
        }
    }
}

#[test]
fn an_optional_element_is_there_only_if_it_has_a_value() {
    assert_eq!(result("[?x.?z, 1, ?x.?none]"), "[1, null]");
    assert_eq!(result("{?'a': x.?z, 'b': 2}"), "{\"b\": 2}");
    assert_eq!(result("[?dyn(1)]"), "1:3: got \"int\", expected an optional value");
}

#[test]
fn a_value_that_may_be_missing_is_mapped() {
    assert_eq!(result("x.?a.optMap(v, v.b.size())"), "optional.of(2)");
    assert_eq!(result("x.?z.optMap(v, 1 / 0)"), "optional.none()");
    assert_eq!(result("x.?a.optFlatMap(v, v.?z)"), "optional.none()");
}
