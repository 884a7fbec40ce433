//! Any text as an expression: reading it ends, and what is wrong has a place in it.

#![no_main]

use cel::{Environment, Program};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // Nothing is declared and nothing checked, so that only what is no expression at all is refused.
    if let Err(errors) = Program::compile(&Environment::standard().unchecked(), text) {
        for error in errors.iter() {
            assert!(error.position.offset <= text.len());
            assert!(!error.position.caret(text).is_empty());
        }
    }
});
