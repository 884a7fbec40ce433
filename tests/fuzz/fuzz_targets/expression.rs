//! An expression: compiling ends, and what compiles is evaluated within its budget.

#![no_main]

use cel::{Budget, Environment, Program, StaticType};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let environment = Environment::standard().with_variable("object", StaticType::Dyn);
    match Program::compile(&environment, text) {
        Ok(program) => drop(program.evaluate(&(), &mut Budget::steps(10_000))),
        Err(errors) => {
            for error in errors.iter() {
                assert!(!error.position.caret(text).is_empty());
            }
        }
    }
});
