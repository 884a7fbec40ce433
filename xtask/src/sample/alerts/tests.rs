use serde_json::json;

use super::*;
use crate::sample::act::ORDINARY;
use crate::sample::quiet;

const ACT: Act = Act { pod: "dropper", expects: &[Sign { policy: "p", what: "/tmp/x" }], ..ORDINARY };

fn expected(act: &Act) -> Vec<Expected> {
    of(act).collect()
}

fn record(verdict: &str, id: &str, path: &str) -> Value {
    json!({
        "kind": "Decision",
        "subject": {"kind": "Container", "pod": {"name": "dropper"}, "container": {"name": "main", "id": id}},
        "policy": {"remediation": "look"},
        "judgement": {"policy": "p", "verdict": verdict},
        "decision": {"point": "Runtime"},
        "evidence": {"declared": "a", "observed": "b", "executable": {"path": path}},
    })
}

fn ours(records: &[Value]) -> Vec<Alert> {
    alerts(records, &["a1".to_owned()])
}

#[test]
fn a_failure_at_runtime_is_an_alert_and_an_unknown_is_not() {
    let records = [record("Fail", "a1", "/tmp/x"), record("Unknown", "a1", "/tmp/y")];
    let alerts = ours(&records);
    assert_eq!(alerts.len(), 1);
    assert_eq!(differences(&expected(&ACT), &alerts), Vec::<String>::new());
}

#[test]
fn a_container_that_is_not_the_samples_is_left_out() {
    assert!(ours(&[record("Fail", "b2", "/tmp/x")]).is_empty());
}

#[test]
fn an_alert_about_nobody_known_is_ours_to_explain_unless_it_is_in_anothers_group() {
    let mut record = record("Fail", "a1", "/tmp/x");
    record["subject"] = json!({"kind": "Unresolved", "cgroup": "/kubepods/pod7/a1"});
    assert_eq!(ours(&[record.clone()]).len(), 1);
    record["subject"] = json!({"kind": "Unresolved", "cgroup": "/kubepods/pod8/b2"});
    assert!(ours(&[record.clone()]).is_empty());
    record["subject"] = json!({"kind": "Node"});
    assert_eq!(ours(&[record]).len(), 1);
}

#[test]
fn what_did_not_come_and_what_came_instead_are_told_apart() {
    let wrong = differences(&expected(&ACT), &ours(&[record("Fail", "a1", "/tmp/other")]));
    let pod = "in container main of pod dropper";
    assert_eq!(wrong, [format!("missing     p: /tmp/x {pod}"), format!("unexpected  p: /tmp/other {pod}")]);
}

#[test]
fn the_same_alert_twice_is_once_too_often() {
    let records = [record("Fail", "a1", "/tmp/x"), record("Fail", "a1", "/tmp/x")];
    assert_eq!(differences(&expected(&ACT), &ours(&records)).len(), 1);
}

#[test]
fn one_alert_where_all_is_ordinary_is_one_too_many() {
    let nothing: Vec<_> = quiet::ACTS.iter().flat_map(of).collect();
    assert_eq!(differences(&nothing, &[]), Vec::<String>::new());
    assert_eq!(differences(&nothing, &ours(&[record("Fail", "a1", "/tmp/x")])).len(), 1);
    let drift = json!({"kind": "Drift", "subject": {"container": {"id": "a1"}}, "evidence": {"changes": []}});
    assert_eq!(differences(&nothing, &ours(&[drift])).len(), 1);
}

#[test]
fn a_path_may_be_known_by_its_beginning_only() {
    let act = Act { expects: &[Sign { policy: "p", what: "/memfd:*" }], ..ACT };
    let expected = expected(&act)[0];
    assert!(expected.is(&ours(&[record("Fail", "a1", "/memfd:program")])[0]));
    assert!(!expected.is(&ours(&[record("Fail", "a1", "/tmp/memfd:")])[0]));
}

#[test]
fn a_script_is_known_by_its_own_path() {
    let mut record = record("Fail", "a1", "/bin/sh");
    record["evidence"]["executable"]["script"] = json!({"path": "/tmp/x"});
    assert!(expected(&ACT)[0].is(&ours(&[record])[0]));
}

#[test]
fn a_capability_is_known_by_its_name() {
    let act = Act { expects: &[Sign { policy: "p", what: "NET_RAW" }], ..ACT };
    let mut record = record("Fail", "a1", "/bin/sample");
    record["evidence"]["capability"] = json!("NET_RAW");
    assert!(expected(&act)[0].is(&ours(&[record])[0]));
}

#[test]
fn a_call_on_sockets_is_known_by_the_sentence_that_tells_it() {
    let act = Act { expects: &[Sign { policy: "p", what: "b" }], ..ACT };
    let mut record = record("Fail", "a1", "/bin/sample");
    record["evidence"]["socket"] = json!({"protocol": "TCP"});
    assert!(expected(&act)[0].is(&ours(&[record])[0]));
}

#[test]
fn a_connection_that_could_not_be_held_against_its_policies_is_told_although_it_is_no_alert() {
    let mut record = record("Unknown", "a1", "/bin/sample");
    let ids = ["a1".to_owned()];
    assert!(doubts(&[record.clone()], &ids).is_empty(), "another policy's");
    record["judgement"]["policy"] = json!("undeclared-egress");
    assert_eq!(doubts(&[record.clone()], &ids).len(), 1);
    assert!(doubts(&[record.clone()], &["b2".to_owned()]).is_empty(), "another's container");
    record["evidence"]["kind"] = json!("SendTo");
    record["evidence"]["socket"] = json!({"peer": {"port": 53}});
    assert_eq!(doubts(&[record.clone()], &ids).len(), 1);
    record["evidence"]["socket"] = json!({"peer": {"port": null}});
    assert!(doubts(&[record.clone()], &ids).is_empty(), "perhaps an answer");
    record["evidence"]["kind"] = json!("Connect");
    assert_eq!(doubts(&[record.clone()], &ids).len(), 1);
    record["judgement"]["verdict"] = json!("Fail");
    assert!(doubts(&[record], &ids).is_empty(), "an alert");
}

#[test]
fn what_was_blocked_is_another_alert_than_what_was_only_told() {
    let act = Act { expects: &[Sign { policy: "p", what: "/tmp/x (Block)" }], ..ACT };
    let mut record = record("Fail", "a1", "/tmp/x");
    record["decision"]["action"] = json!("Block");
    let blocked = &ours(&[record])[0];
    assert!(expected(&act)[0].is(blocked));
    assert!(!expected(&ACT)[0].is(blocked));
}

#[test]
fn an_alert_without_a_remedy_is_not_the_one_that_must_come() {
    for place in ["/policy/remediation", "/evidence/declared", "/evidence/observed"] {
        let mut record = record("Fail", "a1", "/tmp/x");
        *record.pointer_mut(place).expect("the record has it") = json!("");
        assert_eq!(differences(&expected(&ACT), &ours(&[record])).len(), 2, "{place}");
    }
}

#[test]
fn a_drift_is_known_by_its_fields_and_the_step_that_broke() {
    const SIGN: Sign =
        Sign { policy: "Drift", what: r#"/a: true -> false (OciToKernel), /b: null -> ["X"] (PodToOci)"# };
    let act = Act { expects: &[SIGN], ..ACT };
    let drift = |step: &str| {
        let changes = json!([
            {"path": "/a", "declared": true, "observed": false, "step": step},
            {"path": "/b", "observed": ["X"], "step": "PodToOci"},
        ]);
        json!({"kind": "Drift", "subject": record("", "a1", "")["subject"], "evidence": {"changes": changes}})
    };
    assert!(expected(&act)[0].is(&ours(&[drift("OciToKernel")])[0]));
    assert!(!expected(&act)[0].is(&ours(&[drift("PodToOci")])[0]));
}

#[test]
fn a_drift_by_what_entered_is_known_by_what_it_ran() {
    let act = Act { expects: &[Sign { policy: "Drift", what: "/tmp/x" }], ..ACT };
    let event = json!({"task": "Injected", "executable": {"path": "/tmp/x"}});
    let subject = &record("", "a1", "")["subject"];
    let drift =
        json!({"kind": "Drift", "subject": subject, "evidence": {"kind": "Injected", "event": event}});
    assert!(expected(&act)[0].is(&ours(&[drift])[0]));
}
