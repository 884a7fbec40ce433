//! Any JSON as an OpenAPI schema, a zero byte, any text as an expression over an object of it: reading the schema and
//! checking against it end, and whatever was found has a name.

#![no_main]

use cel::{Environment, Program, StaticType};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (schema, expression) = text.split_once('\0').unwrap_or((text, "object"));
    let Ok(schema) = serde_json::from_str(schema) else { return };
    let declared = match StaticType::from_schema(&schema) {
        Ok(declared) => declared,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert!(!declared.to_string().is_empty());
    let environment = Environment::standard().with_variable("object", declared);
    match Program::compile(&environment, expression) {
        Ok(program) => assert!(!program.result_type().to_string().is_empty()),
        Err(errors) => assert!(!errors.render(expression).is_empty()),
    }
});
