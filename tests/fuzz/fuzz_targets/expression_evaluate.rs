//! Any text as an expression, a zero byte, any JSON as its input: an evaluation stays within its budget, and comes to
//! the same when it is done again, and when types were checked before it.

#![no_main]

use cel::{AttributePattern, Budget, Environment, Outcome, Program, StaticType};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|text: &str| {
    let (expression, input) = text.split_once('\0').unwrap_or((text, "{}"));
    let environment = environment();
    let Ok(unchecked) = Program::compile(&environment.clone().unchecked(), expression) else { return };
    let input = input_with(serde_json::from_str(input).unwrap_or_default());
    let came = evaluate(&unchecked, &input);
    assert_eq!(came, evaluate(&unchecked, &input));
    for environment in [environment.clone(), environment.with_homogeneous_literals()] {
        let Ok(checked) = Program::compile(&environment, expression) else { continue };
        assert_eq!(came, evaluate(&checked, &input), "as {}", checked.result_type());
    }
});

/// Variables of every kind of type that a JSON input can have, one of them in a namespace.
fn environment() -> Environment {
    let map = StaticType::map(StaticType::String, StaticType::list(StaticType::Int));
    Environment::standard()
        .with_variable("object", StaticType::Dyn)
        .with_variable("hidden", StaticType::Dyn)
        .with_variable("i", StaticType::Int)
        .with_variable("s", StaticType::String)
        .with_variable("l", StaticType::list(map.clone()))
        .with_variable("m", map)
        .with_variable("a.b.c", StaticType::Double)
        .with_container("a.b")
}

/// An input that is of the declared types.
fn input_with(object: Value) -> Value {
    json!({
        "object": object,
        "hidden": {"part": 1},
        "i": -3,
        "s": "a\u{e9}b",
        "l": [{}, {"x": [1, 2]}],
        "m": {"x": [], "y": [3]},
        "a.b.c": 0.5,
    })
}

/// What came of it, and what is left of the budget.
fn evaluate(program: &Program, input: &Value) -> (String, u64) {
    let unknown = [AttributePattern::variable("hidden").field("part")];
    let mut budget = Budget::steps(20_000);
    let outcome = match program.evaluate_partial(input, &unknown, &mut budget) {
        Outcome::Value(value) => format!("{value} {:?}", value.to_json()),
        Outcome::Error(error) => format!("{} {error}", error.position),
        Outcome::Unknown(paths) => format!("{paths:?}"),
    };
    (outcome, budget.remaining())
}
