//! The specification's own tests, from the folder `shared/conformance/cel` beside the repository.
//!
//! Tests that do not pass yet are named in `conformance-pending.txt`; one that is not named there and fails, and
//! one that is named and passes, fail this test.

#![expect(clippy::unwrap_used, reason = "a suite that cannot be read is a failed test")]

#[path = "conformance/suite.rs"]
mod suite;

use std::collections::BTreeSet;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance/cel");
const PENDING: &str = include_str!("conformance-pending.txt");

#[test]
#[ignore = "reads the suite from a folder beside the repository"]
fn exactly_the_pending_tests_of_the_specification_fail() {
    let folder = Path::new(FOLDER);
    let tests = suite::read(folder);
    let failures: Vec<_> = tests.iter().filter_map(|test| Some((test.id(), test.run().err()?))).collect();
    let failing: BTreeSet<_> = failures.iter().map(|(id, _)| id.as_str()).collect();
    let pending: BTreeSet<_> = PENDING.lines().filter(|line| !line.starts_with('#')).collect();

    let unexpected: Vec<_> = failures.iter().filter(|(id, _)| !pending.contains(id.as_str())).collect();
    let passing: Vec<_> = pending.difference(&failing).collect();
    println!("{} passed, {} pending", tests.len() - failing.len(), failing.len());
    assert!(unexpected.is_empty(), "these fail: {unexpected:#?}");
    assert!(
        passing.is_empty(),
        "these are named as pending and are not failing (or are no more there): {passing:#?}"
    );
}
