use super::*;
use crate::yaml::documents;

const GOOD: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: foreign-executable, labels: {pack: runtime-drift}}
spec:
  title: Only programs of the image run
  severity: High
  controls: [{framework: mitre-attack, id: T1105}]
  action: Block
  match: {events: {kinds: [Exec]}}
  params: {allowed: [/opt, 1.0]}
  matchConditions: [{name: own, expression: event.task != 'Runtime'}]
  variables: [{name: origin, expression: event.executable.origin}]
  validations:
  - name: origin
    expression: variables.origin != 'Upper'
    messageExpression: event.executable.path
    reason: Forbidden
  failurePolicy: Ignore
  response: {action: Kill}
";

fn read(text: &str) -> Result<Policy, Vec<String>> {
    let node = documents(text).next().expect("a document").expect("YAML");
    read_policy(&node).map_err(|errors| {
        errors
            .iter()
            .map(|error| format!("{}:{}: {error}", error.position.line, error.position.column))
            .collect()
    })
}

#[test]
fn every_field_is_read() {
    let Policy { api_version, kind, metadata, spec } = read(GOOD).expect("a policy");
    assert_eq!((api_version.as_str(), kind.as_str()), (API_VERSION, "Policy"));
    assert_eq!(
        (metadata.name.as_str(), metadata.labels["pack"].as_str()),
        ("foreign-executable", "runtime-drift")
    );
    assert_eq!((spec.severity, spec.action), (Severity::High, Some(Ceiling::Block)));
    assert_eq!(spec.controls[0].id, "T1105");
    assert_eq!(spec.params, Some(serde_json::json!({"allowed": ["/opt", 1]})));
    assert_eq!(spec.match_conditions[0].name, "own");
    assert_eq!(spec.variables[0].expression, "event.executable.origin");
    assert_eq!(spec.validations[0].message_expression.as_deref(), Some("event.executable.path"));
    assert_eq!(spec.failure_policy, FailurePolicy::Ignore);
    assert_eq!(spec.response.map(|response| response.action), Some(ResponseAction::Kill));
}

#[test]
fn written_out_it_reads_back() {
    let policy = read(GOOD).expect("a policy");
    let text = serde_json::to_string(&policy).expect("JSON");
    assert_eq!(read(&text), Ok(policy));
}

#[test]
fn every_unknown_field_is_named_with_the_one_that_was_meant() {
    let text =
        GOOD.replace("validations:", "validaton:").replace("severity: High", "severity: High\n  colour: red");
    let errors = read(&text).expect_err("two unknown fields and a missing one");
    assert_eq!(
        errors,
        [
            "5:3: missing field `validations`",
            "7:3: unknown field `colour`",
            "14:3: unknown field `validaton`, did you mean `validations`?",
        ]
    );
}

#[test]
fn each_mistake_has_a_place_and_a_sentence() {
    let known_kinds = "Exec, CapabilityUse, Connect, SendTo, Bind, Listen, Accept, RawSocket, FactsChange";
    let table: &[(&str, &str, &str)] = &[
        ("kind: Policy", "kind: Polcy", "2:7: a document of kind Policy is needed here, not Polcy"),
        (
            "v1alpha1",
            "v2",
            "1:13: apiVersion plumbline.dev/v2 is not known to this version, which reads plumbline.dev/v1alpha1",
        ),
        (
            "events: {kinds: [Exec]}",
            "changes: {}",
            "9:11: this version judges events and resources; a policy about changes needs a later one",
        ),
        ("events: {kinds: [Exec]}", "", "9:10: exactly one of events, resources is needed here"),
        ("[Exec]", "[]", "9:27: kinds has no entry, so the policy would say nothing"),
        ("[Exec]", "[Exce]", &format!("9:28: `Exce` is none of {known_kinds}, did you mean `Exec`?")),
        (
            "events: {kinds: [Exec]}",
            "resources: {podControllers: true}",
            "9:22: resourceRules has no entry, so the policy would say nothing",
        ),
        (
            "events: {kinds: [Exec]}",
            "resources: {resourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [], operations: [CREATE]}]}",
            "9:87: resources has no entry, so the policy would say nothing",
        ),
        (
            "events: {kinds: [Exec]}",
            "resources: {resourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [PATCH]}]}",
            "9:108: `PATCH` is none of CREATE, UPDATE, DELETE, CONNECT, *",
        ),
        (
            "events: {kinds: [Exec]}",
            "resources: {observd: true}",
            "9:23: unknown field `observd`, did you mean `observed`?",
        ),
        ("[Exec]", "Exec", "9:27: a list is needed here, not a text"),
        (
            "severity: High",
            "severity: high",
            "6:13: `high` is none of Low, Medium, High, Critical, did you mean `High`?",
        ),
        ("severity: High", "severity: 3", "6:13: a word is needed here, not a number"),
        ("title: Only programs of the image run", "title: no", "5:10: a text is needed here, not a boolean"),
        ("title: Only programs of the image run", "title:", "5:3: missing field `title`"),
        (
            "name: foreign-executable",
            "name: Foreign",
            "3:18: `Foreign` is not a name: lower-case letters, digits, `-` and `.`, a letter or digit at both ends, at most 253",
        ),
        (
            "{name: origin, ",
            "{name: the-origin, ",
            "12:22: `the-origin` is not an identifier, which a variable's name must be",
        ),
        (
            "  failurePolicy",
            "  - {name: origin, expression: 'true'}\n  failurePolicy",
            "18:12: the name `origin` is already taken in this list",
        ),
    ];
    for (from, to, expected) in table {
        let text = GOOD.replacen(from, to, 1);
        assert_eq!(read(&text), Err(vec![(*expected).to_owned()]), "{to}");
    }
    assert_eq!(read("- 1\n"), Err(vec!["1:1: a policy is a mapping, not a list".to_owned()]));
}

#[test]
fn what_a_policy_of_resources_is_about_is_read() {
    let matches = "resources: {observed: true, podControllers: true, resourceRules: [\
        {apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE, '*']}]}";
    let policy = read(&GOOD.replace("events: {kinds: [Exec]}", matches)).expect("a policy");
    let owned = |text: &str| vec![text.to_owned()];
    let rule = ResourceRule {
        api_groups: owned(""),
        api_versions: owned("v1"),
        resources: owned("pods"),
        operations: vec![Operation::Create, Operation::Any],
    };
    let expected = ResourceMatch { resource_rules: vec![rule], pod_controllers: true, observed: true };
    assert_eq!(policy.spec.matches, Match::Resources(expected));
    assert_eq!(read(&serde_json::to_string(&policy).expect("JSON")), Ok(policy));
    let observed_alone = GOOD.replace("events: {kinds: [Exec]}", "resources: {observed: true}");
    assert!(read(&observed_alone).is_ok());
}

#[test]
fn lists_are_bounded() {
    let variables: String =
        (0..65).map(|index| format!("{{name: v{index}, expression: 'true'}}, ")).collect();
    let text =
        GOOD.replace("[{name: origin, expression: event.executable.origin}]", &format!("[{variables}]"));
    assert_eq!(read(&text), Err(vec!["12:14: variables has 65 entries, and up to 64 are read".to_owned()]));
}
