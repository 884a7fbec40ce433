//! The pinned forms, held against golden files. `UPDATE_GOLDEN=1` writes them anew; the difference is then reviewed as
//! any other change of a format.

use std::path::Path;
use std::sync::Arc;

use policy::event::{
    Ancestor, Ancestry, Args, Capabilities, Container, ContainerKind, Detail, Event, Executable, Family,
    FieldChange, Image, Local, Node, Origin, Peer, Protocol, Script, Socket, SocketCall, Task, UserNamespace,
    VolumeKind,
};
use policy::observed::{Change, Step};
use policy::record::{Body, Count, Drift, Evidence, Gap, Owner, Pod, Source, Subject, SubjectContainer};
use policy::{
    Context, Enforcement, EventInput, Input, Known, Point, PolicySet, Record, Text, Timestamp, Which, decide,
    evaluate,
};

const POLICY: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: foreign-executable}
spec:
  title: Only programs of the image run
  severity: High
  description: It was not there when the image was scanned.
  remediation: Build it into the image.
  controls: [{framework: mitre-attack, id: T1105}]
  action: Block
  match: {events: {kinds: [Exec]}}
  validations:
  - name: origin
    expression: event.executable.origin != 'Upper'
    messageExpression: event.executable.path + ' is not the image\\'s'
";

fn golden(name: &str, value: &impl serde::Serialize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let found = serde_json::to_string_pretty(value).expect("JSON") + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).expect("the golden files can be written");
    }
    let expected =
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(found, expected, "{name} (UPDATE_GOLDEN=1 writes it anew)");
}

fn known(text: &str) -> Known<Text> {
    Known::Known(Text::from(text))
}

/// An event in which each field is there, and each form that a field can take.
fn event(origin: Origin) -> Event {
    Event {
        task: Known::Known(Task::Injected),
        executable: Executable {
            path: Known::Known(Text::from_bytes(b"/tmp/\xff")),
            origin,
            script: Some(Script {
                path: known("/data/run.sh"),
                origin: Origin::Volume(Known::Known(VolumeKind::declared("emptyDir"))),
            }),
        },
        ancestry: Ancestry(vec![
            Ancestor { path: known("/bin/sh"), origin: Origin::Image },
            Ancestor { path: Known::Known(Text::from_bytes(b"\xfe")), origin: Origin::Memfd },
            Ancestor::UNKNOWN,
        ]),
        uid: Known::Known(u32::MAX),
        gid: Known::Unknown,
        detail: Detail::Exec {
            args: Args(vec![known("x"), Known::Known(Text::from_bytes(b"-\xff")), Known::Unknown]),
        },
    }
}

fn image() -> Image {
    Image { reference: Known::Known("registry.example/app:1".to_owned()), digest: Known::Unknown }
}

fn container() -> Container {
    Container {
        name: Known::Known("app".to_owned()),
        kind: Known::Known(ContainerKind::Container),
        id: "4f8c".to_owned(),
        runtime: Known::Known("containerd".to_owned()),
        image: image(),
        capabilities: Capabilities {
            allowed: Known::Known(["CHOWN"].into_iter().collect()),
            added: Known::Unknown,
        },
    }
}

fn node() -> Node {
    let labels = [("topology.kubernetes.io/zone".to_owned(), "a".to_owned())].into();
    Node { name: "node-1".to_owned(), labels: Known::Known(labels), kernel: "6.18.0".to_owned() }
}

fn source(sequence: u64) -> Source {
    Source { component: "agent".into(), instance: "node-1".into(), boot: "b00t".into(), sequence }
}

fn subject() -> Subject {
    Subject::Container {
        namespace: Some("shop".into()),
        pod: Some(Pod { name: "web-7d4f-x2x".into(), uid: "0b7e6f5c-6a3e-4a52-9d6d-0d8f2f1b7c11".into() }),
        owner: Some(Owner { kind: "Deployment".into(), name: "web".into() }),
        container: SubjectContainer {
            name: Known::Known("app".to_owned()),
            id: "4f8c".into(),
            image: image(),
        },
    }
}

fn record(sequence: u64, subject: Subject, body: Body) -> Record {
    Record {
        source: source(sequence),
        time: Timestamp::from_unix_nanos(1_735_689_600_000_000_001),
        cluster: Some("prod".into()),
        node: Some("node-1".into()),
        subject,
        body,
    }
}

fn decision(origin: Origin) -> Record {
    let file = policy::Source { file: "policy.yaml".to_owned(), text: POLICY.to_owned() };
    let (policies, errors) = PolicySet::compile(&[file]);
    assert!(errors.is_empty(), "{errors:?}");
    let (event, container, node) = (event(origin), container(), node());
    let pod = serde_json::json!({"metadata": {"name": "web-7d4f-x2x"}});
    let input = EventInput { event: &event, container: &container, pod: Known::Known(&pod), node: &node };
    let judgement = evaluate(&policies, &Input::Event(input), Which::All).remove(0);
    let context = Context {
        policies: &policies,
        point: Point::Runtime,
        now: Timestamp::from_unix_nanos(1_735_689_600_000_000_000),
        cluster: Some("prod".into()),
        node: Some("node-1".into()),
        enforcement: Enforcement::Off,
    };
    let policy = Arc::clone(policies.get(&judgement.policy).expect("it judged").about());
    let evidence = Evidence::of(&event, &container);
    record(42, subject(), Body::Decision { policy, decision: decide(judgement, &context), evidence })
}

#[test]
fn a_failure_at_runtime_is_an_alert() {
    let record = decision(Origin::Upper);
    golden("decision-fail.json", &record);
    assert!(record.is_alert());
}

#[test]
fn an_unknown_is_no_alert() {
    let record = decision(Origin::Unknown);
    golden("decision-unknown.json", &record);
    assert!(!record.is_alert());
}

#[test]
fn a_drift_is_an_alert() {
    let privileged = Change {
        path: "/spec/containers/0/securityContext/privileged".to_owned(),
        declared: None,
        observed: true.into(),
        reason: "it may do everything".to_owned(),
        step: Known::Known(Step::PodToOci),
    };
    let root = Change {
        path: "/spec/containers/0/securityContext/readOnlyRootFilesystem".to_owned(),
        declared: Some(true.into()),
        observed: false.into(),
        reason: "files can be written at /".to_owned(),
        step: Known::Unknown,
    };
    let record = record(45, subject(), Body::Drift(Drift::Contradiction { changes: vec![privileged, root] }));
    golden("drift.json", &record);
    assert!(record.is_alert());
}

#[test]
fn what_entered_and_is_foreign_is_a_drift_and_an_alert() {
    let drift = Drift::of_injected(&event(Origin::Upper), &container()).expect("it is foreign");
    let record = record(46, subject(), Body::Drift(drift));
    golden("drift-injected.json", &record);
    assert!(record.is_alert());
}

#[test]
fn a_connection_shows_who_it_is_with() {
    let peer = Peer {
        ip: Known::Known("10.0.0.7".parse().expect("an address")),
        port: Known::Known(5432),
        pod: Known::Known(Some("db-0".into())),
        namespace: Known::Known(Some("data".into())),
    };
    let socket = Socket {
        call: SocketCall::Connect,
        protocol: Known::Known(Protocol::TCP),
        family: Known::Known(Family::IPv4),
        local: Local::default(),
        peer,
        permitted: Known::Known(false),
        policies: vec!["default-deny".into(), "web".into()],
    };
    let policies = |count| (1..=count).map(|number| format!("p{number}").into()).collect();
    let declared = |policies| {
        let detail = Detail::Socket(Socket { policies, ..socket.clone() });
        Evidence::of(&Event { detail, ..event(Origin::Image) }, &container()).declared
    };
    assert_eq!(declared(Vec::new()), "NetworkPolicies, none of which allows it");
    let ten = "NetworkPolicies p1, p2, p3, p4, p5, p6, p7, p8 and 2 more, none of which allows it";
    assert_eq!(declared(policies(10)), ten);
    let event = Event { detail: Detail::Socket(socket.clone()), ..event(Origin::Image) };
    golden("evidence-connect.json", &Evidence::of(&event, &container()));
}

#[test]
fn a_gap_is_no_alert() {
    let gap = Gap {
        class: "lifecycle".into(),
        reason: "lost".into(),
        lost: u64::MAX,
        from: Timestamp::from_unix_nanos(0),
        to: Timestamp::from_unix_nanos(999_999_999),
    };
    let record = record(43, Subject::Node, Body::Gap(gap));
    golden("gap.json", &record);
    assert!(!record.is_alert());
}

#[test]
fn a_count_names_the_record_that_it_counts() {
    let time = Timestamp::from_unix_nanos(1_735_689_660_000_000_000);
    let count = Count { of: source(42), count: 9_007_199_254_740_993, first: time, last: time };
    let unresolved =
        Subject::Unresolved { cgroup: "/kubepods/pod0b7e/4f8c".to_owned(), id: Some("4f8c".into()) };
    let record = record(44, unresolved, Body::Count(count));
    golden("count.json", &record);
    assert!(!record.is_alert());
    assert_eq!(source(42).to_string(), "node-1/b00t/42");
}

#[test]
fn the_input_has_one_form() {
    let (event, container, node) = (event(Origin::Volume(Known::Unknown)), container(), node());
    let input = EventInput { event: &event, container: &container, pod: Known::Unknown, node: &node };
    golden("event-input.json", &input);
    golden("event-input-digest.json", &Input::Event(input).digest());
}

#[test]
fn what_an_observed_pod_was_judged_on_is_what_the_policy_reads_of_its_changes() {
    let change = |path: &str, declared: Option<bool>| Change {
        path: path.to_owned(),
        declared: declared.map(Into::into),
        observed: true.into(),
        reason: "it is so".to_owned(),
        step: Known::Known(Step::OciToKernel),
    };
    let changes = [
        change("/spec/hostNetwork", Some(false)),
        change("/spec/containers/0/securityContext/privileged", None),
        change("/spec/hostNetworks", None),
    ];
    let reads = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
    golden(
        "evidence-pod.json",
        &Evidence::of_pod(&changes, &reads(&["/object/spec/hostNetwork", "/request/name"])),
    );
    golden("evidence-pod-as-declared.json", &Evidence::of_pod(&changes, &reads(&["/object/spec/hostPID"])));
    let deep = Evidence::of_pod(&changes, &reads(&["/object/spec/containers"]));
    assert_eq!(deep.changes, [changes[1].clone()]);
    assert_eq!(Evidence::of_pod(&changes, &reads(&["/object"])).changes, changes, "all of it");
}

#[test]
fn a_capability_that_was_used_has_one_form() {
    let used = Detail::CapabilityUse {
        capability: Known::Known("NET_ADMIN".into()),
        user_namespace: Known::Known(UserNamespace::Container),
    };
    let event = Event { detail: used, ..event(Origin::Image) };
    golden("evidence-capability-use.json", &Evidence::of(&event, &container()));
    let unknown = Detail::CapabilityUse { capability: Known::Unknown, user_namespace: Known::Unknown };
    let event = Event { detail: unknown, ..event };
    golden("evidence-capability-unknown.json", &Evidence::of(&event, &container()));
}

#[test]
fn a_field_that_became_weaker_has_one_form() {
    let change = Change {
        path: "/spec/containers/0/securityContext/capabilities/add".to_owned(),
        declared: None,
        observed: serde_json::json!(["NET_RAW"]),
        reason: "it may use NET_RAW, which it does not declare".to_owned(),
        step: Known::Known(Step::PodToOci),
    };
    let changed = |change| Event { detail: Detail::FactsChange(change), ..event(Origin::Image) };
    golden("evidence-facts-change.json", &Evidence::of(&changed(FieldChange::from(&change)), &container()));
    let declared = Change { declared: Some(serde_json::json!(["CHOWN"])), ..change };
    assert_eq!(FieldChange::from(&declared).from, Known::Known(declared.declared));
    let unknown = FieldChange { field: Known::Unknown, from: Known::Unknown, to: Known::Unknown };
    golden("evidence-facts-change-unknown.json", &Evidence::of(&changed(unknown), &container()));
}
