use std::collections::BTreeMap;

use policy::event::ContainerKind;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::*;
use crate::declarations::Workload;

/// One Pod, found by the keys that it has.
#[derive(Debug)]
struct One(Arc<Pod>);

impl Declarations for One {
    fn pod_by_uid(&self, uid: &str) -> Option<Arc<Pod>> {
        (self.0.uid.as_deref() == Some(uid)).then(|| Arc::clone(&self.0))
    }

    fn pod_by_container_id(&self, id: &str) -> Option<Arc<Pod>> {
        let mut running = self.0.containers.iter().filter_map(|container| container.running.as_ref());
        running.any(|(_, running)| &**running == id).then(|| Arc::clone(&self.0))
    }

    fn pod_by_config_hash(&self, hash: &str) -> Option<Arc<Pod>> {
        (self.0.config_hash.as_deref() == Some(hash)).then(|| Arc::clone(&self.0))
    }

    fn workload(&self, _namespace: &str, _kind: &str, _name: &str) -> Option<Arc<Workload>> {
        None
    }

    fn network(&self) -> Arc<policy::network::Cluster> {
        Arc::default()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        watch::Sender::new(0).subscribe()
    }
}

fn reference(id: &str, pod_uid: Option<&str>) -> ContainerRef {
    ContainerRef { id: id.into(), runtime: None, pod_uid: pod_uid.map(Box::from), folder: 0, nested: false }
}

fn state(annotations: &[(&str, &str)]) -> StateEntry {
    let annotations: BTreeMap<_, _> =
        annotations.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let names = CriNames::from_annotations(&annotations);
    StateEntry {
        id: "x".into(),
        runtime: Runtime::Containerd,
        cgroup: None,
        bundle: None,
        names,
        bounding: None,
    }
}

fn named(name: &str) -> StateEntry {
    state(&[("io.kubernetes.cri.container-name", name)])
}

/// A Pod of two containers; the status knows one.
fn two() -> One {
    one(&json!({
        "kind": "Pod",
        "metadata": {
            "name": "web", "namespace": "shop", "uid": "u",
            "annotations": {"kubernetes.io/config.hash": "hash"},
            "ownerReferences": [{"kind": "StatefulSet", "name": "db", "controller": true}],
        },
        "spec": {
            "containers": [{"name": "app", "image": "app:1"}, {"name": "logs", "image": "logs@sha256:aa"}],
            "initContainers": [{"name": "mesh", "restartPolicy": "Always"}],
        },
        "status": {"containerStatuses": [{"name": "logs", "containerID": "cri-o://c-logs"}]},
    }))
}

fn one(object: &Value) -> One {
    One(Arc::new(Pod::from_object(object).unwrap()))
}

fn name(resolved: &Resolved) -> Option<&str> {
    resolved.declared().map(|declared| &*declared.name)
}

#[test]
fn the_pod_is_found_by_uid_then_hash_then_container_id() {
    for reference in [reference("x", Some("u")), reference("x", Some("hash")), reference("c-logs", None)] {
        let resolved = resolve(&reference, None, &two());
        assert_eq!(resolved.pod.map(|pod| pod.name.to_string()).as_deref(), Some("web"), "{reference:?}");
    }
}

#[test]
fn the_container_is_found_by_id_then_name() {
    let by_id = resolve(&reference("c-logs", Some("u")), Some(&named("app")), &two());
    assert_eq!(name(&by_id), Some("logs"), "the id in the status comes first");
    let by_name = resolve(&reference("x", Some("u")), Some(&named("mesh")), &two());
    assert_eq!(by_name.declared().map(|declared| declared.kind), Some(ContainerKind::Sidecar));
    assert_eq!(name(&resolve(&reference("x", Some("u")), None, &two())), None, "two are left");
}

#[test]
fn the_only_container_needs_no_name() {
    let declarations = one(&json!({
        "kind": "Pod", "metadata": {"name": "p", "uid": "u"}, "spec": {"containers": [{"name": "only"}]},
    }));
    assert_eq!(name(&resolve(&reference("x", Some("u")), None, &declarations)), Some("only"));
}

#[test]
fn the_only_container_that_runs_under_another_id_is_not_taken() {
    let declarations = one(&json!({
        "kind": "Pod", "metadata": {"name": "p", "uid": "u"}, "spec": {"containers": [{"name": "only"}]},
        "status": {"containerStatuses": [{"name": "only", "containerID": "containerd://other"}]},
    }));
    let resolved = resolve(&reference("x", Some("u")), None, &declarations);
    assert_eq!((name(&resolved), resolved.pod.is_some()), (None, true));
}

#[test]
fn a_name_that_the_pod_does_not_have_is_kept_without_a_place() {
    let resolved = resolve(&reference("x", Some("u")), Some(&named("debugger-1")), &two());
    assert_eq!(resolved.index, None);
    assert_eq!(resolved.container(Set::default()).name, Known::Known("debugger-1".to_owned()));
    assert_eq!(resolved.container(Set::default()).kind, Known::Unknown);
}

#[test]
fn a_pause_sandbox_is_no_container_of_the_pod() {
    let pause = state(&[("io.kubernetes.cri.container-type", "sandbox")]);
    let resolved = resolve(&reference("x", Some("u")), Some(&pause), &two());
    assert!(resolved.sandbox && resolved.pod.is_some() && !resolved.is_awaited());
    assert_eq!(name(&resolved), None);
}

#[test]
fn a_pod_that_is_not_declared_yet_is_awaited() {
    assert!(resolve(&reference("x", Some("new")), None, &two()).is_awaited());
    assert!(!resolve(&reference("x", None), None, &two()).is_awaited(), "docker's have none");
}

#[test]
fn the_uid_that_the_runtime_says_counts_where_the_path_says_none() {
    let state = state(&[("io.kubernetes.cri.sandbox-uid", "u"), ("io.kubernetes.cri.container-name", "app")]);
    assert_eq!(name(&resolve(&reference("x", None), Some(&state), &two())), Some("app"));
}

#[test]
fn expressions_see_what_is_declared() {
    let resolved = resolve(&reference("c-logs", Some("u")), None, &two());
    let container = resolved.container(Set::default());
    assert_eq!(container.name, Known::Known("logs".to_owned()));
    assert_eq!(container.runtime, Known::Known("cri-o".to_owned()), "from the status");
    assert_eq!(container.image.reference, Known::Known("logs@sha256:aa".to_owned()));
    assert_eq!(container.image.digest, Known::Known("sha256:aa".to_owned()));
}

#[test]
fn a_plain_runc_container_has_the_name_it_was_given_and_no_pod() {
    let state = StateEntry { runtime: Runtime::Runc, ..state(&[]) };
    let resolved = resolve(&reference("job", None), Some(&state), &two());
    assert_eq!(resolved.container(Set::default()).name, Known::Known("job".to_owned()));
    let Subject::Container { namespace, pod, owner, container } = resolved.subject() else {
        panic!("{resolved:?}")
    };
    assert_eq!((namespace, pod, owner, &*container.id), (None, None, None, "job"));
}

#[test]
fn an_id_that_an_engine_made_is_no_name() {
    let id = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";
    assert_eq!(resolve(&reference(id, None), None, &two()).container(Set::default()).name, Known::Unknown);
}

#[test]
fn a_record_names_pod_owner_and_container() {
    let subject = resolve(&reference("c-logs", Some("u")), None, &two()).subject();
    let json = serde_json::to_value(subject).unwrap();
    assert_eq!(json["namespace"], "shop");
    assert_eq!(json["pod"], json!({"name": "web", "uid": "u"}));
    assert_eq!(json["owner"], json!({"kind": "StatefulSet", "name": "db"}));
    assert_eq!(json["container"]["name"], "logs");
}

#[test]
fn what_expressions_see_is_worked_out_from_what_is_declared() {
    let declarations = one(&json!({
        "kind": "Pod", "metadata": {"name": "p", "uid": "u"},
        "spec": {"containers": [{
            "name": "only",
            "securityContext": {"capabilities": {"drop": ["CHOWN"], "add": ["NET_ADMIN"]}},
        }]},
    }));
    let bounding = Some(["CHOWN", "NET_ADMIN"].into_iter().collect());
    let state = StateEntry { bounding, ..state(&[]) };
    let resolved = resolve(&reference("x", Some("u")), Some(&state), &declarations);
    let seen = resolved.container(Set::default());
    assert_eq!(seen.capabilities.allowed, Known::Known(["NET_ADMIN"].into_iter().collect()));
    assert_eq!(seen.capabilities.added, Known::Known(vec!["NET_ADMIN".to_owned()]));
}

#[test]
fn the_texts_of_a_container_are_weighed() {
    let plain = Resolved::of_id("x");
    let named = Resolved {
        names: CriNames { image: Some("registry.example/a:1".into()), ..plain.names.clone() },
        ..plain.clone()
    };
    assert_eq!(named.bytes() - plain.bytes(), "registry.example/a:1".len());
    let shared = plain.clone().sharing(&"longer".into(), &"/pod/longer".into());
    assert_eq!(shared.bytes() - plain.bytes(), "longer/pod/longer".len() - "x".len());
}
