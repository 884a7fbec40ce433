use super::*;
use crate::set::Source;

fn policies(spec: &str) -> PolicySet {
    let text = format!(
        "apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {{name: p}}\nspec:\n  title: t\n  match: {{events: {{kinds: [Exec]}}}}\n  validations: [{{expression: 'true'}}]\n{spec}"
    );
    let (policies, errors) = PolicySet::compile(&[Source { file: "p.yaml".to_owned(), text }]);
    assert!(errors.is_empty(), "{errors:?}");
    policies
}

fn judged(verdict: Verdict) -> Judgement {
    Judgement {
        policy: "p".into(),
        policy_digest: Digest::of(b""),
        validation: Some("0".into()),
        input_digest: None,
        verdict,
        message: None,
        paths: Arc::default(),
    }
}

fn decided(
    spec: &str,
    verdict: Verdict,
    point: Point,
    enforcement: Enforcement,
) -> (Action, bool, Option<BecauseOf>) {
    let policies = policies(spec);
    let now = Timestamp::from_unix_nanos(7);
    let context = Context { policies: &policies, point, now, cluster: None, node: None, enforcement };
    let decision = decide(judged(verdict), &context);
    assert_eq!((decision.time, decision.policy_set_digest), (now, policies.digest()));
    (decision.action, decision.would_block, decision.because_of)
}

#[test]
fn the_action_follows_from_ceiling_point_and_enforcement() {
    use Action::{Audit, Block, Warn};
    use Enforcement::{Off, Stopped, WentOn};
    let (held, late) = (Some(BecauseOf::NotEnforcing), Some(BecauseOf::AfterTheFact));
    let table = [
        ("  severity: Critical\n", Point::Runtime, Stopped, (Audit, false, None)),
        ("  severity: Critical\n", Point::Runtime, Off, (Audit, false, None)),
        ("  severity: Critical\n", Point::Admission, Off, (Audit, false, None)),
        ("  severity: High\n", Point::PullRequest, Off, (Block, true, None)),
        ("  severity: Critical\n", Point::Build, Off, (Block, true, None)),
        ("  severity: Medium\n", Point::Build, Off, (Warn, false, None)),
        ("  severity: Low\n  action: Block\n", Point::Runtime, Stopped, (Block, true, None)),
        ("  severity: Low\n  action: Block\n", Point::Runtime, Off, (Audit, true, held)),
        ("  severity: Low\n  action: Block\n", Point::Runtime, WentOn, (Audit, true, late)),
        ("  severity: Low\n  action: Block\n", Point::Admission, WentOn, (Block, true, None)),
        ("  severity: Low\n  action: Warn\n", Point::Runtime, Off, (Audit, false, held)),
        ("  severity: Low\n  action: Warn\n", Point::Runtime, WentOn, (Warn, false, None)),
        ("  severity: Low\n  action: Block\n", Point::Admission, Off, (Block, true, None)),
        ("  severity: Critical\n  action: Audit\n", Point::Build, Off, (Audit, false, None)),
        ("  severity: Critical\n  action: Block\n", Point::Scan, Stopped, (Audit, false, None)),
    ];
    for (spec, point, enforcement, expected) in table {
        assert_eq!(
            decided(spec, Verdict::Fail, point, enforcement),
            expected,
            "{spec} at {point:?}, {enforcement:?}"
        );
    }
}

#[test]
fn passes_and_unknowns_call_for_nothing() {
    let spec = "  severity: Critical\n  action: Block\n";
    let unknown = Verdict::Unknown { unknown_paths: ["/pod".to_owned()].into() };
    for verdict in [Verdict::Pass, unknown] {
        assert_eq!(decided(spec, verdict, Point::Runtime, Enforcement::Stopped), (Action::None, false, None));
    }
}

#[test]
fn an_error_is_a_failure_unless_the_policy_ignores_it() {
    let error = Verdict::Error { error: "no such key".to_owned() };
    let spec = "  severity: Low\n  action: Block\n";
    assert_eq!(
        decided(spec, error.clone(), Point::Runtime, Enforcement::Stopped),
        (Action::Block, true, None)
    );
    let spec = "  severity: Low\n  action: Block\n  failurePolicy: Ignore\n";
    assert_eq!(decided(spec, error, Point::Runtime, Enforcement::Stopped), (Action::None, false, None));
}

#[test]
fn a_judgement_of_a_policy_that_is_gone_is_recorded() {
    let (policies, _) = PolicySet::compile(&[]);
    let now = Timestamp::from_unix_nanos(0);
    let enforcement = Enforcement::Stopped;
    let context =
        Context { policies: &policies, point: Point::Runtime, now, cluster: None, node: None, enforcement };
    assert_eq!(decide(judged(Verdict::Fail), &context).action, Action::Audit);
}

#[test]
fn a_kill_after_the_fact_is_no_block_and_is_told_of_those_alone_who_asked_for_it() {
    for kill in [Kill::Killed, Kill::Gone, Kill::Refused] {
        let of = |spec: &str, point| {
            let policies = policies(spec);
            let now = Timestamp::from_unix_nanos(7);
            let enforcement = Enforcement::Answered(kill);
            let context = Context { policies: &policies, point, now, cluster: None, node: None, enforcement };
            let decision = decide(judged(Verdict::Fail), &context);
            (decision.action, decision.because_of, decision.kill)
        };
        let block = "  severity: Low\n  action: Block\n";
        let after = (Action::Audit, Some(BecauseOf::AfterTheFact), Some(kill));
        assert_eq!(of(block, Point::Runtime), after);
        assert_eq!(of(block, Point::Admission), (Action::Block, None, None));
        assert_eq!(of("  severity: Low\n", Point::Runtime), (Action::Audit, None, None));
    }
    assert_eq!(serde_json::to_value(Kill::Killed).expect("JSON"), "Killed");
}
