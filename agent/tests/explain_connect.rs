//! `plumb-agent explain-connect` as a script runs it: what it prints where, and how it ends.

use std::process::{Command, Output};

const OBJECTS: &str = "\
kind: Node
metadata: {name: n1}
---
kind: Pod
metadata: {name: web-0, namespace: shop, labels: {app: web}}
spec: {nodeName: n1}
status: {podIP: 10.1.0.1, hostIP: 192.168.0.1}
---
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{to: [{ipBlock: {cidr: 198.51.100.0/24}}]}]
";

fn ask(objects: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("objects.yaml"), objects).expect("it is written");
    Command::new(env!("CARGO_BIN_EXE_plumb-agent"))
        .args(["explain-connect", "--namespace", "shop", "--pod", "web-0", "--port", "443", "--declarations"])
        .arg(folder.path())
        .args(arguments)
        .output()
        .expect("it runs")
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn it_ends_with_0_where_it_is_allowed_and_with_1_where_it_is_denied() {
    let (code, said, complaints) = told(&ask(OBJECTS, &["--peer", "198.51.100.7"]));
    assert_eq!((code, complaints.as_str()), (Some(0), ""));
    assert!(said.contains("allowed by rule 1 of shop/web"), "{said}");
    let (code, said, complaints) = told(&ask(OBJECTS, &["--peer", "203.0.113.7"]));
    assert_eq!((code, complaints.as_str()), (Some(1), ""));
    assert!(said.contains("denied, since no rule allows it"), "{said}");
}

#[test]
fn what_cannot_be_known_denies_nothing() {
    let objects = OBJECTS.replace("kind: Node\n", "kind: Other\n").replace("hostIP", "otherIP");
    let (code, said, _) = told(&ask(&objects, &["--peer", "203.0.113.7", "--output", "json"]));
    let said: serde_json::Value = serde_json::from_str(&said).expect("standard output is JSON alone");
    assert_eq!((code, said["verdict"].as_str()), (Some(0), Some("Unknown")));
}

#[test]
fn a_mistake_is_told_with_its_place_and_the_answer_all_the_same() {
    let objects = OBJECTS.replace("198.51.100.0/24", "198.51.100.0/33");
    let (code, said, complaints) = told(&ask(&objects, &["--peer", "203.0.113.7", "--output", "json"]));
    let sentence = "objects.yaml:14:35: `198.51.100.0/33` is no range of addresses";
    assert!(complaints.contains(sentence), "{complaints}");
    let said: serde_json::Value = serde_json::from_str(&said).expect("standard output is JSON alone");
    assert_eq!((code, said["cause"].as_str()), (Some(2), Some("RefusedPolicy")));
    assert!(said["mistakes"][0].as_str().is_some_and(|told| told.starts_with(sentence)), "{said:#}");
}

#[test]
fn who_or_what_is_not_there_ends_it_with_2() {
    for (arguments, sentence) in [
        (["--peer", "shop/web-1"], "did you mean shop/web-0?"),
        (["--peer", "10.0.0.0/8"], "is a range"),
        (["--protocol", "ICMP"], "invalid value 'ICMP'"),
    ] {
        let (code, said, complaints) = told(&ask(OBJECTS, &arguments));
        assert_eq!((code, said.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(complaints.contains(sentence), "{complaints}");
    }
    let none = Command::new(env!("CARGO_BIN_EXE_plumb-agent"))
        .args([
            "explain-connect",
            "--declarations",
            "/nonexistent",
            "--pod",
            "a",
            "--peer",
            "::1",
            "--port",
            "1",
        ])
        .output()
        .expect("it runs");
    let (code, _, complaints) = told(&none);
    assert_eq!(code, Some(2));
    assert!(complaints.contains("cannot read /nonexistent"), "{complaints}");
}
