//! Any text as an expression over variables of every type: checking it ends, and its type has a name.

#![no_main]

use cel::{Environment, Program, StaticType};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let map = StaticType::map(StaticType::String, StaticType::list(StaticType::Int));
    let environment = Environment::standard()
        .with_variable("object", StaticType::Dyn)
        .with_variable("i", StaticType::Int)
        .with_variable("s", StaticType::String)
        .with_variable("l", StaticType::list(map.clone()))
        .with_variable("m", map)
        .with_variable("t", StaticType::Timestamp)
        .with_variable("o", StaticType::optional(StaticType::Double));
    match Program::compile(&environment, text) {
        Ok(program) => assert!(!program.result_type().to_string().is_empty()),
        Err(errors) => {
            for error in errors.iter() {
                assert!(!error.position.caret(text).is_empty());
            }
        }
    }
});
