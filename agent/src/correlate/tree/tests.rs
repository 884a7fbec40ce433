use proptest::prelude::*;

use super::*;

const HYBRID: &[u8] = b"\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw
";

#[test]
fn a_hybrid_host_has_its_unified_mount_beside_the_controllers() {
    assert_eq!(unified_mount(HYBRID), Some(PathBuf::from("/sys/fs/cgroup/unified")));
}

#[test]
fn a_pure_v2_host_has_it_at_the_top() {
    let text = b"30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 master:2 - cgroup2 cgroup2 rw,nsdelegate\n";
    assert_eq!(unified_mount(text), Some(PathBuf::from("/sys/fs/cgroup")));
}

#[test]
fn a_whole_mount_is_preferred_to_a_container_s_part() {
    let text = b"\
30 23 0:26 / /host/sys/fs/cgroup ro - cgroup2 cgroup rw
31 23 0:26 /../../kubepods /sys/fs/cgroup ro - cgroup2 cgroup rw
";
    assert_eq!(unified_mount(text), Some(PathBuf::from("/host/sys/fs/cgroup")));
}

#[test]
fn a_v1_host_has_none() {
    assert_eq!(unified_mount(b"32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n\ngarbage"), None);
}

#[test]
fn escaped_spaces_of_a_target_are_undone() {
    let text = br"30 23 0:26 / /mnt/a\040b\134c rw - cgroup2 cgroup2 rw";
    assert_eq!(unified_mount(text), Some(PathBuf::from(r"/mnt/a b\c")));
}

#[test]
fn folders_are_found_with_their_inode_and_nearer_ones_first() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("a/deep/er")).unwrap();
    fs::create_dir(root.path().join("b")).unwrap();
    fs::write(root.path().join("cgroup.procs"), "").unwrap();
    let scan = scan(root.path(), 100).unwrap();
    let depth = |folder: &Folder| folder.path.iter().filter(|byte| **byte == b'/').count();
    assert!(scan.folders.is_sorted_by_key(|folder| if folder.path == b"/" { 0 } else { depth(folder) }));
    let deep = scan.folders.iter().find(|folder| folder.path == b"/a/deep").unwrap();
    assert_eq!(deep.id, fs::metadata(root.path().join("a/deep")).unwrap().ino());
    assert_eq!((scan.folders.len(), scan.truncated), (5, false));
}

#[test]
fn a_limit_is_kept_and_said() {
    let root = tempfile::tempdir().unwrap();
    for name in ["a", "b", "c"] {
        fs::create_dir(root.path().join(name)).unwrap();
    }
    let scan = scan(root.path(), 2).unwrap();
    assert_eq!((scan.folders.len(), scan.truncated), (2, true));
}

#[test]
fn a_root_that_is_not_there_is_an_error() {
    assert_eq!(scan(Path::new("/no/such/cgroup"), 2).unwrap_err().kind(), io::ErrorKind::NotFound);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(text in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = unified_mount(&text);
        prop_assert!(unescape(&text).len() <= text.len());
    }
}
