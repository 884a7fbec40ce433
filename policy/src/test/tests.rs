use super::*;

const POLICY: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: p}
spec:
  title: t
  severity: Low
  match: {events: {kinds: [Exec]}}
  validations: [{expression: \"event.executable.origin == 'Image'\", message: not the image's}]
";

fn run_text(tests: &str) -> Result<Vec<CaseResult>, Vec<String>> {
    let source = |file: &str, text: &str| Source { file: file.to_owned(), text: text.to_owned() };
    run(&source("policy.yaml", POLICY), &source("tests.yaml", tests)).map_err(|errors| {
        errors.iter().map(|error| format!("{}: {}", error.position.line, error.kind)).collect()
    })
}

fn failure(case: &str) -> Option<String> {
    let results = run_text(&format!("cases:\n- {{name: one, {case}}}\n")).expect("well-formed");
    assert_eq!((results.len(), results[0].name.as_str(), results[0].position.line), (1, "one", 2));
    results[0].failure.as_ref().map(ToString::to_string)
}

#[test]
fn a_case_passes_only_with_its_verdict_and_message() {
    let upper = "event: {kind: Exec, executable: {origin: Upper}}";
    let table = [
        ("expect: Fail", None),
        ("expect: Fail, message: the image", None),
        (
            "expect: Fail, message: nonsense",
            Some("expected a message with `nonsense`, found [\"not the image's\"]"),
        ),
        ("expect: Pass", Some("expected Pass, found Fail")),
        ("expect: Unknown", Some("expected Unknown, found Fail")),
    ];
    for (expect, expected) in table {
        assert_eq!(failure(&format!("{upper}, {expect}")).as_deref(), expected, "{expect}");
    }
}

#[test]
fn a_case_of_an_object_is_judged_as_one() {
    let policy = POLICY
        .replace("{events: {kinds: [Exec]}}", "{resources: {observed: true, resourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}]}}")
        .replace("event.executable.origin == 'Image'", "object.spec.hostPID == namespaceObject.pid");
    let failure = |case: &str| {
        let source = |file: &str, text: String| Source { file: file.to_owned(), text };
        let tests = format!("cases:\n- {{name: one, {case}}}\n");
        let results = run(&source("p.yaml", policy.clone()), &source("t.yaml", tests)).expect("well-formed");
        results[0].failure.as_ref().map(ToString::to_string)
    };
    let pod = "object: {apiVersion: v1, kind: Pod, spec: {hostPID: true}}";
    assert_eq!(failure(&format!("{pod}, namespaceObject: {{pid: true}}, expect: Pass")), None);
    assert_eq!(
        failure(&format!("{pod}, namespaceObject: {{pid: false}}, expect: Fail, message: image")),
        None
    );
    assert_eq!(failure(&format!("{pod}, observed: true, expect: Unknown")), None);
    let node = pod.replace("Pod", "Node");
    assert_eq!(failure(&format!("{node}, expect: Pass")).as_deref(), Some("the policy is not about it"));
    assert_eq!(failure(&format!("{node}, observed: true, expect: Unknown")), None);
    let needed = Some("a case has an `event`, or an `object` with its apiVersion and kind");
    for nothing in ["expect: Pass", "object: {kind: Pod}, expect: Pass", "object: 7, expect: Pass"] {
        assert_eq!(failure(nothing).as_deref(), needed);
    }
    assert_eq!(failure(&format!("{pod}, event: {{kind: Exec}}, expect: Pass")).as_deref(), needed);
}

#[test]
fn what_a_case_leaves_out_is_unknown() {
    assert_eq!(failure("event: {kind: Exec}, expect: Unknown"), None);
    assert_eq!(failure("event: {kind: Exec, executable: {origin: Unknown}}, expect: Unknown"), None);
    assert_eq!(
        failure("event: {kind: Exec}, expect: Pass").as_deref(),
        Some("expected Pass, found Unknown: {\"/event/executable/origin\"}")
    );
}

#[test]
fn a_case_with_a_slip_is_no_case() {
    let table = [
        (
            "- {name: one, event: {kind: Exec}, expected: Fail}",
            "2: unknown field `expected`, did you mean `expect`?",
        ),
        (
            "- {name: one, event: {kind: Conect}, expect: Fail}",
            "2: `Conect` is none of Exec, CapabilityUse, Connect, SendTo, Bind, Listen, Accept, RawSocket, FactsChange, did you mean `Connect`?",
        ),
        (
            "- {name: one, expect: Fail, event: {kind: Connect, socket: {protocol: TPC}}}",
            "2: `TPC` is none of TCP, UDP, SCTP, ICMP, ICMPV6, RAW",
        ),
        (
            "- name: one\n  event:\n    kind: Exec\n    executable: {origin: Upper, volume: emptyDir}\n  expect: Fail",
            "5: `volume` is there only beside the origin Volume",
        ),
        (
            "- {name: one, expect: Fail, event: {kind: Exec, executable: {origin: Uper}}}",
            "2: `Uper` is none of Image, CopiedUp, Upper, Volume, Memfd, Deleted, Host, Unknown, did you mean `Upper`?",
        ),
    ];
    for (case, expected) in table {
        let errors = run_text(&format!("cases:\n{case}\n")).expect_err("a mistake");
        assert!(errors.iter().any(|error| error == expected), "{errors:?}");
    }
}

const EGRESS: &str = "
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: egress}
spec:
  title: t
  severity: High
  description: d
  remediation: r
  controls: []
  match: {events: {kinds: [Connect, SendTo]}}
  validations:
  - name: permitted
    expression: event.socket.permitted
    message: m
    messageExpression: >-
      event.socket.protocol + ' ' + event.socket.family + ' ' + event.socket.peer.ip + ' ' + string(event.socket.peer.port)
      + (has(event.socket.peer.pod) ? ' ' + event.socket.peer.namespace + '/' + event.socket.peer.pod : '')
";

/// What a case leaves out of a socket is Unknown; a peer with an address and no Pod is none.
#[test]
fn a_case_of_a_socket_says_what_it_says() {
    let cases = "cases:
- name: denied
  event: {kind: Connect, socket: {protocol: TCP, permitted: false, peer: {ip: '::1', port: 80}}}
  expect: Fail
  message: TCP IPv6 ::1 80
- name: a Pod
  event: {kind: SendTo, socket: {protocol: UDP, permitted: false, peer: {ip: 10.0.0.1, port: 53, pod: dns, namespace: kube-system}}}
  expect: Fail
  message: UDP IPv4 10.0.0.1 53 kube-system/dns
- {name: allowed, event: {kind: Connect, socket: {permitted: true}}, expect: Pass}
- {name: not known, event: {kind: Connect}, expect: Unknown}
";
    let source = |file: &str, text: &str| Source { file: file.to_owned(), text: text.to_owned() };
    let results = run(&source("policy.yaml", EGRESS), &source("tests.yaml", cases)).expect("well-formed");
    let failures: Vec<_> = results.iter().filter_map(|result| result.failure.as_ref()).collect();
    assert!(results.len() == 4 && failures.is_empty(), "{failures:?}");
}
