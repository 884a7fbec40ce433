use std::fs;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use super::*;
use crate::observe::facts::mounts::Mounts;

/// What the node has of a container's mount at `/c`.
fn sources(node: &NodeMounts, device: &str) -> usize {
    let text = format!("1 0 0:0 / / rw - overlay x rw\n2 1 {device} / /c rw - tmpfs x rw\n");
    let mounts = Mounts::parse(text.as_bytes()).unwrap().beside(node);
    match &mounts[0].source {
        policy::observed::MountSource::Node(paths) => paths.len(),
        _ => 0,
    }
}

/// A list that is kept too long shows a mount of the node's that is gone, in whatever has its number by then; one that is
/// kept for a time is one of these two.
#[test]
#[ignore = "mounts, which needs root"]
fn mounts_that_come_and_go_are_seen_at_once() {
    let asked = std::thread::spawn(|| {
        unshare(CloneFlags::CLONE_NEWNS).unwrap();
        mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>).unwrap();
        let mut node = NodeMountinfo::new("/proc/thread-self/mountinfo".into());
        node.now().unwrap();
        let folder = tempfile::tempdir().unwrap();
        mount(Some("x"), folder.path(), Some("tmpfs"), MsFlags::empty(), None::<&str>).unwrap();
        let own = fs::read_to_string("/proc/thread-self/mountinfo").unwrap();
        let line = own.lines().find(|line| line.contains(folder.path().to_str().unwrap())).unwrap();
        let device = line.split(' ').nth(2).unwrap();
        assert_eq!(sources(node.now().unwrap(), device), 1, "it came");
        assert!(!has_changed(node.open.as_ref().unwrap()), "and nothing else did");
        assert_eq!(sources(node.now().unwrap(), device), 1);
        nix::mount::umount(folder.path()).unwrap();
        assert_eq!(sources(node.now().unwrap(), device), 0, "it went");
    });
    asked.join().unwrap();
}

/// What is kept is asked for each time, and read only where it has changed: a file that never tells stands for that.
#[test]
fn mounts_that_are_as_they_were_are_not_read_again() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "1 0 0:7 / / rw - tmpfs x rw\n").unwrap();
    let mut node = NodeMountinfo::new(file.path().to_owned());
    assert_eq!(sources(node.now().unwrap(), "0:7"), 1);
    fs::write(file.path(), "1 0 0:8 / / rw - tmpfs x rw\n").unwrap();
    assert_eq!(sources(node.now().unwrap(), "0:7"), 1);
}

#[test]
fn what_does_not_read_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mountinfo");
    let mut node = NodeMountinfo::new(path.clone());
    assert!(node.now().is_none());
    fs::write(&path, "nonsense\n").unwrap();
    assert!(node.now().is_none());
    fs::write(&path, "1 0 0:7 / / rw - tmpfs x rw\n").unwrap();
    assert!(node.now().is_some());
}
