use serde_json::json;

use super::*;

const EXPECTED: Expected = Expected { policy: "p", pod: "dropper", container: "main", path: "/tmp/x" };

fn record(verdict: &str, id: &str, path: &str) -> Value {
    json!({
        "kind": "Decision",
        "subject": {"kind": "Container", "pod": {"name": "dropper"}, "container": {"name": "main", "id": id}},
        "judgement": {"policy": "p", "verdict": verdict},
        "decision": {"point": "Runtime"},
        "evidence": {"executable": {"path": path}},
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
    assert_eq!(differences(&[EXPECTED], &alerts), Vec::<String>::new());
}

#[test]
fn a_container_that_is_not_the_samples_is_left_out() {
    assert!(ours(&[record("Fail", "b2", "/tmp/x")]).is_empty());
}

#[test]
fn an_alert_about_nobody_known_is_ours_to_explain() {
    let mut record = record("Fail", "a1", "/tmp/x");
    record["subject"] = json!({"kind": "Unresolved", "cgroup": "/kubepods/x"});
    assert_eq!(ours(&[record]).len(), 1);
}

#[test]
fn what_did_not_come_and_what_came_instead_are_told_apart() {
    let wrong = differences(&[EXPECTED], &ours(&[record("Fail", "a1", "/tmp/other")]));
    let pod = "in container main of pod dropper";
    assert_eq!(wrong, [format!("missing     p: /tmp/x {pod}"), format!("unexpected  p: /tmp/other {pod}")]);
}

#[test]
fn the_same_alert_twice_is_once_too_often() {
    let records = [record("Fail", "a1", "/tmp/x"), record("Fail", "a1", "/tmp/x")];
    assert_eq!(differences(&[EXPECTED], &ours(&records)).len(), 1);
}

#[test]
fn a_path_may_be_known_by_its_beginning_only() {
    let expected = Expected { path: "/memfd:*", ..EXPECTED };
    assert!(expected.is(&ours(&[record("Fail", "a1", "/memfd:program")])[0]));
    assert!(!expected.is(&ours(&[record("Fail", "a1", "/tmp/memfd:")])[0]));
}

#[test]
fn a_script_is_known_by_its_own_path() {
    let mut record = record("Fail", "a1", "/bin/sh");
    record["evidence"]["executable"]["script"] = json!({"path": "/tmp/x"});
    assert!(EXPECTED.is(&ours(&[record])[0]));
}
