//! Expressions that would take too much.

use super::with;
use crate::budget::Budget;
use crate::environment::{Declared, Environment};
use crate::outcome::Outcome;
use crate::parser::MAX_DEPTH;
use crate::program::Program;
use proptest::prelude::*;
use serde_json::json;
use std::fmt::Write;

const EXCEEDED: &str = "the evaluation took more steps than its budget allows";

#[test]
fn an_evaluation_stops_at_its_budget() {
    let many = json!((0..1000).collect::<Vec<_>>());
    let nested = "x.all(a, x.all(b, x.all(c, a + b + c >= 0)))";
    assert!(with(&many, nested).ends_with(EXCEEDED));
    // Nothing outweighs it, and no later expression goes on.
    assert!(with(&many, &format!("{nested} || true")).ends_with(EXCEEDED));
    let doubled = "[x]".to_owned() + &".map(l, l + l)".repeat(60);
    assert!(with(&many, &doubled).ends_with(EXCEEDED));
    let text = json!("a".repeat(1000));
    let doubled = "[x]".to_owned() + &".map(s, s + s)".repeat(60);
    assert!(with(&text, &doubled).ends_with(EXCEEDED));
}

#[test]
fn a_budget_is_shared_and_exact() {
    let program =
        Program::compile(&Environment::standard().with_variable("x", Declared::Dyn), "x + 1").unwrap();
    let input = json!({"x": 1});
    let mut budget = Budget::steps(7);
    let mut evaluate = |expected: u64| {
        let outcome = program.evaluate(input.as_object().unwrap(), &mut budget);
        assert_eq!(budget.remaining(), expected);
        matches!(outcome, Outcome::Value(_))
    };
    assert!(evaluate(4) && evaluate(1) && !evaluate(0) && !evaluate(0));
    assert!(budget.is_exceeded());
}

#[test]
fn the_deepest_expressions_fit_the_stack_of_a_thread() {
    for (open, close, inner) in [
        ("(", ")", "x"),
        ("!(", ")", "true"),
        ("-(", ")", "x"),
        ("[", "]", "x"),
        ("{0: ", "}", "x"),
        ("size([", "])", "x"),
        ("x == 2 ? 0 : (", ")", "x"),
        ("x + (", ")", "x"),
        ("[0][x - 1 + (", ")]", "0"),
        ("[x].all(i, true && ", ")", "true"),
        ("[x].map(i, ", ")", "i"),
        ("has({'a': ", "}.a) || x == 1", "x"),
    ] {
        let mut deepest = String::new();
        for times in 1..MAX_DEPTH {
            let source = open.repeat(times) + inner + &close.repeat(times);
            let environment = Environment::standard().with_variable("x", Declared::Dyn);
            let Ok(program) = Program::compile(&environment, &source) else { break };
            let input = json!({"x": 1});
            deepest = match program.evaluate(input.as_object().unwrap(), &mut Budget::default()) {
                Outcome::Value(value) => format!("{value:.10}"),
                other => format!("{other:?}"),
            };
        }
        assert!(!deepest.is_empty(), "{open}");
    }
}

/// An expression of up to so many levels, over the variable `x`.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "x",
        "x.a",
        "x.list",
        "x.unknown",
        "1",
        "0",
        "-9223372036854775808",
        "2u",
        "1.5",
        "0.0",
        "'a'",
        "b'a'",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        "int",
        "x.list[0]",
        "'('",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 48, 3, |inner| {
        let form = prop::sample::select(vec![
            "(A) + (B)",
            "(A) - (B)",
            "(A) * (B)",
            "(A) / (B)",
            "(A) % (B)",
            "(A) == (B)",
            "(A) < (B)",
            "(A) in (B)",
            "(A) && (B)",
            "(A) || (B)",
            "(A) ? (B) : (C)",
            "!(A)",
            "-(A)",
            "[A, B]",
            "{A: B}",
            "(A)[B]",
            "(A).a",
            "has((A).a)",
            "size(A)",
            "int(A)",
            "uint(A)",
            "double(A)",
            "string(A)",
            "bytes(A)",
            "bool(A)",
            "type(A)",
            "(A).matches(B)",
            "(A).contains(B)",
            "(A).all(x, B)",
            "(A).exists(y, B)",
            "(A).exists_one(x, B)",
            "(A).map(x, B)",
            "(A).map(x, B, C)",
            "(A).filter(x, B)",
        ]);
        (form, inner.clone(), inner.clone(), inner).prop_map(|(form, a, b, c)| {
            let mut source = String::new();
            for part in form.chars() {
                match part {
                    'A' => source += &a,
                    'B' => source += &b,
                    'C' => source += &c,
                    other => write!(source, "{other}").unwrap(),
                }
            }
            source
        })
    })
}

proptest! {
    #[test]
    fn any_expression_comes_to_something_and_to_the_same_again(source in expression()) {
        let x = json!({"a": 1, "list": [1, "?", "a", {"a": "?"}], "unknown": "?"});
        prop_assert_eq!(with(&x, &source), with(&x, &source));
    }
}
