use serde_json::json;

use super::*;

fn pod() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": "web-7d9c-x2", "namespace": "shop", "uid": "u-1",
            "annotations": {"kubernetes.io/config.hash": "0a1b"},
            "ownerReferences": [
                {"kind": "Node", "name": "n"},
                {"kind": "ReplicaSet", "name": "web-7d9c", "controller": true},
            ],
        },
        "spec": {
            "volumes": [
                {"name": "scratch", "emptyDir": {}},
                {"name": "empty"},
                {"persistentVolumeClaim": {"claimName": "c"}, "name": "data"},
            ],
            "containers": [{
                "name": "web", "image": "registry/web:1",
                "volumeMounts": [
                    {"name": "scratch", "mountPath": "/scratch/"},
                    {"name": "data", "mountPath": "/data", "subPath": "x"},
                    {"name": "empty", "mountPath": "/e"},
                ],
            }],
            "initContainers": [
                {"name": "migrate", "image": "registry/m@sha256:aa"},
                {"name": "mesh", "restartPolicy": "Always"},
            ],
            "ephemeralContainers": [{"name": "debugger"}],
        },
        "status": {
            "containerStatuses": [
                {"name": "web", "containerID": "containerd://c1", "imageID": "registry/web@sha256:bb"},
            ],
            "initContainerStatuses": [{"name": "mesh", "containerID": "cri-o://c2", "imageID": "sha256:cc"}],
        },
    })
}

#[test]
fn containers_of_all_lists_have_their_kind() {
    let pod = Pod::from_object(&pod()).unwrap();
    let kinds: Vec<_> = pod.containers.iter().map(|container| (&*container.name, container.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("web", ContainerKind::Container),
            ("migrate", ContainerKind::Init),
            ("mesh", ContainerKind::Sidecar),
            ("debugger", ContainerKind::Ephemeral),
        ]
    );
}

#[test]
fn the_identity_is_that_of_the_metadata() {
    let pod = Pod::from_object(&pod()).unwrap();
    assert_eq!((&*pod.namespace, &*pod.name, pod.uid.as_deref()), ("shop", "web-7d9c-x2", Some("u-1")));
    assert_eq!(pod.config_hash.as_deref(), Some("0a1b"));
    assert_eq!(pod.owner, Some(OwnerRef { kind: "ReplicaSet".into(), name: "web-7d9c".into() }));
}

#[test]
fn the_status_says_which_container_runs() {
    let pod = Pod::from_object(&pod()).unwrap();
    let running: Vec<_> = pod.containers.iter().map(|container| container.running.clone()).collect();
    let expected = [
        Some((Some(Runtime::Containerd), "c1".into())),
        None,
        Some((Some(Runtime::CriO), "c2".into())),
        None,
    ];
    assert_eq!(running, expected);
}

#[test]
fn a_pinned_digest_counts_and_else_the_one_pulled_by_repository() {
    let pod = Pod::from_object(&pod()).unwrap();
    let digests: Vec<_> = pod.containers.iter().map(|container| container.digest.as_deref()).collect();
    assert_eq!(
        digests,
        [Some("sha256:bb"), Some("sha256:aa"), None, None],
        "an image id is no repository digest"
    );
}

#[test]
fn a_mount_has_the_kind_of_its_volume_s_source() {
    let pod = Pod::from_object(&pod()).unwrap();
    let kinds = pod.containers[0]
        .mounts
        .iter()
        .map(|mount| (&*mount.path, mount.kind.as_ref().map(VolumeKind::as_str)));
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        [("/scratch", Some("emptyDir")), ("/data", Some("persistentVolumeClaim")), ("/e", None)]
    );
}

#[test]
fn the_object_is_kept_unchanged() {
    assert_eq!(Pod::from_object(&pod()).unwrap().object, pod());
}

#[test]
fn a_manifest_without_a_namespace_is_in_default() {
    let pod = Pod::from_object(&json!({"kind": "Pod", "metadata": {"name": "bare"}})).unwrap();
    assert_eq!((&*pod.namespace, pod.uid, pod.containers.len()), ("default", None, 0));
}

#[test]
fn what_is_no_pod_or_has_no_name_is_none() {
    for object in [
        json!({"kind": "Service", "metadata": {"name": "x"}}),
        json!({"kind": "Pod"}),
        json!(null),
        json!([1]),
    ] {
        assert_eq!(Pod::from_object(&object), None);
    }
}
