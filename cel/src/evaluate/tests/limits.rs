//! Expressions that would take too much.

use super::with;
use crate::budget::Budget;
use crate::environment::Environment;
use crate::outcome::Outcome;
use crate::parser::MAX_DEPTH;
use crate::pattern::AttributePattern;
use crate::program::Program;
use crate::static_type::StaticType;
use serde_json::json;

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
fn an_evaluation_of_unknowns_stops_at_its_budget() {
    let unknown = json!(vec![json!({"a": "?"}); 1000]);
    assert!(with(&unknown, "x.all(i, i.a)").starts_with("unknown /x/0/a /x/1/a"));
    assert!(with(&unknown, "x.all(i, x.all(j, [i.a, j.a].all(k, k)))").ends_with(EXCEEDED));
    let name = "n".repeat(90_000);
    let long = json!(vec![json!({&name: "?"}); 1000]);
    assert!(with(&long, &format!("x.all(i, i.{name})")).ends_with(EXCEEDED));
}

/// Each level would evaluate the index below it twice, to find what the pattern says and then to read.
#[test]
fn an_index_inside_an_index_is_evaluated_once_where_patterns_ask_for_it() {
    let environment = Environment::standard().with_variable("x", StaticType::Dyn);
    let steps = |depth: usize, innermost: &str| {
        let source = "x[".repeat(depth) + innermost + &"]".repeat(depth);
        let program = Program::compile(&environment, &source).unwrap();
        let input = json!({"x": {"a": "a", "b": "a"}});
        let unknown =
            [AttributePattern::variable("x").field("u"), AttributePattern::variable("x").field("v").any()];
        let mut budget = Budget::default();
        let unknown = matches!(program.evaluate_partial(&input, &unknown, &mut budget), Outcome::Unknown(_));
        assert_eq!(unknown, innermost == "x.u", "{source}");
        1_000_000 - budget.remaining()
    };
    for innermost in ["x.a", "x.u"] {
        assert!(steps(40, innermost) < 5 * steps(20, innermost), "{innermost}");
    }
}

#[test]
fn each_field_on_the_way_is_a_step() {
    let environment = Environment::standard().with_variable("x", StaticType::Dyn);
    let input = json!({"x": {"a": {"a": {"a": {"a": true}}}}});
    let steps = |source: &str| {
        let mut budget = Budget::default();
        Program::compile(&environment, source).unwrap().evaluate(&input, &mut budget);
        1_000_000 - budget.remaining()
    };
    assert_eq!(steps("x.a.a.a.a") - steps("x.a"), 3);
    assert_eq!(steps("has(x.a.a.a.z)") - steps("has(x.a.z)"), 2);
    assert_eq!(steps("x.?a.?a.?a.orValue(1)") - steps("x.?a.orValue(1)"), 2);
}

#[test]
fn a_budget_is_shared_and_exact() {
    let program =
        Program::compile(&Environment::standard().with_variable("x", StaticType::Dyn), "x + 1").unwrap();
    let input = json!({"x": 1});
    let mut budget = Budget::steps(7);
    let mut evaluate = |expected: u64| {
        let outcome = program.evaluate(&input, &mut budget);
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
            let environment = Environment::standard().with_variable("x", StaticType::Dyn);
            let Ok(program) = Program::compile(&environment, &source) else { break };
            let input = json!({"x": 1});
            deepest = match program.evaluate(&input, &mut Budget::default()) {
                Outcome::Value(value) => format!("{value:.10}"),
                other => format!("{other:?}"),
            };
        }
        assert!(!deepest.is_empty(), "{open}");
    }
}
