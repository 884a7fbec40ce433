use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use super::*;

const NODE: Namespaces = Namespaces { pid: Some(4), ipc: Some(5), network: Some(6), user: None };

fn joined(node_root: &Path, namespaces: &serde_json::Value) -> Shared {
    let spec = serde_json::from_value(json!({"linux": {"namespaces": namespaces}})).unwrap();
    of(&spec, node_root, NODE)
}

/// As containerd names them: the sandbox's by its process.
#[test]
fn a_link_of_the_sandboxs_process_says_whose_it_is() {
    let node = tempfile::tempdir().unwrap();
    let links = node.path().join("proc/700/ns");
    fs::create_dir_all(&links).unwrap();
    for (kind, inode) in [("net", 6), ("ipc", 55), ("user", 1)] {
        symlink(format!("{kind}:[{inode}]"), links.join(kind)).unwrap();
    }
    let named = json!([
        {"type": "network", "path": "/proc/700/ns/net"},
        {"type": "ipc", "path": "/proc/700/ns/ipc"},
        {"type": "pid", "path": "/proc/700/ns/pid"},
        {"type": "user", "path": "/proc/700/ns/user"},
    ]);
    let expected = Shared { network: true.into(), ipc: false.into(), ..Shared::default() };
    assert_eq!(joined(node.path(), &named), expected);
}

#[test]
fn what_names_none_or_leads_nowhere_cannot_be_told() {
    let node = tempfile::tempdir().unwrap();
    fs::create_dir_all(node.path().join("run/netns")).unwrap();
    fs::write(node.path().join("run/netns/plain"), "").unwrap();
    for path in ["", "/", "relative", "/run/netns/plain", "/run/netns/none", "/proc/1/ns/net"] {
        let named = json!([{"type": "network", "path": path}, {"type": "pid"}]);
        assert_eq!(joined(node.path(), &named), Shared::default(), "{path}");
    }
}

#[test]
fn this_processes_own_are_told_on_this_kernel() {
    let own = |kind: &str| node::namespace(&format!("/proc/self/ns/{kind}")).ok();
    let path = format!("/proc/{}/ns/net", std::process::id());
    assert_eq!(inode(Path::new("/"), Path::new(&path)), own("net"));
    assert_ne!(inode(Path::new("/"), Path::new(&path)), own("ipc"));
}
