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
            "- {name: one, event: {kind: Connect}, expect: Fail}",
            "2: `Connect` is none of Exec, CapabilityUse",
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
