use std::fs;

use serde_json::json;

use super::*;

const STATE: &str = "run/containerd/io.containerd.runtime.v2.task/k8s.io";

/// A node with the files of containerd's bundles.
fn node(files: &[(&str, &str)]) -> tempfile::TempDir {
    let node = tempfile::tempdir().unwrap();
    for (file, text) in files {
        let path = node.path().join(STATE).join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    node
}

fn found(files: &[(&str, &str)]) -> Option<bool> {
    let spec = serde_json::from_value(json!({"annotations": {"io.kubernetes.cri.sandbox-id": "s"}})).unwrap();
    runs_here(node(files).path(), &Path::new("/").join(STATE).join("c"), Some(&spec))
}

#[test]
fn the_shim_says_whose_kernel_it_is() {
    let shim = |name: &str| found(&[("c/shim-binary-path", name)]);
    assert_eq!(shim("/usr/local/bin/containerd-shim-runc-v2"), Some(true));
    assert_eq!(shim("containerd-shim-runc-v1\n"), Some(true));
    assert_eq!(shim("/usr/local/bin/containerd-shim-runsc-v1"), Some(false));
    assert_eq!(shim("/opt/kata/bin/containerd-shim-kata-v2"), Some(false));
}

/// containerd 2 starts one shim for a Pod, and writes its name for the sandbox alone.
#[test]
fn a_container_has_the_shim_of_its_sandbox() {
    assert_eq!(found(&[("s/shim-binary-path", "/bin/containerd-shim-kata-v2")]), Some(false));
    assert_eq!(found(&[("s/shim-binary-path", "/bin/containerd-shim-runc-v2")]), Some(true));
    let own = [
        ("s/shim-binary-path", "containerd-shim-kata-v2"),
        ("c/shim-binary-path", "containerd-shim-runc-v2"),
    ];
    assert_eq!(found(&own), Some(true));
}

/// docker runs gVisor so.
#[test]
fn the_runtime_below_runcs_shim_counts() {
    let below = |runtime| found(&[("c/shim-binary-path", "containerd-shim-runc-v2"), ("c/runtime", runtime)]);
    assert_eq!(below("/usr/local/bin/runsc"), Some(false));
    assert_eq!(below("kata-runtime"), Some(false));
    for runtime in ["", "runc", "/usr/bin/crun", "/usr/bin/nvidia-container-runtime"] {
        assert_eq!(below(runtime), Some(true), "{runtime}");
    }
}

#[test]
fn without_a_name_it_cannot_be_told_but_of_what_runc_or_crun_keep() {
    assert_eq!(found(&[]), None);
    assert_eq!(found(&[("c/shim-binary-path", "\n")]), None);
    let crio = Path::new("/run/containers/storage/overlay-containers/c/userdata");
    assert_eq!(runs_here(node(&[]).path(), crio, None), Some(true));
}
