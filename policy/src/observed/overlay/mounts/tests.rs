use serde_json::json;

use super::*;
use crate::event::ContainerKind;
use crate::observed::overlay::tests::{changes, facts, node, pod, spec, word};
use crate::observed::overlay::{Observation, ObservedContainer, overlay};
use crate::observed::{Facts, Mount, NodeFacts, OciHook, OciHooks, OciSpec};

fn bind(source: &str, destination: &str) -> OciMount {
    OciMount {
        destination: destination.to_owned(),
        kind: Some("bind".to_owned()),
        source: Some(source.to_owned()),
        options: vec!["rbind".to_owned(), "rprivate".to_owned()],
    }
}

fn told_to(mounts: &[(&str, &str)]) -> OciSpec {
    let mut spec = spec();
    spec.mounts.extend(mounts.iter().map(|(source, destination)| bind(source, destination)));
    spec
}

fn showing(target: &str, paths: &[&str]) -> Facts {
    let source = MountSource::Node(paths.iter().map(|path| (*path).to_owned()).collect());
    Facts { mounts: Known::Known(vec![Mount { target: target.to_owned(), source }]), ..facts() }
}

/// A Pod that mounts a volume at `/data` and uses a device.
fn mounting() -> Value {
    let mut pod = pod(&json!({}));
    pod["spec"]["containers"][1]["volumeMounts"] = json!([{"name": "data", "mountPath": "/data/"}]);
    pod["spec"]["containers"][1]["volumeDevices"] = json!([{"name": "disk", "devicePath": "/disk"}]);
    pod
}

/// Source, target and step of each folder that is shown.
fn shown(pod: &Value, spec: Option<&OciSpec>, facts: &Facts) -> Vec<(String, String, &'static str)> {
    let changes = changes(pod, spec, facts);
    let pairs = changes.chunks(2).map(|pair| {
        let [volume, mount] = pair else { panic!("{pair:?}") };
        assert_eq!(
            (volume.path.as_str(), mount.path.as_str()),
            ("/spec/volumes/-", "/spec/containers/1/volumeMounts/-")
        );
        assert_eq!(volume.observed["name"], mount.observed["name"]);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let source = text(&volume.observed["hostPath"]["path"]);
        (source, text(&mount.observed["mountPath"]), word(volume.step))
    });
    pairs.collect()
}

fn one(source: &str, target: &str, step: &'static str) -> Vec<(String, String, &'static str)> {
    vec![(source.to_owned(), target.to_owned(), step)]
}

#[test]
fn a_folder_that_the_runtime_was_told_of_and_no_volume_declares_is_shown() {
    let unknown = Facts { mounts: Known::Unknown, ..facts() };
    for facts in [facts(), unknown] {
        let found = |source: &str, target| shown(&mounting(), Some(&told_to(&[(source, target)])), &facts);
        assert_eq!(found("/etc", "/host"), one("/etc", "/host", "PodToOci"));
        assert_eq!(found("/", "/"), one("/", "/", "PodToOci"));
        assert_eq!(found("/etc", "/database"), one("/etc", "/database", "PodToOci"));
        assert_eq!(found("/run/containerd/containerd.sock", "/x.sock").len(), 1);
        // The files of another container, which docker keeps in a folder named by a number of that form.
        assert_eq!(found(&format!("/var/lib/docker/overlay2/{}/merged", "c".repeat(64)), "/x").len(), 1);
        assert_eq!(found("/var/lib/kubelet/pods/uid-2/volumes/x", "/x").len(), 1, "another Pod's");
        assert_eq!(found("/var/lib/kubelet/pods/uid-1/../../pki", "/x").len(), 1);
        assert_eq!(found("/dev", "/x").len(), 1);
        assert_eq!(found("/etc", "/dev/x").len(), 1);
    }
}

#[test]
fn what_the_pod_the_kubelet_or_the_runtime_explains_is_not_shown() {
    let id = "a".repeat(64);
    let table = [
        ("/srv/anything", "/data"),
        ("/srv/anything", "/data/sub/path"),
        ("/srv/anything", "/disk"),
        ("/var/lib/kubelet/pods/uid-1/etc-hosts", "/etc/hosts"),
        ("/opt/kubelet/pods/uid-1/volumes/kubernetes.io~projected/x", "/var/run/secrets/x"),
        (&format!("/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/{id}/hostname"), "/etc/hostname"),
        (&format!("/var/lib/docker/containers/{id}/mounts/shm"), "/dev/shm"),
        (&format!("/run/containers/storage/overlay-containers/{id}/userdata/hosts"), "/etc/x"),
        ("/dev/shm", "/dev/shm"),
        ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/systemd"),
        ("relative/to/the/bundle", "/x"),
        ("", "/x"),
    ];
    for (source, target) in table {
        assert_eq!(
            shown(&mounting(), Some(&told_to(&[(source, target)])), &facts()),
            [],
            "{source} {target}"
        );
    }
    assert_eq!(shown(&mounting(), None, &facts()), []);
    let mut no_bind = told_to(&[("/etc", "/host")]);
    no_bind.mounts.iter_mut().for_each(|mount| mount.options.clear());
    assert_eq!(shown(&mounting(), Some(&no_bind), &facts()), []);
}

#[test]
fn a_static_pods_folder_goes_by_its_hash() {
    let mut pod = mounting();
    pod["metadata"]["annotations"] = json!({"kubernetes.io/config.hash": "hash-1"});
    let told = |id: &str| told_to(&[(&format!("/var/lib/kubelet/pods/{id}/volumes/x"), "/x")]);
    assert_eq!(shown(&pod, Some(&told("hash-1")), &facts()), []);
    assert_eq!(shown(&pod, Some(&told("hash-2")), &facts()).len(), 1);
    pod["metadata"] = json!({"name": "web"});
    assert_eq!(shown(&pod, Some(&told("hash-2")), &facts()), [], "whose folder it is cannot be told");
}

#[test]
fn what_a_device_brings_along_is_not_shown() {
    let pod = mounting();
    let spec = told_to(&[("/usr/lib/libcuda.so", "/usr/lib/libcuda.so")]);
    let count = |cdi_targets| {
        let container = ObservedContainer { pod: &pod, kind: ContainerKind::Container, name: "app" };
        let node = NodeFacts { cdi_targets, ..node() };
        overlay(container, Observation { spec: Some(&spec), facts: &facts(), node: &node }).changes().len()
    };
    assert_eq!(count(Known::Known(vec!["/usr/lib/libcuda.so".to_owned()])), 0);
    assert_eq!(count(Known::Known(vec!["/usr/lib/other.so".to_owned()])), 2);
    assert_eq!(count(Known::Unknown), 0);
}

#[test]
fn a_folder_that_was_mounted_past_the_runtime_is_shown() {
    let found = |target, paths: &[&str]| shown(&mounting(), Some(&spec()), &showing(target, paths));
    assert_eq!(found("/mnt", &["/etc", "/other/etc"]), one("/etc", "/mnt", "OciToKernel"));
    assert_eq!(
        found("/dev/x", &["/etc"]),
        one("/etc", "/dev/x", "OciToKernel"),
        "below what is no bind mount"
    );
    assert_eq!(found("/mnt", &["/dev"]), one("/dev", "/mnt", "OciToKernel"));
}

#[test]
fn mounts_that_are_explained_or_not_known_are_not_shown() {
    let id = "b".repeat(64);
    let spec = told_to(&[
        ("/var/run/docker.sock", "/var/run/docker.sock"),
        ("/srv/shared", "/data"),
        ("/bin", "/b"),
    ]);
    let table: [(&str, &[&str]); 11] = [
        ("/data", &["/anything"]),
        ("/data/inner", &["/anything"]),
        ("/proc", &["/etc"]),
        ("/run/docker.sock", &["/run/docker.sock"]),
        ("/mnt", &["/srv/shared/part"]),
        ("/mnt", &["/usr/bin/sh"]),
        ("/mnt", &["/mnt/disk", "/var/lib/kubelet/pods/uid-1/volumes/x"]),
        ("/mnt", &[&format!("/run/containerd/io.containerd.grpc.v1.cri/sandboxes/{id}/shm")]),
        ("/proc/kcore", &["/dev/null"]),
        ("/sys/fs/cgroup/cpu", &["/sys/fs/cgroup/cpu/kubepods/x"]),
        ("/mnt", &[]),
    ];
    for (target, paths) in table {
        let pod = mounting();
        let told: Vec<_> = shown(&pod, Some(&spec), &facts());
        assert_eq!(shown(&pod, Some(&spec), &showing(target, paths)), told, "{target} {paths:?}");
    }
    for source in [MountSource::Own, MountSource::Unknown] {
        let mounts = Known::Known(vec![Mount { target: "/mnt".to_owned(), source }]);
        assert_eq!(shown(&mounting(), Some(&spec), &Facts { mounts, ..facts() }).len(), 2);
    }
    assert_eq!(shown(&mounting(), None, &showing("/mnt", &["/etc"])), []);
    let mut hooked = self::spec();
    hooked.hooks = Some(OciHooks { prestart: vec![OciHook {}], ..OciHooks::default() });
    assert_eq!(
        shown(&mounting(), Some(&hooked), &showing("/mnt", &["/etc"])),
        [],
        "a hook may have mounted it"
    );
}

#[test]
fn a_container_that_mounts_by_the_thousand_is_shown_up_to_a_bound() {
    let mount =
        |index| Mount { target: format!("/m{index}"), source: MountSource::Node(vec!["/etc".to_owned()]) };
    let of = |count| {
        let facts = Facts { mounts: Known::Known((0..count).map(mount).collect()), ..facts() };
        let pod = mounting();
        let container = ObservedContainer { pod: &pod, kind: ContainerKind::Container, name: "app" };
        let overlay = overlay(container, Observation { spec: Some(&spec()), facts: &facts, node: &node() });
        (overlay.changes().len(), overlay.omitted())
    };
    assert_eq!(of(MOST), (2 * MOST, 0));
    assert_eq!(of(5000), (2 * MOST, 5000 - MOST));
}

/// A name by its number would make new contradictions of all that come after one that goes away.
#[test]
fn a_mount_has_the_same_name_whatever_others_there_are() {
    let mount = |target: &str| Mount {
        target: target.to_owned(),
        source: MountSource::Node(vec!["/etc".to_owned()]),
    };
    let names = |targets: &[&str]| -> Vec<Value> {
        let mounts = Known::Known(targets.iter().map(|target| mount(target)).collect());
        let changes = changes(&mounting(), Some(&spec()), &Facts { mounts, ..facts() });
        changes.chunks(2).map(|pair| pair[0].observed["name"].clone()).collect()
    };
    let all = names(&["/a", "/b", "/c"]);
    assert_eq!(names(&["/c", "/b"]), [all[2].clone(), all[1].clone()]);
    assert!(all[0] != all[1] && all[1] != all[2]);
    let name = all[0].as_str().expect("a name");
    assert!(name.strip_prefix("observed-app-").is_some_and(|digits| digits.len() == 8), "{name}");
}

/// What a device plugin answers (`AllocateResponse.mounts`) or a driver prepares for a claim stands in no file.
#[test]
fn a_container_that_is_given_devices_may_have_mounts_that_nobody_declares() {
    let spec = told_to(&[("/home/kubernetes/bin/nvidia", "/usr/local/nvidia")]);
    let count = |resources: Value| {
        let mut pod = mounting();
        pod["spec"]["containers"][1]["resources"] = resources;
        shown(&pod, Some(&spec), &facts()).len()
    };
    for resources in [
        json!({"limits": {"nvidia.com/gpu": 1}}),
        json!({"requests": {"cpu": "1", "amd.com/gpu": "1"}}),
        json!({"claims": [{"name": "gpu"}]}),
    ] {
        assert_eq!(count(resources.clone()), 0, "{resources}");
    }
    for resources in [
        json!({"limits": {"cpu": "1", "memory": "1Gi", "hugepages-2Mi": "4Mi", "ephemeral-storage": "1Gi"}}),
        json!({"limits": {"kubernetes.io/batch-cpu": 1}, "claims": []}),
        json!({"limits": ["nvidia.com/gpu"]}),
        json!({}),
    ] {
        assert_eq!(count(resources.clone()), 1, "{resources}");
    }
    let mut other = mounting();
    other["spec"]["containers"][0]["resources"] = json!({"limits": {"nvidia.com/gpu": 1}});
    assert_eq!(shown(&other, Some(&spec), &facts()).len(), 1, "another container's device");
    let mut devices = mounting();
    devices["spec"]["containers"][1]["resources"] = json!({"limits": {"nvidia.com/gpu": 1}});
    let past = showing("/mnt", &["/etc"]);
    assert_eq!(shown(&devices, Some(&self::spec()), &past).len(), 1, "no plugin mounts past the runtime");
}

#[test]
fn where_plugins_of_the_runtime_are_at_work_what_it_was_told_shows_nothing() {
    let pod = mounting();
    let spec = told_to(&[("/etc", "/host")]);
    let count = |mount_plugins| {
        let container = ObservedContainer { pod: &pod, kind: ContainerKind::Container, name: "app" };
        let node = NodeFacts { mount_plugins, ..node() };
        overlay(container, Observation { spec: Some(&spec), facts: &facts(), node: &node }).changes().len()
    };
    assert_eq!(count(Known::Known(false)), 2);
    assert_eq!(count(Known::Known(true)), 0);
    assert_eq!(count(Known::Unknown), 0);
}

/// As `makeMounts` of the kubelet (pkg/kubelet/kubelet_pods.go) asks for them, with a root of the kubelet's that is not
/// the usual one, and as containerd (internal/cri/server) and CRI-O (server/container_create.go) add theirs.
#[test]
fn what_kubelet_containerd_and_crio_mount_in_every_container_is_not_shown() {
    let (id, sandbox) = ("1".repeat(64), "2".repeat(64));
    let volumes = "/mnt/disk/kubelet/pods/uid-1";
    let of_pod = [
        (format!("{volumes}/etc-hosts"), "/etc/hosts"),
        (format!("{volumes}/containers/app/0a1b2c3d"), "/dev/termination-log"),
        (format!("{volumes}/containers/app/9f8e7d6c"), "/var/log/last-words"),
        (
            format!("{volumes}/volumes/kubernetes.io~projected/kube-api-access-x2v7k"),
            "/var/run/secrets/kubernetes.io/serviceaccount",
        ),
        (format!("{volumes}/volume-subpaths/config/app/0"), "/data/app.conf"),
        (format!("{volumes}/volumeDevices/kubernetes.io~csi/pvc-1"), "/disk"),
    ];
    let cri = "/var/lib/containerd/io.containerd.grpc.v1.cri";
    let of_containerd = [
        (format!("{cri}/sandboxes/{sandbox}/hostname"), "/etc/hostname"),
        (format!("{cri}/sandboxes/{sandbox}/hosts"), "/etc/hosts"),
        (format!("{cri}/sandboxes/{sandbox}/resolv.conf"), "/etc/resolv.conf"),
        (format!("/run/containerd/io.containerd.grpc.v1.cri/sandboxes/{sandbox}/shm"), "/dev/shm"),
        (format!("{cri}/containers/{id}/volumes/{id}"), "/var/lib/postgresql/data"),
        ("/dev/shm".to_owned(), "/dev/shm"),
    ];
    let run = format!("/run/containers/storage/overlay-containers/{id}/userdata");
    let of_sandbox = format!("/run/containers/storage/overlay-containers/{sandbox}/userdata");
    let of_crio = [
        (format!("{of_sandbox}/shm"), "/dev/shm"),
        (format!("{of_sandbox}/resolv.conf"), "/etc/resolv.conf"),
        (format!("{of_sandbox}/hostname"), "/etc/hostname"),
        (format!("{of_sandbox}/.containerenv"), "/run/.containerenv"),
        (format!("{run}/passwd"), "/etc/passwd"),
        (format!("{run}/run/secrets"), "/run/secrets"),
        (format!("{run}/mounts/{id}"), "/var/lib/postgresql/data"),
        ("/sys/fs/cgroup/systemd".to_owned(), "/sys/fs/cgroup/systemd"),
    ];
    for of_runtime in [&of_containerd[..], &of_crio] {
        let mounts: Vec<_> = of_pod.iter().chain(of_runtime).collect();
        let told: Vec<_> = mounts.iter().map(|(source, target)| (source.as_str(), *target)).collect();
        let shows = |(source, target): &&(String, &str)| Mount {
            target: (*target).to_owned(),
            source: MountSource::Node(vec![source.clone()]),
        };
        let mounts = Known::Known(mounts.iter().map(shows).collect());
        assert_eq!(shown(&mounting(), Some(&told_to(&told)), &Facts { mounts, ..facts() }), []);
    }
}

/// A path of a manifest need not be tidy; the kernel's is.
#[test]
fn a_declared_place_is_the_same_however_it_is_written() {
    let mut pod = mounting();
    pod["spec"]["containers"][1]["volumeMounts"][0]["mountPath"] = json!("/srv//data/.");
    let told = told_to(&[("/etc", "/srv/data")]);
    assert_eq!(shown(&pod, Some(&told), &facts()), []);
    assert_eq!(shown(&pod, Some(&spec()), &showing("/srv/data/x", &["/etc"])), []);
}

/// Where the node is in FIPS mode, CRI-O binds a folder of the image over another of it.
#[test]
fn what_comes_from_the_containers_own_root_is_not_shown() {
    let merged = |letter: &str| format!("/var/lib/containers/storage/overlay/{}/merged", letter.repeat(64));
    let policies = "usr/share/crypto-policies/back-ends/FIPS";
    let found = |root: &str, source: &str| {
        let mut spec = told_to(&[(source, "/etc/crypto-policies/back-ends")]);
        root.clone_into(&mut spec.root.as_mut().expect("a root").path);
        shown(&mounting(), Some(&spec), &facts()).len()
    };
    assert_eq!(found(&merged("a"), &format!("{}/{policies}", merged("a"))), 0);
    assert_eq!(found(&merged("a"), &format!("{}/{policies}", merged("b"))), 1, "another container's");
    assert_eq!(found(&merged("a"), &format!("{}/../../x", merged("a"))), 1);
    assert_eq!(found("/", "/etc"), 1, "the node's root explains nothing");
    assert_eq!(found("rootfs", "/rootfs/x"), 1, "below the bundle, wherever that is");
}

/// CRI-O gives it to Pods in the node's network that begin before the kubelet knows of an address.
#[test]
fn the_nodes_list_of_hosts_belongs_to_who_is_in_its_network() {
    let count = |network: Value, source: &str, target: &str| {
        let mut pod = mounting();
        pod["spec"]["hostNetwork"] = network;
        shown(&pod, Some(&told_to(&[(source, target)])), &facts()).len()
    };
    assert_eq!(count(json!(true), "/etc/hosts", "/etc/hosts"), 0);
    assert_eq!(count(json!(false), "/etc/hosts", "/etc/hosts"), 1);
    assert_eq!(count(json!(true), "/etc/hosts", "/host"), 1);
    assert_eq!(count(json!(true), "/etc/shadow", "/etc/hosts"), 1);
}
