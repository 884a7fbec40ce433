use super::*;

fn source(file: &str, text: &str) -> Source {
    Source { file: file.to_owned(), text: text.to_owned() }
}

fn policy(name: &str, rest: &str) -> String {
    format!(
        "apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {{name: {name}}}\nspec:\n  title: t\n  severity: Low\n  match: {{events: {{kinds: [Exec]}}}}\n{rest}"
    )
}

const GOOD: &str = "  validations: [{expression: event.executable.origin == 'Image'}]\n";

fn load(text: &str) -> (PolicySet, Vec<LoadError>) {
    PolicySet::compile(&[source("p.yaml", text)])
}

fn places(errors: &[LoadError]) -> Vec<String> {
    let place = |error: &LoadError| {
        format!("{}:{}:{}: {}", error.file, error.position.line, error.position.column, error.kind)
    };
    errors.iter().map(place).collect()
}

#[test]
fn what_does_not_load_keeps_nothing_else_from_working() {
    let broken = policy("broken", "  validations: [{expression: event.exec ==}]\n");
    let text = [policy("a", GOOD), broken, "- 1\n".to_owned(), policy("b", GOOD)].join("---\n");
    let (set, errors) = PolicySet::compile(&[
        source("p.yaml", &text),
        source("q.yaml", "a: [\n"),
        source("r.yaml", "# nothing\n"),
    ]);
    let names: Vec<_> = set.policies().map(Policy::name).collect();
    assert_eq!(names, ["a", "b"]);
    let files: Vec<_> = errors.iter().map(|error| error.file.as_str()).collect();
    assert_eq!(files, ["p.yaml", "p.yaml", "q.yaml"]);
    assert_eq!(set.about_kind(EventKind::Exec).count(), 2);
    assert_eq!(set.about_kind(EventKind::Connect).count(), 0);
    assert!(set.get("b").is_some() && set.get("broken").is_none());
}

#[test]
fn a_mistake_in_an_expression_is_shown_in_the_file() {
    let text = policy(
        "p",
        "  validations:\n  - expression: >-\n      event.executable.origin == 'Image'\n      || event.exectuable.path == '/x'\n",
    );
    let (_, errors) = load(&text);
    let shown = errors[0].to_string();
    assert_eq!(
        shown,
        "p.yaml:11:10: `event` has no field `exectuable`, did you mean `executable`?\n\
         11 |       || event.exectuable.path == '/x'\n   |          ^"
    );
}

#[test]
fn every_mistake_of_a_policys_expressions_is_reported() {
    let text = policy(
        "p",
        "  matchConditions: [{name: c, expression: variables.v}]\n  variables: [{name: v, expression: event.capability == 'X'}]\n  validations:\n  - {expression: 'evnt.uid == 0'}\n  - {expression: 'variables.v', messageExpression: 'container.nam'}\n",
    );
    let (_, errors) = load(&text);
    let places = places(&errors);
    assert_eq!(places.len(), 4, "{places:#?}");
    assert!(
        places[0].starts_with("p.yaml:8:43: the expression does not compile: undeclared name"),
        "{}",
        places[0]
    );
    assert_eq!(
        places[1],
        "p.yaml:9:37: `event.capability` belongs to CapabilityUse events, and the policy matches Exec"
    );
    assert!(
        places[2].starts_with(
            "p.yaml:11:19: the expression does not compile: undeclared name \"evnt\", did you mean"
        ),
        "{}",
        places[2]
    );
    assert_eq!(places[3], "p.yaml:12:53: `container` has no field `nam`, did you mean `name`?");
}

#[test]
fn expressions_of_a_policy_see_only_what_its_match_has() {
    let of_pods = |expression: &str| {
        policy("p", &format!("  validations: [{{expression: {expression}}}]\n"))
            .replace("events: {kinds: [Exec]}", "resources: {observed: true}")
    };
    let table = [
        ("event.uid == 0", "p.yaml:8:30: the expression does not compile: undeclared name \"event\""),
        ("pod.spec == null", "p.yaml:8:30: the expression does not compile: undeclared name \"pod\""),
        (
            "request.operaton == 'X'",
            "p.yaml:8:30: `request` has no field `operaton`, did you mean `operation`?",
        ),
    ];
    for (expression, expected) in table {
        let (_, errors) = load(&of_pods(expression));
        assert_eq!(places(&errors), [expected], "{expression}");
    }
    let (set, errors) = load(&of_pods("object.spec.hostPID == false"));
    assert!(errors.is_empty(), "{errors:?}");
    let of_pods = set.get("p").expect("loaded");
    assert!(of_pods.kinds().is_empty() && of_pods.resources().is_some_and(|resources| resources.observed));
    assert!(of_pods.judged_per_executable(), "no event asks for it");
    assert!(load(&policy("p", "  validations: [{expression: object.spec == null}]\n")).1.len() == 1);
}

#[test]
fn a_name_names_one_policy() {
    let (set, errors) =
        PolicySet::compile(&[source("a.yaml", &policy("p", GOOD)), source("b.yaml", &policy("p", GOOD))]);
    assert_eq!(set.policies().len(), 1);
    assert_eq!(places(&errors), ["b.yaml:3:18: a policy named `p` was already read from a.yaml"]);
}

#[test]
fn a_file_of_mistakes_is_read_no_further_than_they_are_shown() {
    let (set, errors) = load(&("- 1\n---\n".repeat(2_000) + &policy("p", GOOD)));
    assert_eq!(set.policies().len(), 0);
    assert_eq!(errors.len(), MAX_ERRORS + 1);
    assert!(matches!(errors[MAX_ERRORS].kind, LoadErrorKind::More));
    let fields: String = (0..2_000).map(|index| format!("  f{index}: 1\n")).collect();
    assert_eq!(load(&policy("p", &format!("{GOOD}{fields}"))).1.len(), MAX_ERRORS + 1);
}

#[test]
fn digests_name_what_is_said_and_not_how_it_is_written() {
    let one = load(&policy("p", GOOD)).0;
    let other = load(&policy("p", &GOOD.replace("[{expression: ", "\n  - expression: ").replace("}]", ""))).0;
    assert_eq!(one.digest(), other.digest());
    let changed = load(&policy("p", &GOOD.replace("Image", "Upper"))).0;
    assert_ne!(one.digest(), changed.digest());
    let (ab, _) = load(&[policy("a", GOOD), policy("b", GOOD)].join("---\n"));
    let (ba, _) = load(&[policy("b", GOOD), policy("a", GOOD)].join("---\n"));
    assert_eq!(ab.digest(), ba.digest());
}

#[test]
fn a_policy_knows_whether_it_reads_only_the_executable_and_the_container() {
    let table = [
        ("event.executable.script.path == container.image.reference", true),
        ("event.task == 'Container' && params == null", true),
        ("size(event.args) > 3", false),
        ("event.uid == 0", false),
        ("event == event", false),
        ("node.name == 'n'", false),
        ("pod.metadata.name == 'n'", false),
    ];
    for (expression, expected) in table {
        let (set, errors) = load(&policy("p", &format!("  validations:\n  - expression: {expression}\n")));
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(set.get("p").map(Policy::judged_per_executable), Some(expected), "{expression}");
        let through = format!(
            "  variables:\n  - {{name: v, expression: '{}'}}\n  validations: [{{expression: variables.v}}]\n",
            expression.replace('\'', "''")
        );
        let (set, errors) = load(&policy("p", &through));
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(
            set.get("p").map(Policy::judged_per_executable),
            Some(expected),
            "{expression} through a variable"
        );
    }
}
