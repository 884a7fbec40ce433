use anyhow::anyhow;

use super::*;

#[test]
fn a_failing_stage_does_not_stop_the_next_and_fails_the_whole() {
    let mut report = Report::default();
    report.stage("first", || Err(anyhow!("no good\nmore of it")));
    report.stage("second", || check(Ok(())));
    report.stage("third", || Ok(Outcome::Skipped("not root".to_owned())));
    report.stage("fourth", || Ok(Outcome::Ran(Tally { passed: 7, failed: 0, skipped: 2 })));

    assert_eq!(report.tally(), Tally { passed: 8, failed: 1, skipped: 3 });
    assert!(!report.finish());

    let summary = report.summary();
    let lines: Vec<_> = summary.lines().collect();
    assert!(lines[0].starts_with("first ") && lines[0].ends_with("FAILED   no good"), "{summary}");
    assert!(lines[1].ends_with("ok"), "{summary}");
    assert!(lines[2].ends_with("skipped  not root"), "{summary}");
    assert!(lines[3].ends_with("ok       2 skipped, see above"), "{summary}");
}

#[test]
fn failed_tests_of_a_stage_that_ran_fail_the_whole() {
    let mut report = Report::default();
    report.stage("unit", || Ok(Outcome::Ran(Tally { passed: 7, failed: 1, skipped: 0 })));
    assert!(!report.finish());
}

#[test]
fn what_another_stage_runs_is_not_counted_as_skipped() {
    let ran = Outcome::Ran(Tally { passed: 3, failed: 1, skipped: 2 }).without_skipped();
    assert!(matches!(ran, Outcome::Ran(Tally { passed: 3, failed: 1, skipped: 0 })), "{ran:?}");
}
