use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::event::*;
use crate::input::{EventInput, ResourceInput};
use crate::known::Known;
use crate::set::Source;
use crate::text::Text;

fn set(rest: &str) -> PolicySet {
    let text = format!(
        "apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {{name: p}}\nspec:\n  title: t\n  severity: Low\n  match: {{events: {{kinds: [Exec]}}}}\n{rest}"
    );
    let (set, errors) = PolicySet::compile(&[Source { file: "p.yaml".to_owned(), text }]);
    assert!(errors.is_empty(), "{}", errors[0]);
    set
}

fn validation(expression: &str) -> String {
    format!("  validations:\n  - expression: \"{expression}\"\n")
}

fn event(origin: Origin) -> Event {
    Event {
        task: Known::Known(Task::Container),
        executable: Executable { path: Known::Known(Text::from("/bin/x")), origin, script: None },
        ancestry: Ancestry(vec![
            Ancestor { path: Known::Known(Text::from("/bin/sh")), origin: Origin::Image },
            Ancestor::UNKNOWN,
        ]),
        uid: Known::Known(0),
        gid: Known::Unknown,
        detail: Detail::Exec { args: Args(vec![Known::Known(Text::from("x")), Known::Unknown]) },
    }
}

fn container() -> Container {
    Container {
        name: Known::Known("app".to_owned()),
        kind: Known::Known(ContainerKind::Sidecar),
        id: "c1".to_owned(),
        runtime: Known::Unknown,
        image: Image { reference: Known::Known("busybox:1".to_owned()), digest: Known::Unknown },
        capabilities: Capabilities {
            allowed: Known::Known(["CHOWN"].into_iter().collect()),
            added: Known::Unknown,
        },
    }
}

fn node() -> Node {
    let labels = [("zone".to_owned(), "a".to_owned())].into();
    Node { name: "n1".to_owned(), labels: Known::Known(labels), kernel: "6.18".to_owned() }
}

fn judge_with(set: &PolicySet, event: &Event) -> Vec<Judgement> {
    let pod = serde_json::json!({"metadata": {"name": "web"}});
    let input = EventInput { event, container: &container(), pod: Known::Known(&pod), node: &node() };
    evaluate(set, &Input::Event(input), Which::All)
}

fn judge(rest: &str) -> Judgement {
    let mut judgements = judge_with(&set(rest), &event(Origin::Image));
    assert_eq!(judgements.len(), 1);
    judgements.remove(0)
}

fn unknown(paths: &[&str]) -> Verdict {
    Verdict::Unknown { unknown_paths: paths.iter().map(|path| (*path).to_owned()).collect() }
}

#[test]
fn expressions_see_every_field() {
    let table = [
        "event.kind == 'Exec' && event.task == 'Container' && event.uid == 0",
        "event.executable.path == '/bin/x' && event.executable.origin == 'Image'",
        "!has(event.executable.volume) && !has(event.executable.script)",
        "event.args[0] == 'x' && size(event.args) == 2",
        "event.ancestry[0].path == '/bin/sh' && event.ancestry.exists(a, a.origin == 'Image')",
        "container.name == 'app' && container.kind == 'Sidecar' && container.id == 'c1'",
        "container.image.reference == 'busybox:1' && 'CHOWN' in container.capabilities.allowed",
        "node.name == 'n1' && node.labels.zone == 'a' && node.kernel.startsWith('6.')",
        "pod.metadata.name == 'web' && params == null",
        "has(event.args) && has(event.executable.origin)",
    ];
    for expression in table {
        assert_eq!(judge(&validation(expression)).verdict, Verdict::Pass, "{expression}");
    }
}

#[test]
fn what_depends_on_an_unknown_leaf_is_unknown_and_says_which() {
    let table = [
        ("event.gid == 0", unknown(&["/event/gid"])),
        ("has(event.gid)", unknown(&["/event/gid"])),
        ("event.gid == 0 || true", Verdict::Pass),
        ("event.gid == 0 && false", Verdict::Fail),
        ("container.runtime == 'runc' && node.name == 'n1'", unknown(&["/container/runtime"])),
        ("event.ancestry.all(a, a.origin == 'Image')", unknown(&["/event/ancestry/1/origin"])),
        ("event.ancestry.all(a, a.origin != 'Image')", Verdict::Fail),
        ("event.args.exists(a, a == 'y')", unknown(&["/event/args/1"])),
        ("event.args.exists(a, a == 'x')", Verdict::Pass),
        ("'NET_ADMIN' in container.capabilities.added", unknown(&["/container/capabilities/added"])),
    ];
    for (expression, expected) in table {
        assert_eq!(judge(&validation(expression)).verdict, expected, "{expression}");
    }
}

#[test]
fn an_unknown_origin_makes_its_volume_unknown() {
    let set =
        set(&validation("!(event.executable.origin == 'Volume' && event.executable.volume == 'Tmpfs')"));
    let verdict = |origin| judge_with(&set, &event(origin)).remove(0).verdict;
    assert_eq!(verdict(Origin::Volume(Known::Known(VolumeKind::TMPFS))), Verdict::Fail);
    assert_eq!(verdict(Origin::Volume(Known::Known(VolumeKind::declared("emptyDir")))), Verdict::Pass);
    assert_eq!(verdict(Origin::Volume(Known::Unknown)), unknown(&["/event/executable/volume"]));
    assert_eq!(verdict(Origin::Image), Verdict::Pass);
    assert!(matches!(verdict(Origin::Unknown), Verdict::Unknown { .. }));
}

#[test]
fn an_expression_that_fails_or_is_no_boolean_is_an_error() {
    let Verdict::Error { error } = judge(&validation("pod.metadata.nothing == 1")).verdict else {
        panic!("an error")
    };
    assert!(error.contains("nothing"), "{error}");
    let Verdict::Error { error } = judge(&validation("event.uid")).verdict else { panic!("an error") };
    assert_eq!(error, "the expression gave int, which is no boolean");
}

#[test]
fn conditions_say_whether_the_policy_is_about_the_event() {
    let with = |conditions: &[&str], expression| {
        let list = conditions.iter().enumerate();
        let list: String = list.map(|(i, c)| format!("  - {{name: c{i}, expression: \"{c}\"}}\n")).collect();
        judge(&format!("  matchConditions:\n{list}{}", validation(expression)))
    };
    assert_eq!(with(&["true", "true"], "false").verdict, Verdict::Fail);
    assert_eq!(with(&["true", "false"], "false").verdict, Verdict::Pass);
    // One false is enough, whatever became of the others.
    assert_eq!(with(&["event.gid == 0", "pod.x == 1", "false"], "false").verdict, Verdict::Pass);
    assert_eq!(with(&["event.gid == 0"], "false").verdict, unknown(&["/event/gid"]));
    assert_eq!(
        with(&["event.gid == 0"], "container.runtime == 'x'").verdict,
        unknown(&["/event/gid", "/container/runtime"])
    );
    // Whether it is about the event or not, it passes.
    assert_eq!(with(&["event.gid == 0"], "true").verdict, Verdict::Pass);
    let judgement = with(&["pod.x == 1"], "true");
    assert!(matches!(judgement.verdict, Verdict::Error { .. }));
    assert_eq!(judgement.validation, None);
}

#[test]
fn variables_see_the_earlier_ones_and_fail_only_those_who_read_them() {
    let variables = "  variables:\n  - {name: a, expression: event.uid + 1}\n  - {name: b, expression: variables.a + 1}\n  - {name: bad, expression: pod.nothing.at.all}\n  - {name: unknown, expression: event.gid}\n";
    let verdict = |expression| judge(&format!("{variables}{}", validation(expression))).verdict;
    assert_eq!(verdict("variables.b == 2"), Verdict::Pass);
    assert_eq!(verdict("variables.b == 2 || variables.bad"), Verdict::Pass);
    assert!(matches!(verdict("variables.bad"), Verdict::Error { .. }));
    assert_eq!(verdict("variables.unknown == 0"), unknown(&["/event/gid"]));
}

#[test]
fn params_are_what_the_policy_says() {
    let rest = format!("  params: {{uids: [0, 5]}}\n{}", validation("event.uid in params.uids"));
    assert_eq!(judge(&rest).verdict, Verdict::Pass);
}

#[test]
fn the_message_is_the_expressions_if_that_gives_a_line() {
    let with = |rest: &str| judge(&format!("  validations:\n  - expression: 'false'\n{rest}")).message;
    assert_eq!(with("").as_deref(), Some("failed expression: false"));
    assert_eq!(with("    message: wrong\n").as_deref(), Some("wrong"));
    let computed =
        |expression: &str| with(&format!("    message: wrong\n    messageExpression: \"{expression}\"\n"));
    assert_eq!(computed("' ran ' + event.executable.path + ' '").as_deref(), Some("ran /bin/x"));
    for expression in ["''", "'a\\\\nb'", "event.uid", "pod.nothing", "container.runtime"] {
        assert_eq!(computed(expression).as_deref(), Some("wrong"), "{expression}");
    }
}

#[test]
fn a_judgement_says_what_was_judged_and_what_was_read() {
    let rest = "  variables: [{name: path, expression: event.executable.path}]\n  validations:\n  - {name: named, expression: 'variables.path == pod.metadata.name && event.gid == 0'}\n  - {expression: 'true'}\n";
    let set = set(rest);
    let event = event(Origin::Image);
    let judgements = judge_with(&set, &event);
    let pod = serde_json::json!({"metadata": {"name": "web"}});
    let input = Input::Event(EventInput {
        event: &event,
        container: &container(),
        pod: Known::Known(&pod),
        node: &node(),
    });
    assert_eq!(judgements[0].validation, Some(Arc::from("named")));
    assert_eq!(*judgements[0].paths, ["/event/executable/path", "/event/gid", "/pod/metadata/name"]);
    assert_eq!(judgements[0].input_digest, Some(input.digest()));
    assert_eq!(judgements[0].policy_digest, set.get("p").expect("loaded").digest());
    assert_eq!((judgements[1].validation.clone(), judgements[1].input_digest), (Some(Arc::from("1")), None));
    assert_eq!(verdicts(&judgements)["p"], &Verdict::Fail);
}

#[test]
fn the_worst_verdict_is_the_policys() {
    let order = [Verdict::Pass, unknown(&["/x"]), Verdict::Error { error: String::new() }, Verdict::Fail];
    assert!(order.is_sorted_by_key(Verdict::rank));
}

#[test]
fn the_set_can_be_asked_in_two_halves() {
    let text = [validation("event.executable.origin == 'Image'"), validation("event.uid == 0")];
    let sources: Vec<_> = text.iter().enumerate().map(|(index, rest)| Source {
        file: "p.yaml".to_owned(),
        text: format!("apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {{name: p{index}}}\nspec:\n  title: t\n  severity: Low\n  match: {{events: {{kinds: [Exec]}}}}\n{rest}"),
    }).collect();
    let (set, _) = PolicySet::compile(&sources);
    let event = event(Origin::Image);
    let input = Input::Event(EventInput {
        event: &event,
        container: &container(),
        pod: Known::Unknown,
        node: &node(),
    });
    let names = |which| -> Vec<String> {
        evaluate(&set, &input, which).iter().map(|judgement| judgement.policy.to_string()).collect()
    };
    assert_eq!(names(Which::All), ["p0", "p1"]);
    assert_eq!(names(Which::PerExecutable), ["p0"]);
    assert_eq!(names(Which::PerEvent), ["p1"]);
}

#[test]
fn a_policy_that_costs_too_much_is_an_error_and_ends() {
    // Ten expressions of a million steps are what a policy has.
    let mut rest =
        "  variables:\n  - {name: l, expression: '[0,1,2,3,4,5,6,7,8,9]'}\n  validations:\n".to_owned();
    for _ in 0..12 {
        rest += "  - expression: variables.l.all(a, variables.l.all(b, variables.l.all(c, variables.l.all(d, variables.l.all(e, variables.l.all(f, variables.l.all(g, true)))))))\n";
    }
    for judgement in judge_with(&set(&rest), &event(Origin::Image)) {
        assert!(matches!(judgement.verdict, Verdict::Error { .. }), "{:?}", judgement.verdict);
    }
}

fn resource_policy(matches: &str, rest: &str) -> PolicySet {
    let text = format!(
        "apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {{name: p}}\nspec:\n  title: t\n  severity: Low\n  match: {{resources: {matches}}}\n{rest}"
    );
    let (set, errors) = PolicySet::compile(&[Source { file: "p.yaml".to_owned(), text }]);
    assert!(errors.is_empty(), "{}", errors[0]);
    set
}

const PODS: &str =
    "{resourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}]}";

fn web() -> serde_json::Value {
    serde_json::json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"hostPID": true, "containers": [{"name": "app"}]},
    })
}

fn judge_resource(set: &PolicySet, input: Option<ResourceInput<'_>>) -> Vec<Judgement> {
    evaluate(set, &Input::Resource(&input.expect("an object")), Which::All)
}

#[test]
fn expressions_of_resource_policies_see_the_object_and_its_request() {
    let object = web();
    let namespace = serde_json::json!({"metadata": {"labels": {"team": "a"}}});
    let table = [
        ("object.spec.hostPID && object.spec.containers.all(c, c.name == 'app')", Verdict::Pass),
        ("oldObject == null && params == null", Verdict::Pass),
        (
            "request.operation == 'CREATE' && request.name == 'web' && request.namespace == 'shop'",
            Verdict::Pass,
        ),
        (
            "request.kind.kind == 'Pod' && request.kind.group == '' && request.kind.version == 'v1'",
            Verdict::Pass,
        ),
        ("request.resource.resource == 'pods' && request.subResource == ''", Verdict::Pass),
        ("request.requestKind == request.kind && request.requestResource.resource == 'pods'", Verdict::Pass),
        ("namespaceObject.metadata.labels.team == 'a'", Verdict::Pass),
        ("object.spec.hostPID == false", Verdict::Fail),
        ("request.userInfo.username == 'x'", unknown(&["/request/userInfo"])),
        ("request.dryRun", unknown(&["/request/dryRun"])),
        ("authorizer == null", unknown(&["/authorizer"])),
        ("request.userInfo.username == 'x' || object.spec.hostPID", Verdict::Pass),
    ];
    for (expression, expected) in table {
        let set = resource_policy(PODS, &validation(expression));
        let input = ResourceInput::declared(&object, Known::Known(&namespace));
        assert_eq!(judge_resource(&set, input).remove(0).verdict, expected, "{expression}");
    }
    let no_namespace = serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}});
    let set = resource_policy(PODS, &validation("request.namespace == 'default'"));
    let judgement = judge_resource(&set, ResourceInput::declared(&no_namespace, Known::Unknown)).remove(0);
    assert_eq!(judgement.verdict, unknown(&["/request/namespace"]), "whoever applies it says which");
    let set = resource_policy(PODS, &validation("namespaceObject.metadata.name == 'shop'"));
    let judgement = judge_resource(&set, ResourceInput::declared(&object, Known::Unknown)).remove(0);
    assert_eq!(judgement.verdict, unknown(&["/namespaceObject"]));
    assert_eq!(*judgement.paths, ["/namespaceObject/metadata/name"]);
}

#[test]
fn variables_and_params_of_resource_policies_have_their_own_places() {
    let rest = "  params: {name: app}\n  variables:\n  - {name: names, expression: 'object.spec.containers.map(c, c.name)'}\n  - {name: first, expression: 'variables.names[0]'}\n".to_owned()
        + &validation("variables.first == params.name");
    let object = web();
    let judgement =
        judge_resource(&resource_policy(PODS, &rest), ResourceInput::declared(&object, Known::Unknown))
            .remove(0);
    assert_eq!(judgement.verdict, Verdict::Pass);
    assert_eq!(*judgement.paths, ["/object/spec/containers", "/params/name"]);
}

#[test]
fn resource_policies_are_about_what_their_rules_name_and_observed_pods_if_they_say_so() {
    let (pod, mut deployment) = (web(), web());
    deployment["apiVersion"] = "apps/v1".into();
    deployment["kind"] = "Deployment".into();
    let asked = |matches: &str| {
        let set = resource_policy(matches, &validation("true"));
        let inputs = [
            ResourceInput::declared(&pod, Known::Unknown),
            ResourceInput::declared(&deployment, Known::Unknown),
            Some(ResourceInput::observed(&pod, Known::Unknown)),
        ];
        inputs.map(|input| judge_resource(&set, input).len())
    };
    assert_eq!(asked(PODS), [1, 0, 0]);
    assert_eq!(asked(&PODS.replace("{resourceRules", "{observed: true, resourceRules")), [1, 0, 1]);
    assert_eq!(asked("{observed: true}"), [0, 0, 1]);
    assert_eq!(asked(&PODS.replace("''", "'', apps").replace("pods", "'*'")), [1, 1, 0]);
    // Neither is about the other's inputs.
    let set = resource_policy("{observed: true}", &validation("true"));
    assert_eq!(judge_with(&set, &event(Origin::Image)), []);
    let of_events = self::set(&validation("true"));
    assert_eq!(judge_resource(&of_events, Some(ResourceInput::observed(&pod, Known::Unknown))), []);
}

#[test]
fn a_pod_that_is_as_declared_is_judged_alike_wherever_it_was_seen() {
    let matches = PODS.replace("{resourceRules", "{observed: true, resourceRules");
    let set = resource_policy(&matches, &validation("object.spec.hostPID == false"));
    let pod = web();
    let declared = judge_resource(&set, ResourceInput::declared(&pod, Known::Unknown));
    let observed = judge_resource(&set, Some(ResourceInput::observed(&pod, Known::Unknown)));
    assert_eq!(declared.len(), 1);
    let bytes = |judgements| serde_json::to_vec(judgements).expect("JSON");
    assert_eq!(bytes(&declared), bytes(&observed));
}

fn origins() -> impl Strategy<Value = Origin> {
    prop_oneof![
        Just(Origin::Image),
        Just(Origin::Upper),
        Just(Origin::Unknown),
        Just(Origin::Volume(Known::Unknown)),
        Just(Origin::Volume(Known::Known(VolumeKind::TMPFS))),
    ]
}

proptest! {
    #[test]
    fn equal_inputs_give_equal_judgements(origin in origins(), path in any::<Vec<u8>>(), uid in any::<u32>()) {
        let set = set("  validations:\n  - {expression: \"event.executable.origin != 'Upper'\", messageExpression: event.executable.path}\n  - {expression: event.uid > 5}\n");
        let mut event = event(origin);
        event.executable.path = Known::Known(Text::from_bytes(&path));
        event.uid = Known::Known(uid);
        let bytes = |event: &Event| serde_json::to_vec(&judge_with(&set, event)).expect("JSON");
        prop_assert_eq!(bytes(&event), bytes(&event.clone()));
    }
}
