use std::os::unix::fs::symlink;

use super::*;

fn process(proc: &Path, pid: &str, comm: &str, mount: u32, others: u32) {
    let own = proc.join(pid);
    fs::create_dir_all(own.join("ns")).unwrap();
    fs::write(own.join("comm"), comm).unwrap();
    symlink(format!("mnt:[{mount}]"), own.join("ns/mnt")).unwrap();
    for kind in ["pid", "ipc", "net", "user"] {
        symlink(format!("{kind}:[{others}]"), own.join("ns").join(kind)).unwrap();
    }
}

fn all(inode: u32) -> Namespaces {
    Namespaces { pid: Some(inode), ipc: Some(inode), network: Some(inode), user: Some(inode) }
}

#[test]
fn the_kubelets_are_the_nodes() {
    let proc = tempfile::tempdir().unwrap();
    process(proc.path(), "1", "systemd\n", 10, 20);
    process(proc.path(), "90", "kubelet\n", 10, 21);
    process(proc.path(), "100", "kubelet\n", 10, 22);
    assert_eq!(Namespaces::read(proc.path(), 10), all(21));
}

#[test]
fn a_process_in_a_container_is_no_kubelet_whatever_it_calls_itself() {
    let proc = tempfile::tempdir().unwrap();
    process(proc.path(), "1", "systemd\n", 10, 20);
    process(proc.path(), "50", "kubelet\n", 11, 66);
    process(proc.path(), "51", "kubelet-x\n", 10, 66);
    assert_eq!(Namespaces::read(proc.path(), 10), all(20));
}

#[test]
fn where_the_first_process_is_guarded_kthreadd_stands_in() {
    let proc = tempfile::tempdir().unwrap();
    process(proc.path(), "2", "kthreadd\n", 10, 20);
    assert_eq!(Namespaces::read(proc.path(), 10), all(20));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(Namespaces::read(empty.path(), 10), Namespaces::default());
}
