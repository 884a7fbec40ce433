//! Any text as an expression, a zero byte, any JSON as its input: an evaluation stays within its budget, and comes to
//! the same when it is done again.

#![no_main]

use cel::{AttributePattern, Budget, Environment, Outcome, Program, StaticType};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (expression, input) = text.split_once('\0').unwrap_or((text, "{}"));
    let environment = Environment::standard()
        .with_variable("object", StaticType::Dyn)
        .with_variable("hidden", StaticType::Dyn)
        .unchecked();
    let Ok(program) = Program::compile(&environment, expression) else { return };
    let input: serde_json::Value = serde_json::from_str(input).unwrap_or_default();
    let input = serde_json::json!({"object": input, "hidden": {"part": 1}});
    let unknown = [AttributePattern::variable("hidden").field("part")];
    let evaluate = || {
        let mut budget = Budget::steps(20_000);
        let outcome = match program.evaluate_partial(&input, &unknown, &mut budget) {
            Outcome::Value(value) => format!("{value} {:?}", value.to_json()),
            Outcome::Error(error) => format!("{} {error}", error.position),
            Outcome::Unknown(paths) => format!("{paths:?}"),
        };
        (outcome, budget.remaining())
    };
    assert_eq!(evaluate(), evaluate());
});
