//! Patterns and texts that would cost too much.

use super::regex;
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::regex::{ErrorKind, MACHINE_LIMIT, Regex};

fn refused(pattern: &str) -> ErrorKind {
    Regex::new(pattern, MACHINE_LIMIT).expect_err("it is too much").kind
}

fn nested(depth: usize, open: &str, close: &str) -> String {
    format!("{}a{}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn a_pattern_may_be_as_deep_as_in_go() {
    assert!(regex(&nested(999, "(", ")")).is_match("a", &mut Budget::default()).unwrap());
    assert_eq!(refused(&nested(1000, "(", ")")), ErrorKind::TooDeep(1000));
    // What is only there to group has no depth.
    assert!(regex(&nested(50_000, "(?:", ")")).is_match("a", &mut Budget::default()).unwrap());
    let starred = regex(&nested(499, "(?:b|(?:", ")*)"));
    assert!(starred.is_match("a", &mut Budget::steps(u64::MAX)).unwrap());
    assert_eq!(refused(&nested(50_000, "(?:b|(?:", ")*)")), ErrorKind::TooDeep(1000));
}

#[test]
fn a_machine_that_is_too_large_is_refused() {
    assert_eq!(refused(r"(?:\pL{500}){2}"), ErrorKind::TooLarge(MACHINE_LIMIT));
    assert_eq!(refused(&r"\pL".repeat(30_000)), ErrorKind::TooLarge(MACHINE_LIMIT));
    assert_eq!(refused(&format!("({}){{1000}}", "a".repeat(10_000))), ErrorKind::TooLarge(MACHINE_LIMIT));
    regex(r"^[\pL\pN]{1,63}$");
    regex(".{1000}");
}

#[test]
fn an_evaluation_pays_for_what_it_prepares() {
    let steps = |pattern: &str| {
        let mut budget = Budget::steps(u64::MAX);
        let _ = Regex::charged(pattern, &mut budget);
        u64::MAX - budget.remaining()
    };
    assert!((500..1_000).contains(&steps("^[a-z]+$")));
    // Also for what was read before it turned out to be wrong or too much.
    assert!(steps(r"\pL\pL\pL(") > 3 * steps("(") + 3_000);
    assert!(steps(&r"\pL".repeat(30_000)) > 1_000_000);
}

#[test]
fn a_search_is_linear_and_paid_for_by_the_size_of_the_pattern() {
    let text = "ab".repeat(50_000);
    let steps = |pattern: &str| {
        let mut budget = Budget::steps(u64::MAX);
        assert!(!regex(pattern).is_match(&text, &mut budget).unwrap(), "{pattern}");
        u64::MAX - budget.remaining()
    };
    assert_eq!(steps("c"), 10_000);
    assert!(steps("(?:a|b)*a(?:a|b){20}c") >= 20_000);
    let mut budget = Budget::steps(100_000);
    let exceeded = regex("(?:a|b){500}c").is_match(&text, &mut budget);
    assert_eq!(exceeded, Err(EvaluationErrorKind::BudgetExceeded));
}

#[test]
fn a_search_for_all_matches_stops_at_the_budget() {
    // Each search goes to the end, in vain, for the first alternative.
    let text = "a".repeat(100_000);
    let regex = regex("a[^b]*b|a");
    let mut matches = regex.matches(&text);
    let mut budget = Budget::default();
    let exceeded = loop {
        match matches.next(&mut budget) {
            Ok(found) => assert!(found.is_some(), "there are more matches"),
            Err(error) => break error,
        }
    };
    assert_eq!(exceeded, EvaluationErrorKind::BudgetExceeded);
    // Empty matches inside characters are many, and none of them counts.
    let inside = super::regex(r"[^é]|\Bx").is_match(&"é".repeat(100_000), &mut Budget::default());
    assert_eq!(inside, Ok(false));
}
