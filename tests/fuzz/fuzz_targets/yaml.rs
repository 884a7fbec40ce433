//! A text that somebody says is YAML: reading ends, and a mistake's place is in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use policy::yaml;

fuzz_target!(|text: &str| {
    for document in yaml::documents(text) {
        if let Err(error) = document {
            // YAML ends a line at a carriage return, too.
            let lines = text.split(['\n', '\r']).count();
            assert!((1..=lines + 1).contains(&error.position.line), "{error} in line {}", error.position.line);
            yaml::render("fuzz.yaml", text, error.position, &error.to_string());
        }
    }
});
