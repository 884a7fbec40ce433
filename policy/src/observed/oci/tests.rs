use serde_json::json;

use super::*;

fn read(json: serde_json::Value) -> Option<OciSpec> {
    serde_json::from_value(json).ok()
}

#[test]
fn what_a_container_is_compared_with_is_read() {
    let spec = read(json!({
        "ociVersion": "1.2.0",
        "process": {
            "user": {"uid": 1000, "gid": 3000, "additionalGids": [3000]},
            "args": ["/bin/sh"],
            "capabilities": {"bounding": ["CAP_CHOWN"], "permitted": ["CAP_KILL"], "effective": []},
            "noNewPrivileges": true,
            "apparmorProfile": "cri-containerd.apparmor.d",
            "selinuxLabel": "system_u:system_r:container_t:s0",
        },
        "root": {"path": "rootfs", "readonly": true},
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/data", "type": "bind", "source": "/srv", "options": ["rbind", "ro"]},
        ],
        "annotations": {"io.kubernetes.cri.sandbox-id": "s"},
        "linux": {
            "cgroupsPath": "/kubepods/x",
            "namespaces": [{"type": "pid"}, {"type": "network", "path": "/proc/7/ns/net"}],
            "seccomp": {"defaultAction": "SCMP_ACT_ERRNO"},
            "maskedPaths": ["/proc/kcore"],
        },
    }))
    .expect("a specification");
    assert_eq!(spec.bounding(), Some(&["CAP_CHOWN".to_owned()][..]));
    assert_eq!(spec.capabilities(), ["CHOWN", "KILL"].into());
    assert_eq!(spec.mounts.iter().map(OciMount::bound).collect::<Vec<_>>(), [None, Some("/srv")]);
    let network = spec.namespace("network").and_then(|namespace| namespace.path.as_deref());
    assert_eq!((network, spec.namespace("ipc")), (Some("/proc/7/ns/net"), None));
    let process = spec.process.expect("a process");
    assert_eq!((process.user, process.no_new_privileges), (OciUser { uid: 1000, gid: 3000 }, true));
    assert_eq!(process.apparmor_profile.as_deref(), Some("cri-containerd.apparmor.d"));
    assert_eq!(process.selinux_label.as_deref(), Some("system_u:system_r:container_t:s0"));
    let linux = spec.linux.expect("linux");
    assert_eq!((linux.cgroups_path.as_deref(), linux.seccomp), (Some("/kubepods/x"), Some(OciSeccomp {})));
    assert_eq!(
        (spec.root, &*linux.masked_paths),
        (Some(OciRoot { path: "rootfs".to_owned(), readonly: true }), &["/proc/kcore".to_owned()][..])
    );
}

#[test]
fn what_is_null_or_left_out_is_not_there() {
    let null = json!({"annotations": null, "process": null, "root": null, "mounts": null, "linux": null});
    assert_eq!(read(null), Some(OciSpec::default()));
    assert_eq!(read(json!({})), Some(OciSpec::default()));
    let spec =
        read(json!({"process": {"capabilities": null}, "linux": {"namespaces": null, "maskedPaths": null}}));
    assert_eq!(spec.expect("a specification").bounding(), Some(&[][..]));
    assert_eq!(OciSpec::default().bounding(), None);
}

#[test]
fn hooks_that_can_mount_are_told_from_those_that_come_later() {
    let has = |hooks| read(json!({"hooks": hooks})).expect("a specification").has_mounting_hooks();
    let hook = json!([{"path": "/usr/bin/hook", "args": ["hook"]}]);
    for stage in ["prestart", "createRuntime", "createContainer"] {
        assert!(has(json!({stage: hook})), "{stage}");
    }
    for stage in ["startContainer", "poststart", "poststop"] {
        assert!(!has(json!({stage: hook})), "{stage}");
    }
    assert!(!has(json!(null)) && !has(json!({"prestart": []})));
}

#[test]
fn what_does_not_read_makes_it_unreadable() {
    for nonsense in [
        json!(7),
        json!({"process": [7]}),
        json!({"process": {"user": {"uid": -1}}}),
        json!({"process": {"capabilities": {"bounding": "ALL"}}}),
        json!({"root": {"readonly": "yes"}}),
        json!({"mounts": [7]}),
        json!({"linux": {"namespaces": {"pid": true}}}),
        json!({"annotations": {"a": 1}}),
    ] {
        assert_eq!(read(nonsense.clone()), None, "{nonsense}");
    }
}
