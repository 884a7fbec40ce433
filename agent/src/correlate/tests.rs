use proptest::prelude::*;

use super::*;

const ID: &str = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";
const INNER: &str = "9ec39b91f3d70e1beff50a308f77067065ea6be0d91a3378375056cd4422cf3d";
const UID: &str = "1f1b0a3e-9f0e-4bd3-9a57-0c1b2d3e4f50";
const UNDERSCORED: &str = "1f1b0a3e_9f0e_4bd3_9a57_0c1b2d3e4f50";
const HASH: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";

fn path(template: &str) -> String {
    let filled = template.replace("{id}", ID).replace("{inner}", INNER).replace("{uid}", UID);
    filled.replace("{u_id}", UNDERSCORED).replace("{hash}", HASH)
}

fn found(template: &str) -> Option<ContainerRef> {
    container(path(template).as_bytes(), &NoneKnown)
}

#[test]
fn each_engine_and_driver_has_its_path() {
    use Runtime::{Containerd, CriO, Docker, Podman};
    let rows: [(&str, Option<Runtime>, Option<&str>); 26] = [
        ("/kubepods/burstable/pod{uid}/{id}", None, Some(UID)),
        ("/kubepods/besteffort/pod{uid}/{id}", None, Some(UID)),
        ("/kubepods/pod{uid}/{id}", None, Some(UID)),
        ("/kubepods/burstable/pod{hash}/{id}", None, Some(HASH)),
        ("/kubelet/kubepods/besteffort/pod{uid}/{id}", None, Some(UID)),
        ("/kubepods/burstable/pod{uid}/crio-{id}", Some(CriO), Some(UID)),
        (
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{u_id}.slice/cri-containerd-{id}.scope",
            Some(Containerd),
            Some(UID),
        ),
        (
            "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{u_id}.slice/crio-{id}.scope",
            Some(CriO),
            Some(UID),
        ),
        ("/kubepods.slice/kubepods-pod{u_id}.slice/docker-{id}.scope", Some(Docker), Some(UID)),
        ("/kubepods.slice/kubepods-pod{hash}.slice/cri-containerd-{id}.scope", Some(Containerd), Some(HASH)),
        (
            "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod{u_id}.slice/cri-containerd-{id}.scope",
            Some(Containerd),
            Some(UID),
        ),
        (
            "/system.slice/containerd.service/kubepods-pod{u_id}.slice:cri-containerd:{id}",
            Some(Containerd),
            Some(UID),
        ),
        ("/kubepods-burstable-pod{u_id}.slice:crio:{id}", Some(CriO), Some(UID)),
        ("/system.slice:cri-containerd:{id}", Some(Containerd), None),
        ("/system.slice:docker:{id}", Some(Docker), None),
        ("/docker/{id}", Some(Docker), None),
        ("/system.slice/docker-{id}.scope", Some(Docker), None),
        ("/user.slice/user-1000.slice/user@1000.service/user.slice/docker-{id}.scope", Some(Docker), None),
        ("/machine.slice/libpod-{id}.scope", Some(Podman), None),
        ("/machine.slice/machine-libpod_pod_{inner}.slice/libpod-{id}.scope", Some(Podman), None),
        ("/libpod_parent/libpod-{id}", Some(Podman), None),
        ("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{id}.scope", Some(Podman), None),
        ("/system.slice/web.service/libpod-payload-{id}", Some(Podman), None),
        ("/default/{id}", Some(Containerd), None),
        ("/system.slice/nerdctl-{id}.scope", Some(Containerd), None),
        ("/ecs/0af5/{id}", None, None),
    ];
    for (template, runtime, pod) in rows {
        let at = path(template);
        let expected = ContainerRef {
            id: ID.into(),
            runtime,
            pod_uid: pod.map(Box::from),
            folder: at.len(),
            nested: false,
        };
        assert_eq!(container(at.as_bytes(), &NoneKnown), Some(expected), "{at}");
    }
}

#[test]
fn what_stands_beside_containers_is_none() {
    let rows = [
        "/",
        "",
        "/init.scope",
        "/system.slice/containerd.service",
        "/kubepods",
        "/kubepods/burstable/pod{uid}",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{u_id}.slice",
        "/machine.slice/libpod-conmon-{id}.scope",
        "/libpod_parent/conmon",
        "/kubepods.slice/kubepods-pod{u_id}.slice/crio-conmon-{id}.scope",
        "/system.slice/crio-conmon-{id}.scope",
        "/machine.slice/machine-libpod_pod_{inner}.slice",
        "/system.slice/docker-deadbeef.scope",
        "/user.slice/user-1000.slice/session-1.scope",
        "/a:b:c",
    ];
    for row in rows {
        assert_eq!(found(row), None, "{row}");
    }
}

#[test]
fn a_nested_cgroup_belongs_to_the_outermost_container() {
    for (template, own) in [
        ("/docker/{id}/docker/{inner}", "/docker/{id}"),
        ("/docker/{id}/kubelet/kubepods/burstable/pod{uid}/{inner}", "/docker/{id}"),
        ("/machine.slice/libpod-{id}.scope/container", "/machine.slice/libpod-{id}.scope"),
        ("/docker/{id}/libpod-conmon-{inner}.scope", "/docker/{id}"),
    ] {
        let reference = found(template).unwrap();
        assert_eq!((&*reference.id, reference.nested), (ID, true), "{template}");
        assert_eq!(reference.folder, path(own).len(), "{template}");
        assert_eq!(reference.pod_uid, None, "the inner pod is not the outer container's: {template}");
    }
}

#[test]
fn a_trailing_slash_is_not_nesting() {
    assert!(!found("/docker/{id}/").unwrap().nested);
}

#[test]
fn a_pod_folder_outside_kubepods_names_no_pod() {
    assert_eq!(found("/podcasts/{id}").unwrap().pod_uid, None);
}

struct OneKnown;

impl KnownCgroups for OneKnown {
    fn at(&self, folder: &[u8]) -> Option<(&str, Runtime)> {
        (folder == b"/jobs/web" || folder == b"/kubepods/pod7/web").then_some(("web", Runtime::Runc))
    }
}

#[test]
fn a_name_of_no_rule_is_found_where_the_runtime_states_it() {
    let reference = container(b"/jobs/web/inner", &OneKnown).unwrap();
    assert_eq!((&*reference.id, reference.runtime), ("web", Some(Runtime::Runc)));
    assert_eq!((reference.folder, reference.nested), (9, true));
    assert_eq!(container(b"/jobs/website", &OneKnown), None);
}

#[test]
fn a_stated_container_below_a_pod_folder_has_that_pod() {
    let reference = container(b"/kubepods/pod7/web", &OneKnown).unwrap();
    assert_eq!(reference.pod_uid.as_deref(), Some("7"));
}

#[test]
fn bytes_that_are_not_utf8_hide_nothing_below_them() {
    let mut at = b"/\xff\xfe/docker/".to_vec();
    at.extend_from_slice(ID.as_bytes());
    assert_eq!(container(&at, &NoneKnown).unwrap().runtime, Some(Runtime::Docker));
}

fn any_path() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(ID.to_owned()),
        Just(format!("docker-{ID}.scope")),
        Just(format!("x:cri-containerd:{ID}")),
        Just(format!("kubepods-pod{UNDERSCORED}.slice")),
        Just("kubepods".to_owned()),
        "pod[a-f0-9-]{0,8}",
        "[a-z0-9:._@-]{0,70}",
    ];
    let shaped =
        prop::collection::vec(piece, 0..6).prop_map(|parts| format!("/{}", parts.join("/")).into_bytes());
    prop_oneof![shaped, prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #[test]
    fn the_id_is_part_of_the_last_segment_of_the_folder(at in any_path()) {
        if let Some(reference) = container(&at, &NoneKnown) {
            let last = at[..reference.folder].rsplit(|byte| *byte == b'/').next().unwrap();
            prop_assert!(std::str::from_utf8(last).unwrap().contains(&*reference.id));
            prop_assert!(reference.nested || at[reference.folder..].iter().all(|byte| *byte == b'/'));
        }
    }

    #[test]
    fn what_lies_below_a_container_changes_nothing_but_nesting(below in any_path()) {
        let own = path("/kubepods/pod{uid}/{id}");
        let outer = container(own.as_bytes(), &NoneKnown).unwrap();
        let inner = container(&[own.as_bytes(), b"/", &below].concat(), &NoneKnown).unwrap();
        prop_assert_eq!(ContainerRef { nested: false, ..inner }, outer);
    }
}
