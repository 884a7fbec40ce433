//! A file of policies: compiling ends, and every mistake can be printed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use policy::PolicySet;
use policy::set::Source;

fuzz_target!(|text: &str| {
    let (policies, errors) =
        PolicySet::compile(&[Source { file: "fuzz.yaml".to_owned(), text: text.to_owned() }]);
    for error in &errors {
        assert!(!error.to_string().is_empty());
    }
    assert!(policies.policies().all(|policy| !policy.name().is_empty()));
});
