use std::fs;

use super::*;
use crate::correlate::container;

const ID: &str = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";

fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// How a node names its `/run` that is seen here: its root is the folder above.
fn named(run: &Path) -> PathBuf {
    Path::new("/").join(run.file_name().unwrap())
}

fn runc_state(cgroup: &str, labels: &str) -> String {
    format!(
        r#"{{"id":"x","cgroup_paths":{{"":"{cgroup}","cpu":"/sys/fs/cgroup/cpu/other"}},"config":{{"labels":[{labels}]}}}}"#
    )
}

fn state(run: &Path) -> RunState {
    let mut state = RunState::new(run, Path::new("/sys/fs/cgroup/unified"));
    state.rescan();
    state
}

#[test]
fn a_plain_runc_container_is_told_by_the_cgroup_that_its_state_names() {
    let run = tempfile::tempdir().unwrap();
    let text = runc_state("/sys/fs/cgroup/unified/jobs/web", r#""bundle=/srv/web""#);
    write(run.path(), "runc/web/state.json", &text);
    let state = state(run.path());
    let reference = container(b"/jobs/web/inner", &state).unwrap();
    assert_eq!((&*reference.id, reference.runtime, reference.nested), ("web", Some(Runtime::Runc), true));
    assert_eq!(state.entries["web"].bundle, Some(PathBuf::from("/srv/web")));
    assert_eq!(container(b"/jobs", &state), None);
}

#[test]
fn a_pause_sandbox_and_a_container_are_told_apart_by_annotations() {
    let run = tempfile::tempdir().unwrap();
    let pause = r#""io.kubernetes.cri.container-type=sandbox","bundle=/b""#;
    let web = r#""io.kubernetes.cri.container-type=container","io.kubernetes.cri.container-name=web""#;
    write(
        run.path(),
        "containerd/runc/k8s.io/aa/state.json",
        &runc_state("/sys/fs/cgroup/kubepods/aa", pause),
    );
    write(run.path(), "containerd/runc/k8s.io/bb/state.json", &runc_state("/sys/fs/cgroup/kubepods/bb", web));
    let mut state = state(run.path());
    assert_eq!(state.find("aa").unwrap().names.sandbox, Some(true));
    let names = state.find("bb").unwrap().names.clone();
    assert_eq!((names.sandbox, names.container.as_deref()), (Some(false), Some("web")));
}

#[test]
fn the_engine_is_told_by_the_folder_and_by_annotations() {
    let run = tempfile::tempdir().unwrap();
    write(run.path(), "docker/runtime-runc/moby/dd/state.json", &runc_state("/sys/fs/cgroup/docker/dd", ""));
    write(
        run.path(),
        "containerd/runc/default/redis/state.json",
        &runc_state("/sys/fs/cgroup/default/redis", ""),
    );
    let crio = r#""io.kubernetes.cri-o.ContainerType=container","io.kubernetes.container.name=api""#;
    write(run.path(), "runc/cc/state.json", &runc_state("/sys/fs/cgroup/kubepods/crio-cc", crio));
    let state = state(run.path());
    let runtime = |id: &str| state.entries[id].runtime;
    assert_eq!(
        [runtime("dd"), runtime("redis"), runtime("cc")],
        [Runtime::Docker, Runtime::Containerd, Runtime::CriO]
    );
    assert_eq!(state.entries["cc"].names.container.as_deref(), Some("api"));
    assert_eq!(&*container(b"/default/redis", &state).unwrap().id, "redis");
}

#[test]
fn crun_s_status_leads_to_the_spec_in_the_bundle() {
    let run = tempfile::tempdir().unwrap();
    let bundle = named(run.path()).join("bundle");
    write(run.path(), "bundle/config.json", r#"{"annotations":{"io.podman.annotations.init":"FALSE"}}"#);
    let status = format!(r#"{{"pid":1,"cgroup-path":"/machine/x","bundle":{bundle:?}}}"#);
    write(run.path(), &format!("crun/{ID}/status"), &status);
    let state = state(run.path());
    assert_eq!(container(b"/machine/x", &state).unwrap().runtime, Some(Runtime::Podman));
}

#[test]
fn a_shim_s_bundle_is_enough() {
    let run = tempfile::tempdir().unwrap();
    let spec = r#"{"annotations":{"io.kubernetes.cri.container-name":"web","io.kubernetes.cri.sandbox-uid":"u"},
        "linux":{"cgroupsPath":"kubepods-pod1.slice:cri-containerd:x"}}"#;
    let task = format!("containerd/io.containerd.runtime.v2.task/k8s.io/{ID}");
    write(run.path(), &format!("{task}/config.json"), spec);
    let mut state = RunState::new(run.path(), Path::new("/sys/fs/cgroup"));
    let entry = state.find(ID).unwrap();
    assert_eq!((entry.names.pod_uid.as_deref(), &entry.cgroup), (Some("u"), &None));
    assert_eq!(entry.bundle, Some(named(run.path()).join(task)));
}

#[test]
fn paths_are_relative_to_a_cgroup_root_below_the_mount() {
    let run = tempfile::tempdir().unwrap();
    write(run.path(), "runc/in/state.json", &runc_state("/sys/fs/cgroup/node/a", ""));
    write(run.path(), "runc/out/state.json", &runc_state("/sys/fs/cgroup/b", ""));
    let mut state = RunState::new(run.path(), Path::new("/sys/fs/cgroup/node"));
    state.rescan();
    assert_eq!(state.entries["in"].cgroup.as_deref(), Some(&b"/a"[..]));
    assert_eq!(state.entries["out"].cgroup, None);
}

#[test]
fn a_forgotten_container_is_no_longer_known() {
    let run = tempfile::tempdir().unwrap();
    write(run.path(), "runc/web/state.json", &runc_state("/sys/fs/cgroup/web", ""));
    let mut state = state(run.path());
    fs::remove_dir_all(run.path().join("runc/web")).unwrap();
    state.forget("web");
    assert_eq!(state.at(b"/web"), None);
    assert_eq!(state.find("web"), None);
}

#[test]
fn a_new_container_is_found_by_its_cgroup_whatever_its_name() {
    let run = tempfile::tempdir().unwrap();
    write(run.path(), "runc/old/state.json", &runc_state("/sys/fs/cgroup/old", ""));
    let mut state = state(run.path());
    write(run.path(), "runc/new/state.json", &runc_state("/sys/fs/cgroup/jobs/7", ""));
    write(run.path(), "runc/old/state.json", &runc_state("/sys/fs/cgroup/moved", ""));
    assert!(container(b"/jobs/7", &state).is_none());
    state.refresh();
    assert_eq!(&*container(b"/jobs/7", &state).unwrap().id, "new");
    assert!(container(b"/old", &state).is_some(), "those known are not read again");
    state.rescan();
    assert!(container(b"/old", &state).is_none() && container(b"/moved", &state).is_some());
}

#[test]
fn a_broken_file_or_a_strange_name_is_nothing() {
    let run = tempfile::tempdir().unwrap();
    write(run.path(), "runc/web/state.json", "{\"config\":");
    write(run.path(), "secret/state.json", &runc_state("/sys/fs/cgroup/x", ""));
    let mut state = state(run.path());
    for id in ["web", "", ".", "..", "../secret", "absent"] {
        assert_eq!(state.find(id), None, "{id}");
    }
}

#[test]
fn a_file_larger_than_any_state_is_not_read() {
    let run = tempfile::tempdir().unwrap();
    let padding = " ".repeat(LARGEST_FILE as usize);
    write(run.path(), "runc/web/state.json", &(runc_state("/sys/fs/cgroup/web", "") + &padding));
    assert_eq!(state(run.path()).find("web"), None);
}
