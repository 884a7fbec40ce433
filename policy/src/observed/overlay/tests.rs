//! A container that is as its Pod declares, for the tests of all rows, and what holds for any Pod.

use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::observed::{CapabilitySets, IdMap, IdRange, Label, Mount, MountSource, Namespaces, Seccomp};

mod arbitrary;
mod judgement;
mod rows;

pub(super) const FULL: [&str; 5] = ["CHOWN", "KILL", "NET_ADMIN", "NET_RAW", "SYS_ADMIN"];

/// A Pod whose container `app` has this `securityContext`.
pub(super) fn pod(context: &Value) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop", "uid": "uid-1"},
        "spec": {"containers": [
            {"name": "side", "image": "side:1"},
            {"name": "app", "image": "app:1", "securityContext": context},
        ]},
    })
}

/// What containerd is told about an ordinary container.
pub(super) fn spec() -> OciSpec {
    serde_json::from_value(json!({
        "process": {
            "user": {"uid": 1000, "gid": 1000},
            "capabilities": {"bounding": ["CAP_CHOWN", "CAP_NET_RAW"], "permitted": []},
            "noNewPrivileges": true,
            "apparmorProfile": "cri-containerd.apparmor.d",
            "selinuxLabel": "system_u:system_r:container_t:s0:c1,c2",
        },
        "root": {"path": "rootfs", "readonly": true},
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs"},
        ],
        "linux": {
            "namespaces": [{"type": "pid"}, {"type": "network", "path": "/proc/7/ns/net"}, {"type": "ipc"}, {"type": "user"}],
            "seccomp": {"defaultAction": "SCMP_ACT_ERRNO"},
            "maskedPaths": ["/proc/kcore", "/proc/never", "/sys/firmware"],
        },
    }))
    .expect("a specification")
}

pub(super) fn names(names: &[&'static str]) -> std::collections::BTreeSet<Cow<'static, str>> {
    names.iter().copied().map(Cow::from).collect()
}

/// What the kernel shows of it.
pub(super) fn facts() -> Facts {
    let map = Known::Known(IdMap(vec![IdRange { inside: 0, outside: 100_000, length: 65_536 }]));
    let own = Known::Known(false);
    Facts {
        runs_here: true.into(),
        capabilities: CapabilitySets { permitted: names(&[]), bounding: names(&["CHOWN", "NET_RAW"]) }.into(),
        no_new_privileges: true.into(),
        seccomp: Seccomp::Filter.into(),
        uid: 101_000.into(),
        gid: 101_000.into(),
        effective_uids: [101_000].into(),
        uid_map: map.clone(),
        gid_map: map,
        apparmor: Label::On("cri-containerd.apparmor.d (enforce)".to_owned()).into(),
        selinux: Label::On("system_u:system_r:container_t:s0:c1,c2".to_owned()).into(),
        namespaces: Namespaces { pid: own, ipc: own, network: own, user: own },
        descended: Namespaces { pid: own, ipc: own, network: own, user: Known::Unknown },
        joined: Namespaces::default(),
        root_writable: false.into(),
        sys_writable: false.into(),
        masked: Known::Known(["/proc/kcore".to_owned()].into()),
        mounts: Known::Known(vec![Mount { target: "/proc".to_owned(), source: MountSource::Own }]),
        image_digests: Known::Known(vec!["app@sha256:aa".to_owned()]),
    }
}

pub(super) fn node() -> NodeFacts {
    NodeFacts {
        capabilities: FULL.map(str::to_owned).into(),
        cdi_targets: Known::Known(Vec::new()),
        mount_plugins: false.into(),
    }
}

/// The changes that one observation of `app` makes to its Pod.
pub(super) fn changes(pod: &Value, spec: Option<&OciSpec>, facts: &Facts) -> Vec<Change> {
    let container = ObservedContainer { pod, kind: ContainerKind::Container, name: "app" };
    overlay(container, Observation { spec, facts, node: &node() }).changes
}

/// A step as its word; `?` where it is not known.
pub(super) fn word(step: Known<Step>) -> &'static str {
    match step {
        Known::Known(Step::PodToOci) => "PodToOci",
        Known::Known(Step::OciToKernel) => "OciToKernel",
        Known::Unknown => "?",
    }
}

/// The only change below the container, without the part of its path that all have.
pub(super) fn only(
    pod: &Value,
    spec: Option<&OciSpec>,
    facts: &Facts,
) -> Option<(String, Value, &'static str)> {
    let changes = changes(pod, spec, facts);
    assert!(changes.len() < 2, "{changes:#?}");
    let Change { path, observed, step, .. } = changes.into_iter().next()?;
    Some((path.replace("/spec/containers/1/", ""), observed, word(step)))
}

#[test]
fn a_container_that_is_as_declared_leaves_its_pod_as_it_is() {
    let pod = pod(&json!({
        "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true, "runAsUser": 1000,
        "runAsGroup": 1000, "seccompProfile": {"type": "RuntimeDefault"}, "capabilities": {"drop": ["KILL"]},
        "appArmorProfile": {"type": "RuntimeDefault"}, "seLinuxOptions": {"type": "container_t"},
    }));
    for spec in [Some(&spec()), None] {
        assert_eq!(changes(&pod, spec, &facts()), []);
    }
}

#[test]
fn containers_are_found_in_the_list_of_their_kind() {
    let container = json!([{"name": "app"}, {"name": "app"}]);
    let pod = json!({"spec": {"containers": container, "initContainers": container, "ephemeralContainers": container}});
    let mut facts = facts();
    facts.capabilities = CapabilitySets { bounding: names(&["KILL"]), ..Default::default() }.into();
    let path = |kind, name| {
        let overlay = overlay(
            ObservedContainer { pod: &pod, kind, name },
            Observation { spec: Some(&spec()), facts: &facts, node: &node() },
        );
        overlay.changes().first().map(|change| change.path.clone())
    };
    let table = [
        (ContainerKind::Container, "containers"),
        (ContainerKind::Init, "initContainers"),
        (ContainerKind::Sidecar, "initContainers"),
        (ContainerKind::Ephemeral, "ephemeralContainers"),
    ];
    for (kind, list) in table {
        let expected = format!("/spec/{list}/0/securityContext/capabilities/add");
        assert_eq!(path(kind, "app"), Some(expected));
        assert_eq!(path(kind, "other"), None);
    }
}

/// What is in a container's cgroup under gVisor is a part of the sandbox: without seccomp, with capabilities, in
/// namespaces of its own.
#[test]
fn a_container_on_a_kernel_of_its_own_contradicts_nothing() {
    let found = |class: &Value, runs_here| {
        let mut pod = pod(&json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}));
        pod["spec"]["runtimeClassName"] = class.clone();
        let map = Known::Known(IdMap(vec![IdRange { inside: 0, outside: 0, length: u32::MAX }]));
        let sandbox = Facts {
            runs_here,
            seccomp: Seccomp::Disabled.into(),
            uid_map: map,
            uid: 1.into(),
            effective_uids: [0].into(),
            ..facts()
        };
        let container = ObservedContainer { pod: &pod, kind: ContainerKind::Container, name: "app" };
        let spec = spec();
        let observation = Observation { spec: Some(&spec), facts: &sandbox, node: &node() };
        (overlay(container, observation).changes().len(), became(container, observation).is_some())
    };
    let (nothing, all) = ((0, false), (1, true));
    for class in [json!(null), json!("gvisor")] {
        assert_eq!(found(&class, Known::Known(true)), all, "{class}: runc's");
        assert_eq!(found(&class, Known::Known(false)), nothing, "{class}: another's");
    }
    assert_eq!(found(&json!(null), Known::Unknown), all, "the node's default");
    assert_eq!(found(&json!("gvisor"), Known::Unknown), nothing, "of a class that may be any");
}

#[test]
fn overlays_of_containers_of_one_pod_come_together() {
    let pod = json!({"spec": {"containers": [{"name": "app"}, {"name": "side"}]}});
    let mut facts = facts();
    facts.namespaces.pid = true.into();
    facts.mounts = Known::Known(vec![]);
    facts.capabilities = CapabilitySets { bounding: names(&["KILL"]), ..Default::default() }.into();
    let spec = spec();
    let of = |name| {
        let container = ObservedContainer { pod: &pod, kind: ContainerKind::Container, name };
        overlay(container, Observation { spec: Some(&spec), facts: &facts, node: &node() })
    };
    let mut both = of("app");
    both.merge(of("side"));
    let more = json!({"capabilities": {"add": ["KILL"]}});
    let observed = json!({"spec": {"hostPID": true, "containers": [
        {"name": "app", "securityContext": more},
        {"name": "side", "securityContext": more},
    ]}});
    assert_eq!(both.apply(&pod), observed);
    assert_eq!(both.changes().len(), 3);
}

#[test]
fn a_change_says_what_was_declared_and_why_it_is_not_so() {
    let pod = pod(&json!({"readOnlyRootFilesystem": true}));
    let facts = Facts { root_writable: true.into(), ..facts() };
    let changes = changes(&pod, Some(&spec()), &facts);
    let expected = json!([{
        "path": "/spec/containers/1/securityContext/readOnlyRootFilesystem",
        "declared": true,
        "observed": false,
        "reason": "its root can be written to",
        "step": "OciToKernel",
    }]);
    assert_eq!(serde_json::to_value(changes).expect("JSON"), expected);
}

proptest! {
    #[test]
    fn without_a_contradiction_the_observed_pod_is_the_declared_one((pod, spec, facts) in arbitrary::agreement()) {
        let container = ObservedContainer { pod: &pod, kind: ContainerKind::Container, name: "app" };
        let overlay = overlay(container, Observation { spec: spec.as_ref(), facts: &facts, node: &node() });
        prop_assert_eq!(overlay.changes(), &[]);
        prop_assert_eq!(overlay.apply(&pod).to_string(), pod.to_string());
    }

    #[test]
    fn any_pod_and_any_facts_give_an_observed_pod(
        pod in arbitrary::nonsense(), spec in arbitrary::spec(), facts in arbitrary::facts()
    ) {
        for kind in ContainerKind::ALL {
            let container = ObservedContainer { pod: &pod, kind, name: "app" };
            let overlay = overlay(container, Observation { spec: spec.as_ref(), facts: &facts, node: &node() });
            let observed = overlay.apply(&pod);
            for change in overlay.changes() {
                let path = change.path.strip_suffix("/-").unwrap_or(&change.path);
                let found = observed.pointer(path).expect("the change is there");
                prop_assert!(*found == change.observed || found.as_array().is_some_and(|list| list.contains(&change.observed)));
            }
        }
    }
}

#[test]
fn a_field_goes_by_its_place_below_what_it_belongs_to() {
    let table = [
        ("/spec/containers/0/securityContext/capabilities/add", "capabilities/add"),
        ("/spec/initContainers/12/securityContext/runAsNonRoot", "runAsNonRoot"),
        ("/spec/ephemeralContainers/0/volumeMounts/-", "volumeMounts/-"),
        ("/spec/hostNetwork", "hostNetwork"),
        ("/spec/volumes/-", "volumes/-"),
        ("/spec/containers", "containers"),
        ("", ""),
    ];
    for (path, field) in table {
        let change = Change {
            path: path.to_owned(),
            declared: None,
            observed: Value::Null,
            reason: String::new(),
            step: Known::Unknown,
        };
        assert_eq!(change.field(), field, "{path}");
    }
}
