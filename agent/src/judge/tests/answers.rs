//! What failed and went on is answered, if its policy blocks.

use super::*;

const TARGET: Target = Target { pid: 7, cgroup: 1, time: 3 };

fn went_on(case: Case<'_>) -> Case<'_> {
    Case { enforcement: Enforcement::WentOn, target: Some(TARGET), ..case }
}

fn blocking() -> Judge {
    judge_with(&PER_EXECUTABLE.replace("severity: High", "severity: High\n  action: Block")).enforcing(true)
}

#[test]
fn what_a_blocking_policy_fails_is_answered_each_time_and_told_once() {
    let (mut judge, mut told) = (blocking(), Told::default());
    for _ in 0..3 {
        assert!(judge.repeat(1, judge.key(0_u64), false, || at(2)).is_none(), "each is to be judged");
        run_as(&mut judge, &mut told, Origin::Upper, went_on);
    }
    assert_eq!(told.responses, [TARGET; 3]);
    assert_eq!(told.enforcements, [Enforcement::Answered(policy::Kill::Killed)]);
    judge.count(&mut told);
    assert_eq!(told.counts[0].count, 2);
}

/// A declaration may come later than the program that it explains.
#[test]
fn what_no_longer_fails_is_not_answered_though_it_did_before() {
    let (mut judge, mut told) = (blocking(), Told::default());
    run_as(&mut judge, &mut told, Origin::Upper, went_on);
    judge.declarations_changed();
    run_as(&mut judge, &mut told, Origin::Image, went_on);
    assert_eq!(told.responses.len(), 1);
}

#[test]
fn nobody_is_killed_for_what_was_stopped_or_passes_or_errs_or_has_no_target_or_does_not_block() {
    let mut told = Told::default();
    run_as(&mut blocking(), &mut told, Origin::Image, went_on);
    run_as(&mut blocking(), &mut told, Origin::Upper, |case| Case {
        enforcement: Enforcement::Stopped,
        ..went_on(case)
    });
    run_as(&mut blocking(), &mut told, Origin::Upper, |case| Case { target: None, ..went_on(case) });
    run_as(&mut blocking(), &mut told, Origin::Upper, |case| Case {
        enforcement: Enforcement::Off,
        ..went_on(case)
    });
    run_as(&mut judge_with(PER_EXECUTABLE).enforcing(true), &mut told, Origin::Upper, went_on);
    let errs = PER_EXECUTABLE
        .replace("severity: High", "severity: High\n  action: Block")
        .replace("event.executable.origin != 'Upper'", "[event.executable.origin][1] == 'x'");
    run_as(&mut judge_with(&errs).enforcing(true), &mut told, Origin::Upper, went_on);
    assert_eq!(told.responses, []);
    assert_eq!(told.verdicts, ["Pass", "Fail", "Fail", "Fail", "Fail", "Error"]);
}
