mod generated;
mod limits;
mod macros;
pub(crate) mod partial;
mod patterns;
mod unknowns;

use crate::budget::Budget;
use crate::environment::Environment;
use crate::error::EvaluationErrorKind;
use crate::outcome::Outcome;
use crate::program::Program;
use crate::static_type::StaticType;
use partial::Partial;
use serde_json::json;

/// What the expression comes to, where `x` is the given JSON, in which the string `?` is an unknown.
fn with(x: &serde_json::Value, source: &str) -> String {
    // What a checker would refuse has to be evaluated, too.
    let environment = Environment::standard()
        .with_variable("x", StaticType::Dyn)
        .with_variable("y", StaticType::Dyn)
        .unchecked();
    let program =
        Program::compile(&environment, source).unwrap_or_else(|errors| panic!("{source}: {errors}"));
    let input = Partial::new(&json!({"x": x}));
    match program.evaluate(&input, &mut Budget::default()) {
        Outcome::Value(value) => value.to_string(),
        Outcome::Error(error) => format!("{}: {error}", error.position),
        Outcome::Unknown(paths) => format!("unknown {}", paths.into_iter().collect::<Vec<_>>().join(" ")),
    }
}

fn result(source: &str) -> String {
    with(&json!({"a": {"b": [1, {"c": "d"}]}, "none": null}), source)
}

#[test]
fn fields_and_elements_are_read() {
    assert_eq!(result("x.a.b[1].c"), "\"d\"");
    assert_eq!(result("x['a']['b'][1u]['c']"), "\"d\"");
    assert_eq!(result("x.a.b[0.0]"), "1");
    assert_eq!(result("x.none"), "null");
    assert_eq!(result("[has(x.a), has(x.z), has(x.none)]"), "[true, false, true]");
}

#[test]
fn an_error_is_where_it_happens_in_the_words_of_cel_go() {
    assert_eq!(result("x.a.z"), "1:5: no such key: z");
    assert_eq!(result("x.a['z']"), "1:4: no such key: z");
    assert_eq!(result("x.a.b[2]"), "1:6: index out of bounds: 2");
    assert_eq!(result("x.a.b[-1]"), "1:6: index out of bounds: -1");
    assert_eq!(result("x.a.b['c']"), "1:6: no such overload: _.c(list)");
    assert_eq!(result("y"), "1:1: no such attribute: y");
    assert_eq!(result("x.a ==\n 1 / 0"), "2:4: divide by zero");
    assert_eq!(result("1 % 0"), "1:3: modulus by zero");
    assert_eq!(result("9223372036854775807 + 1"), "1:21: integer overflow");
    assert_eq!(result("-9223372036854775808 / -1"), "1:22: integer overflow");
    assert_eq!(result("0u - 1u"), "1:4: unsigned integer overflow");
    assert_eq!(result("1 + 1u"), "1:3: no such overload: _+_(int, uint)");
    assert_eq!(result("!1"), "1:1: no such overload: !_(int)");
    assert_eq!(result("1 < 'a'"), "1:3: no such overload: _<_(int, string)");
    assert_eq!(result("1 ? 2 : 3"), "1:3: no such overload: _?_:_(int)");
    assert_eq!(result("1.all(i, true)"), "1:1: got \"int\", expected iterable type");
    assert_eq!(result("{1.5: 2}"), "1:2: unsupported key type: double");
    assert_eq!(result("{1: 2, 1u: 3}"), "1:1: failed with repeated key: 1u");
    assert_eq!(result("0.0 / 0.0 < 1.0"), "1:11: NaN values cannot be ordered");
}

#[test]
fn a_variable_with_dots_is_there_or_not() {
    let environment = Environment::standard().with_variable("v.x", StaticType::Dyn);
    let program = Program::compile(&environment, "has(v.x)").unwrap();
    let has = |input: &serde_json::Value| match program.evaluate(&Partial::new(input), &mut Budget::default())
    {
        Outcome::Value(value) => value.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(has(&json!({"v.x": 1})), "true");
    assert_eq!(has(&json!({})), "false");
    assert_eq!(has(&json!({"v.x": "?"})), "Unknown({\"/v/x\"})");
    assert!(has(&json!({"v.x": "!"})).starts_with("Error"));
}

#[test]
fn a_long_key_is_cut_in_the_error() {
    let key = "k".repeat(1000);
    let error = result(&format!("x[[{key:?}][0]]"));
    assert!(
        error.starts_with("1:2: no such key: kkk") && error.ends_with("k...") && error.len() < 160,
        "{error}"
    );
}

#[test]
fn a_term_that_decides_outweighs_an_error_on_either_side() {
    assert_eq!(result("1 / 0 > 0 && false"), "false");
    assert_eq!(result("false && 1 / 0 > 0"), "false");
    assert_eq!(result("1 / 0 > 0 || true"), "true");
    assert_eq!(result("true && 1 / 0 > 0 && 1 % 0 > 0"), "1:11: divide by zero");
    assert_eq!(result("1 && true"), "1:3: no such overload: _&&_(int)");
    assert_eq!(result("[1, 0].exists(i, 1 / i > 0)"), "true");
    assert_eq!(result("[0, 1].all(i, 1 / i > 1)"), "false");
    assert_eq!(result("[0, 1].all(i, 1 / i > 0)"), "1:17: divide by zero");
}

#[test]
fn values_of_different_types_are_different_and_numbers_are_one_line() {
    assert_eq!(
        result("[1 == 'a', 1 == 1.0, 1u == 1, 2u == 1.5, null == 0]"),
        "[false, true, true, false, false]"
    );
    assert_eq!(result("[1] == [1.0] && {1: 2} == {1u: 2u}"), "true");
    assert_eq!(result("[-1 < 0u, 1.5 > 1, 18446744073709551615u > 1]"), "[true, true, true]");
    assert_eq!(result("0.0 / 0.0 == 0.0 / 0.0"), "false");
    assert_eq!(
        result("[1 in [1.0], 1 in {1u: 2}, 'a' in {1: 2}, 1.5 in {1: 2}]"),
        "[true, true, false, false]"
    );
}

#[test]
fn macros_go_over_lists_and_the_keys_of_maps() {
    assert_eq!(result("[1, 2, 3].map(i, i * i)"), "[1, 4, 9]");
    assert_eq!(result("[1, 2, 3].map(i, i > 1, i * i)"), "[4, 9]");
    assert_eq!(result("[1, 2, 3].filter(i, i > 1)"), "[2, 3]");
    assert_eq!(result("[1, 2, 3].exists_one(i, i > 2) && ![1, 2, 3].existsOne(i, i > 1)"), "true");
    assert_eq!(result("{2: 'b', 1: 'a'}.map(k, k)"), "[1, 2]");
    assert_eq!(result("x.all(k, k != 'z') && x.exists(k, x[k] == null)"), "true");
    assert_eq!(result("[1, 2].map(i, [3, 4].map(j, i * j))"), "[[3, 4], [6, 8]]");
    assert_eq!(result("[[1], [2]].map(x, x.map(x, x + 1))"), "[[2], [3]]");
}

#[test]
fn strings_bytes_and_lists_are_joined() {
    assert_eq!(result("'a' + 'b'"), "\"ab\"");
    assert_eq!(result("[1][0] == 1 ? b'a' + b'b' : b''"), "b\"ab\"");
    assert_eq!(result("(x.a.b + [5])[2] + (x.a.b + [5]).size()"), "8");
}

#[test]
fn a_name_that_is_not_declared_fails_where_it_is_reached_if_the_environment_says_so() {
    let environment = Environment::standard().unchecked();
    let outcome = |source| {
        let program = Program::compile(&environment, source).unwrap();
        match program.evaluate(&(), &mut Budget::default()) {
            Outcome::Error(error) => error.kind,
            other => panic!("{source}: {other:?}"),
        }
    };
    assert_eq!(outcome("false || nothing.here"), EvaluationErrorKind::NoSuchAttribute("nothing".to_owned()));
    assert_eq!(outcome("nothing()"), EvaluationErrorKind::NoSuchFunction("nothing".to_owned()));
}

#[test]
fn a_constant_list_is_searched_as_any_other() {
    assert_eq!(result("['b', 'c', 'a', 'd'].map(e, e in ['d', 'c', 'b', 'a']).all(e, e)"), "true");
    assert_eq!(result("'e' in ['d', 'c', 'b', 'a']"), "false");
    assert_eq!(
        result("[1u, 2.0, 2.5, 'a', null].map(e, e in [1, 2, 3u, 'a'])"),
        "[true, true, false, true, false]"
    );
    assert_eq!(result("[9007199254740992.0].map(e, e in [9007199254740993, 1, 2, 3])"), "[true]");
}
