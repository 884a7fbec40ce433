//! Records for tests.

use std::sync::Arc;

use policy::capabilities::Set;
use policy::document::{About, Control, Severity};
use policy::event::{
    Ancestor, Ancestry, Args, Capabilities, Container, ContainerKind, Detail, Event, Executable, Image,
    Origin, Task, UserNamespace,
};
use policy::observed::{Change, Step};
use policy::record::{Body, Count, Drift, Evidence, Gap, Owner, Pod, Source, Subject, SubjectContainer};
use policy::{
    Action, BecauseOf, Decision, Digest, Judgement, Known, Point, Record, Text, Timestamp, Verdict,
};

const TIME: Timestamp = Timestamp::from_unix_nanos(1_767_225_600_123_456_789);
const ID: &str = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";

fn source(sequence: u64) -> Source {
    Source { component: "agent".into(), instance: "node-1".into(), boot: "b00f".into(), sequence }
}

fn image() -> Image {
    Image { reference: Known::Known("registry.example/web:1.2".to_owned()), digest: Known::Unknown }
}

fn record(subject: Subject, body: Body) -> Record {
    Record { source: source(7), time: TIME, cluster: None, node: Some("node-1".into()), subject, body }
}

pub(super) fn subject() -> Subject {
    Subject::Container {
        namespace: Some("shop".into()),
        pod: Some(Pod { name: "web-7d9c-x2".into(), uid: "1f1b0a3e".into() }),
        owner: Some(Owner { kind: "Deployment".into(), name: "web".into() }),
        container: SubjectContainer { name: "web".to_owned().into(), id: ID.into(), image: image() },
    }
}

pub(super) fn ancestor(path: &str) -> Ancestor {
    Ancestor { path: Known::Known(path.into()), origin: Origin::Image }
}

pub(super) fn event(path: &str, ancestry: Vec<Ancestor>) -> Event {
    let path: Text = path.into();
    Event {
        task: Task::Container.into(),
        executable: Executable { path: path.clone().into(), origin: Origin::Upper, script: None },
        ancestry: Ancestry(ancestry),
        uid: 0.into(),
        gid: 0.into(),
        detail: Detail::Exec { args: Args(vec![path.into()]) },
    }
}

fn about() -> About {
    About {
        title: "Executables must come from the image".to_owned(),
        severity: Severity::High,
        description: None,
        remediation: Some(
            "Build the program into the image.\nMake the root file system read-only.\n".to_owned(),
        ),
        controls: vec![Control { framework: "mitre-attack".to_owned(), id: "T1105".to_owned() }],
    }
}

fn judgement(verdict: Verdict) -> Judgement {
    Judgement {
        policy: "executable-not-from-image".into(),
        policy_digest: Digest::of(b"policy"),
        validation: Some("origin".into()),
        input_digest: None,
        verdict,
        message: Some("/tmp/x was written after the container started".to_owned()),
        paths: Arc::new([]),
    }
}

/// It allows no capability.
fn container() -> Container {
    Container {
        name: "web".to_owned().into(),
        kind: ContainerKind::Container.into(),
        id: ID.to_owned(),
        runtime: "containerd".to_owned().into(),
        image: image(),
        capabilities: Capabilities { allowed: Set::default().into(), ..Capabilities::default() },
    }
}

/// A decision about `event` with this verdict.
pub(super) fn decision(event: &Event, verdict: Verdict) -> Record {
    let decision = Decision {
        judgement: judgement(verdict),
        point: Point::Runtime,
        time: TIME,
        cluster: None,
        node: Some("node-1".into()),
        policy_set_digest: Digest::of(b"set"),
        action: Action::Audit,
        would_block: true,
        because_of: Some(BecauseOf::NotEnforcing),
        kill: None,
    };
    let evidence = Evidence::of(event, &container());
    record(subject(), Body::Decision { policy: about().into(), decision, evidence })
}

pub(super) fn alert() -> Record {
    let ancestry = vec![ancestor("/bin/sh"), ancestor("/usr/sbin/nginx"), Ancestor::UNKNOWN];
    decision(&event("/tmp/x", ancestry), Verdict::Fail)
}

pub(super) fn drift() -> Record {
    let root = Change {
        path: "/spec/containers/0/securityContext/readOnlyRootFilesystem".to_owned(),
        declared: Some(true.into()),
        observed: false.into(),
        reason: "files can be written at /".to_owned(),
        step: Known::Known(Step::OciToKernel),
    };
    let folder = Change {
        path: "/spec/volumes/-".to_owned(),
        declared: None,
        observed: serde_json::json!({"hostPath": {"path": "/srv/\u{1b}[31m"}}),
        reason: "mounted at /x\u{1b}".to_owned(),
        step: Known::Unknown,
    };
    record(subject(), Body::Drift(Drift::Contradiction { changes: vec![root, folder] }))
}

/// A program from outside that is not the container's.
pub(super) fn injected() -> Record {
    injected_event(&sample_of_outside())
}

/// A capability that one from outside used.
pub(super) fn injected_use() -> Record {
    let detail = Detail::CapabilityUse {
        capability: Known::Known("NET_RAW".into()),
        user_namespace: UserNamespace::Container.into(),
    };
    injected_event(&Event { detail, ..sample_of_outside() })
}

fn sample_of_outside() -> Event {
    Event {
        task: Task::Injected.into(),
        ..event("/tmp/\u{1b}x", vec![ancestor("/bin/sh"), Ancestor::UNKNOWN])
    }
}

fn injected_event(event: &Event) -> Record {
    let drift = Drift::of_injected(event, &container()).expect("it is foreign");
    record(subject(), Body::Drift(drift))
}

/// An alert about a Pod that contradicts what it declares in the same fields.
pub(super) fn alert_of_pod() -> Record {
    let mut record = alert();
    if let (Body::Decision { evidence, .. }, Body::Drift(Drift::Contradiction { changes })) =
        (&mut record.body, drift().body)
    {
        *evidence =
            Evidence { event: None, changes, declared: "a line".to_owned(), observed: "a line".to_owned() };
    }
    record
}

pub(super) fn gap(lost: u64) -> Record {
    gap_of(Gap { class: "lifecycle".into(), reason: "ring full".into(), lost, from: TIME, to: TIME })
}

pub(super) fn gap_of(gap: Gap) -> Record {
    record(Subject::Node, Body::Gap(gap))
}

pub(super) fn count() -> Record {
    let count = Count { of: source(3), count: 12, first: TIME, last: TIME };
    record(subject(), Body::Count(count))
}
