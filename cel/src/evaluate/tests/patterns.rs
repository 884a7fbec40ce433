//! Patterns of what is unknown, as cel-go matches them.

use crate::budget::Budget;
use crate::environment::Environment;
use crate::outcome::Outcome;
use crate::pattern::AttributePattern;
use crate::program::Program;
use crate::static_type::StaticType;
use crate::value::Key;
use serde_json::json;

fn result(unknown: &[AttributePattern], source: &str) -> String {
    let environment = Environment::standard().with_variable("x", StaticType::Dyn);
    let program = Program::compile(&environment, source).unwrap();
    let input = json!({"x": {"a": {"b": 1}, "list": [1, 2], "name": "a"}});
    match program.evaluate_partial(&input, unknown, &mut Budget::default()) {
        Outcome::Value(value) => value.to_string(),
        Outcome::Error(error) => error.to_string(),
        Outcome::Unknown(paths) => format!("unknown {}", paths.into_iter().collect::<Vec<_>>().join(" ")),
    }
}

#[test]
fn what_a_pattern_names_and_all_below_it_is_unknown() {
    let unknown = [AttributePattern::variable("x").field("a")];
    assert_eq!(result(&unknown, "x.a"), "unknown /x/a");
    assert_eq!(result(&unknown, "x.a.b"), "unknown /x/a");
    assert_eq!(result(&unknown, "x[x.name].b"), "unknown /x/a");
    assert_eq!(result(&unknown, "x.list[0]"), "1");
    assert_eq!(result(&unknown, "has(x.a)"), "unknown /x/a");
    assert_eq!(result(&unknown, "has(x.z)"), "false");
}

#[test]
fn all_of_what_has_an_unknown_part_is_unknown() {
    let unknown = [AttributePattern::variable("x").field("a").field("b")];
    assert_eq!(result(&unknown, "x"), "unknown /x");
    assert_eq!(result(&unknown, "x.a == {'b': 1}"), "unknown /x/a");
    assert_eq!(result(&unknown, "x.a.c"), "no such key: c");
    assert_eq!(result(&unknown, "has(x.a.b)"), "unknown /x/a/b");
    assert_eq!(result(&unknown, "x.exists(k, k == 'a')"), "unknown /x");
}

#[test]
fn an_element_is_named_by_its_index_in_whatever_type_or_every_one_is() {
    let second = [AttributePattern::variable("x").field("list").key(Key::Int(1))];
    assert_eq!(result(&second, "x.list[0]"), "1");
    assert_eq!(result(&second, "x.list[1u]"), "unknown /x/list/1");
    let every = [AttributePattern::variable("x").field("list").any()];
    assert_eq!(result(&every, "x.list[0] + x.list[1]"), "unknown /x/list/0 /x/list/1");
    assert_eq!(result(&every, "x.list.size()"), "unknown /x/list");
}

#[test]
fn a_macros_variable_is_no_variable_of_the_input() {
    let unknown = [AttributePattern::variable("x")];
    assert_eq!(result(&unknown, "[1].all(x, x == 1)"), "true");
    assert_eq!(result(&unknown, "x.name == 'a' || true"), "true");
}

#[test]
fn of_a_choice_only_what_is_selected_from_it_is_read() {
    let unknown = [AttributePattern::variable("x").field("a").field("b")];
    assert_eq!(result(&unknown, "(x.name == 'a' ? x.a : x).c"), "no such key: c");
    assert_eq!(result(&unknown, "(x.name == 'a' ? x.a : x)[x.name]"), "unknown /x/a");
    assert_eq!(result(&unknown, "(true ? (x.name == 'a' ? x : 1) : 2).list[1]"), "2");
}
