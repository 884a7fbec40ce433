//! Unknowns, by cel-go's rules.

use super::with;
use crate::budget::Budget;
use crate::environment::Environment;
use crate::input::{Input, Lookup};
use crate::outcome::Outcome;
use crate::program::Program;
use crate::static_type::StaticType;
use serde_json::json;
use std::collections::BTreeSet;

fn result(source: &str) -> String {
    let x = json!({
        "known": 1, "unknown": "?", "failed": "!", "list": [1, "?", {"a": "?", "b": 2}], "map": {"k/~": "?"},
    });
    with(&x, source)
}

#[test]
fn an_unknown_is_named_by_the_pointer_to_it() {
    assert_eq!(result("x.unknown"), "unknown /x/unknown");
    assert_eq!(result("x.unknown.further.down == 1"), "unknown /x/unknown");
    assert_eq!(result("has(x.unknown)"), "unknown /x/unknown");
    assert_eq!(result("has(x.unknown.below)"), "unknown /x/unknown");
    assert_eq!(result("x.list[x.known]"), "unknown /x/list/1");
    assert_eq!(result("x.list[2].a"), "unknown /x/list/2/a");
    assert_eq!(result("x.map['k/~']"), "unknown /x/map/k~1~0");
    assert_eq!(with(&json!("?"), "x.a.b"), "unknown /x");
}

#[test]
fn a_term_that_decides_outweighs_an_unknown_and_an_unknown_an_error() {
    assert_eq!(result("x.unknown && false"), "false");
    assert_eq!(result("false && x.unknown"), "false");
    assert_eq!(result("x.unknown || true"), "true");
    assert_eq!(result("x.unknown && true"), "unknown /x/unknown");
    assert_eq!(result("1 / 0 > 0 && x.unknown"), "unknown /x/unknown");
    assert_eq!(result("x.unknown || 1 / 0 > 0"), "unknown /x/unknown");
    assert_eq!(result("x.unknown || false || x.list[1]"), "unknown /x/list/1 /x/unknown");
}

#[test]
fn an_operand_or_an_argument_that_is_unknown_makes_the_result_unknown() {
    assert_eq!(result("x.unknown == x.list[1]"), "unknown /x/list/1 /x/unknown");
    assert_eq!(result("!x.unknown"), "unknown /x/unknown");
    assert_eq!(result("size(x.unknown)"), "unknown /x/unknown");
    assert_eq!(result("x.unknown.startsWith('a')"), "unknown /x/unknown");
    assert_eq!(result("x.unknown.matches('a')"), "unknown /x/unknown");
    assert_eq!(result("[1, x.unknown]"), "unknown /x/unknown");
    assert_eq!(result("{1: x.unknown}"), "unknown /x/unknown");
    assert_eq!(result("x.unknown ? 1 : 2"), "unknown /x/unknown");
    assert_eq!(result("x.known == 1 ? 2 : x.unknown"), "2");
}

#[test]
fn of_two_operands_the_first_that_fails_decides() {
    assert_eq!(result("x.unknown + 1 / 0"), "unknown /x/unknown");
    assert_eq!(result("1 / 0 + x.unknown"), "1:3: divide by zero");
}

#[test]
fn an_unknown_part_matters_only_where_no_known_part_decides() {
    assert_eq!(result("x.list == [1, 2]"), "false");
    assert_eq!(result("x.list == [2, 2, 2]"), "false");
    assert_eq!(result("[1, 2] == x.list.filter(i, false) + [1, 2]"), "true");
    assert_eq!(result("x.list == [1, 2, {'a': 1, 'b': 2}]"), "unknown /x/list");
    assert_eq!(result("1 in x.list"), "true");
    assert_eq!(result("5 in x.list"), "unknown /x/list");
    assert_eq!(result("'k/~' in x.map"), "unknown /x/map");
    assert_eq!(result("x.list.size()"), "3");
}

#[test]
fn macros_carry_unknowns_like_their_operators() {
    assert_eq!(result("x.list.exists(i, i == 1)"), "true");
    assert_eq!(result("x.list.exists(i, i == {'a': 1, 'b': 2})"), "unknown /x/list/1 /x/list/2");
    assert_eq!(result("x.list.all(i, i == 5)"), "false");
    assert_eq!(result("[x.list[2]].exists(i, i.a == 1)"), "unknown /x/list/2");
    assert_eq!(result("x.list.filter(i, true)"), "unknown /x/list/1");
    assert_eq!(result("x.list.map(i, 1)"), "[1, 1, 1]");
    assert_eq!(result("x.list.map(i, i)"), "unknown /x/list/1");
    assert_eq!(result("x.list.exists_one(i, i == 1)"), "unknown /x/list/1");
    assert_eq!(result("x.unknown.all(i, true)"), "unknown /x/unknown");
    assert_eq!(result("x.map.exists(k, x.map[k] == 1)"), "unknown /x/map/k~1~0");
}

#[test]
fn what_was_made_from_unknown_parts_is_named_by_what_it_was_made_from() {
    assert_eq!(result("(x.list + [3])[1]"), "unknown /x/list");
    assert_eq!(result("(x.list + [3]).exists(i, i == 5)"), "unknown /x/list");
    assert_eq!(result("[x.list].exists(l, l.exists(i, i.a == 1))"), "unknown /x/list");
}

#[test]
fn a_part_that_failed_is_an_error_that_says_so() {
    assert_eq!(result("x.failed"), "1:3: computing failed failed: divide by zero");
    assert_eq!(result("x.failed == 1 || true"), "true");
    assert_eq!(with(&json!("!"), "x.a"), "1:1: computing x failed: divide by zero");
}

#[test]
fn an_unknown_without_a_path_is_one() {
    struct Nowhere;
    impl Input for Nowhere {
        fn variable(&self, _slot: usize, _name: &str) -> Lookup<'_> {
            Lookup::from(Outcome::Unknown(BTreeSet::new()))
        }
    }
    let environment = Environment::standard().with_variable("x", StaticType::Dyn);
    for source in ["x && true", "[true].all(i, x)", "[x] == []", "x ? 1 : 2"] {
        let program = Program::compile(&environment, source).unwrap();
        assert!(
            matches!(program.evaluate(&Nowhere, &mut Budget::default()), Outcome::Unknown(_)),
            "{source}"
        );
    }
}

#[test]
fn an_index_that_fails_outweighs_an_unknown_that_it_would_be_looked_up_in() {
    assert_eq!(result("x.unknown[1 / 0]"), "1:13: divide by zero");
    assert_eq!(result("x.unknown[dyn(b'a')]"), "1:10: unsupported key type: bytes");
    assert_eq!(result("x.unknown[x.list[1]]"), "unknown /x/list/1 /x/unknown");
    assert_eq!(result("x.map[x.unknown]"), "unknown /x/unknown");
}
