//! Every row of the documented table, in both directions, for containers of every list.

use serde_json::{Value, json};

use super::{FULL, facts, names, node, spec};
use crate::event::ContainerKind;
use crate::known::Known;
use crate::observed::{
    CapabilitySets, Facts, Label, Mount, MountSource, Namespaces, Observation, ObservedContainer, Seccomp,
    overlay,
};

/// The weakest that a kernel can show of the container.
fn weakest() -> Facts {
    let node = Known::Known(true);
    let all = Namespaces { pid: node, ipc: node, network: node, user: node };
    let source = MountSource::Node(vec!["/etc".to_owned()]);
    Facts {
        capabilities: CapabilitySets { permitted: names(&FULL), bounding: names(&FULL) }.into(),
        no_new_privileges: false.into(),
        seccomp: Seccomp::Disabled.into(),
        uid: 100_000.into(),
        gid: 100_000.into(),
        apparmor: Label::On("unconfined".to_owned()).into(),
        selinux: Label::On("system_u:system_r:spc_t:s0".to_owned()).into(),
        namespaces: all,
        descended: all,
        root_writable: true.into(),
        sys_writable: true.into(),
        masked: Known::Known(Default::default()),
        mounts: Known::Known(vec![Mount { target: "/host".to_owned(), source }]),
        image_digests: Known::Known(vec!["app@sha256:bb".to_owned()]),
        ..facts()
    }
}

/// Declares everything that is compared, and agrees with [`facts`].
fn strict() -> Value {
    json!({
        "name": "app",
        "image": "app@sha256:aa",
        "securityContext": {
            "privileged": false, "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
            "runAsNonRoot": true, "runAsUser": 1000, "runAsGroup": 1000, "procMount": "Default",
            "seccompProfile": {"type": "RuntimeDefault"}, "appArmorProfile": {"type": "RuntimeDefault"},
            "seLinuxOptions": {"type": "container_t"}, "capabilities": {"drop": ["KILL"]},
        },
    })
}

fn fields_of(pod: &Value, kind: ContainerKind, facts: &Facts) -> Vec<String> {
    let spec = spec();
    let observation = Observation { spec: Some(&spec), facts, node: &node() };
    let overlay = overlay(ObservedContainer { pod, kind, name: "app" }, observation);
    overlay.changes().iter().map(|change| change.path.clone()).collect()
}

/// Sidecars stop and ephemeral containers come when they will; what they may do is declared like any other's.
#[test]
fn every_row_holds_for_containers_of_every_list() {
    let of_container = [
        "privileged",
        "allowPrivilegeEscalation",
        "runAsUser",
        "runAsNonRoot",
        "runAsGroup",
        "seccompProfile",
        "appArmorProfile",
        "seLinuxOptions",
        "readOnlyRootFilesystem",
        "procMount",
    ];
    let of_pod = ["hostPID", "hostIPC", "hostNetwork", "hostUsers", "volumes/-"];
    let table = [
        (ContainerKind::Container, "containers"),
        (ContainerKind::Init, "initContainers"),
        (ContainerKind::Sidecar, "initContainers"),
        (ContainerKind::Ephemeral, "ephemeralContainers"),
    ];
    for (kind, list) in table {
        let mut pod = json!({"metadata": {"uid": "uid-1"}, "spec": {"hostUsers": false}});
        pod["spec"][list] = json!([{"name": "other"}, strict()]);
        assert_eq!(fields_of(&pod, kind, &facts()), <[&str; 0]>::default(), "{list}: it agrees");
        let own = format!("/spec/{list}/1");
        let context = of_container.iter().map(|field| format!("{own}/securityContext/{field}"));
        let mut expected: Vec<_> =
            context.chain(of_pod.iter().map(|field| format!("/spec/{field}"))).collect();
        expected.extend([format!("{own}/volumeMounts/-"), format!("{own}/image")]);
        assert_eq!(fields_of(&pod, kind, &weakest()), expected, "{list}: it is weaker");
        assert_eq!(
            fields_of(&pod, kind, &Facts::default()),
            <[&str; 0]>::default(),
            "{list}: nothing is known"
        );
    }
}

/// The kernel does not show them, or their change is no weakening.
#[test]
fn rows_that_are_never_compared_are_never_laid_over() {
    let mut pod = json!({"metadata": {"uid": "uid-1"}, "spec": {"containers": [strict()]}});
    let before = fields_of(&pod, ContainerKind::Container, &weakest());
    pod["spec"]["securityContext"] = json!({
        "fsGroup": 7, "fsGroupChangePolicy": "Always", "supplementalGroups": [8], "supplementalGroupsPolicy": "Strict",
        "sysctls": [{"name": "kernel.shm_rmid_forced", "value": "1"}],
        "windowsOptions": {"hostProcess": false, "runAsUserName": "ContainerUser"},
    });
    let container = &mut pod["spec"]["containers"][0];
    container["ports"] = json!([{"containerPort": 80, "hostPort": 80}]);
    container["livenessProbe"] = json!({"httpGet": {"port": 80, "host": "127.0.0.1"}});
    container["lifecycle"] = json!({"preStop": {"exec": {"command": ["true"]}}});
    assert_eq!(fields_of(&pod, ContainerKind::Container, &weakest()), before);
    assert_eq!(fields_of(&pod, ContainerKind::Container, &facts()), <[&str; 0]>::default());
}
