use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use policy::observed::{MountSource, Seccomp};

use super::*;
use crate::load::node::Namespaces;

const STATUS: &str = "CapPrm:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nNoNewPrivs:\t0\nSeccomp:\t0\n";
const MOUNTS: &str =
    "801 700 0:55 / / ro - overlay overlay rw\n802 801 254:1 /srv /host rw - ext4 /dev/vda rw\n";
const NOW: u64 = 1_000_000_000;
const SPACES: [(&str, u32); 5] = [("user", 1), ("mnt", 2), ("pid", 3), ("ipc", 4), ("net", 5)];

/// A node whose namespaces are all 9 but the user and network ones, with one container's process of number 7.
struct Scene(tempfile::TempDir);

impl Scene {
    fn set() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        scene.process(7, SPACES);
        scene.write("1/net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n");
        scene.write("node-mounts", "20 1 254:1 / / rw - ext4 /dev/vda rw\n");
        scene
    }

    fn process(&self, pid: u32, spaces: [(&str, u32); 5]) {
        let own = format!("{pid}");
        self.write(&format!("{own}/stat"), &format!("{pid} (x) S 1{} 0\n", " 0".repeat(18)));
        self.write(&format!("{own}/status"), STATUS);
        self.write(&format!("{own}/uid_map"), "0 0 4294967295\n");
        self.write(&format!("{own}/gid_map"), "0 0 4294967295\n");
        self.write(&format!("{own}/mountinfo"), MOUNTS);
        self.write(&format!("{own}/attr/current"), "u:r:t:s0\0");
        symlink(self.0.path(), self.0.path().join(&own).join("root")).unwrap();
        fs::create_dir_all(self.0.path().join(&own).join("ns")).unwrap();
        for (kind, inode) in spaces {
            self.space(pid, kind, inode);
        }
    }

    fn space(&self, pid: u32, kind: &str, inode: u32) {
        let link = self.0.path().join(format!("{pid}/ns/{kind}"));
        drop(fs::remove_file(&link));
        symlink(format!("{kind}:[{inode}]"), link).unwrap();
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn reader(&self) -> Reader {
        let namespaces = Namespaces { pid: Some(9), ipc: Some(9), network: Some(5), user: Some(1) };
        let modules = Modules { apparmor: Known::Known(false), selinux: Known::Known(true) };
        let proc = self.0.path().to_owned();
        let (mountinfo, additions) =
            (NodeMountinfo::new(proc.join("node-mounts")), additions::Kept::default());
        Reader { node_root: proc.clone(), mountinfo, additions, proc, namespaces, modules }
    }

    fn look(&self) -> Look {
        let root = fs::metadata(self.0.path()).unwrap();
        let init = Init {
            root_inode: root.ino(),
            root_device: node::kernel_device(root.dev()),
            mount_namespace: 2,
            user_namespace: 1,
            pid: 7,
            ..Init::default()
        };
        Look { init, init_seen: 0, task: None, bundle: None }
    }
}

#[test]
fn everything_is_read_of_a_container_in_its_place() {
    let scene = Scene::set();
    let Looked { credentials, facts, spec, cdi_targets, mount_plugins } =
        scene.reader().look(&scene.look(), NOW).unwrap();
    let expected = Credentials {
        permitted: 0xa804_25fb,
        bounding: 0xa804_25fb,
        no_new_privileges: false,
        seccomp: Seccomp::Disabled,
    };
    assert_eq!((credentials, spec, cdi_targets), (Some(expected), None, Known::Known(Vec::new())));
    assert_eq!(mount_plugins, Known::Known(false));
    assert_eq!(facts.uid_map.known().unwrap().inside(1000), Some(1000));
    assert_eq!((facts.apparmor, facts.selinux), (Label::Off.into(), Label::On("u:r:t:s0".to_owned()).into()));
    let shared = Shared { pid: false.into(), ipc: false.into(), network: true.into(), user: true.into() };
    assert_eq!(facts.namespaces, shared);
    assert_eq!((facts.root_writable, facts.sys_writable), (Known::Known(false), Known::Known(false)));
    assert_eq!(facts.mounts.known().unwrap()[0].source, MountSource::Node(vec!["/srv".to_owned()]));
}

/// A shell that enters the node's network is no first process.
#[test]
fn a_namespace_of_the_node_that_any_task_of_its_own_went_to_is_told_beside_the_first_ones() {
    let scene = Scene::set();
    let spaces = [("user", 1), ("mnt", 2), ("pid", 3), ("ipc", 9), ("net", 5)];
    scene.process(8, spaces);
    let shared = || {
        let Facts { namespaces, descended, .. } = scene.reader().look(&scene.look(), NOW).unwrap().facts;
        assert_eq!((namespaces.pid, namespaces.ipc), (false.into(), false.into()));
        descended
    };
    let alone = shared();
    assert_eq!((alone.pid, alone.ipc, alone.network), (false.into(), false.into(), false.into()));
    scene.write("7/task/7/children", "8 ");
    assert_eq!(shared(), alone, "its parent is another");
    scene.write("8/stat", &format!("8 (x) S 7{} 0\n", " 0".repeat(18)));
    assert_eq!(shared(), Shared { ipc: true.into(), network: true.into(), ..alone });
}

#[test]
fn a_process_that_went_to_another_mount_namespace_or_root_tells_no_mounts() {
    let scene = Scene::set();
    let unknown = |look: &Look| {
        let facts = scene.reader().look(look, NOW).unwrap().facts;
        assert_eq!((facts.root_writable, facts.sys_writable), (Known::Unknown, Known::Unknown));
        assert_eq!((facts.masked, facts.mounts), (Known::Unknown, Known::Unknown));
        assert_ne!(facts.uid_map, Known::Unknown);
    };
    let look = scene.look();
    let elsewhere = Init { root_inode: look.init.root_inode + 1, ..look.init };
    unknown(&Look { init: elsewhere, ..look.clone() });
    scene.space(7, "mnt", 22);
    unknown(&look);
}

#[test]
fn in_a_user_namespace_of_its_own_a_process_has_nothing_that_counts() {
    let scene = Scene::set();
    scene.space(7, "user", 11);
    let looked = scene.reader().look(&scene.look(), NOW).unwrap();
    assert_eq!((looked.credentials, looked.facts.namespaces.user), (None, Known::Known(true)));
}

#[test]
fn a_task_with_more_than_the_first_process_counts() {
    let scene = Scene::set();
    scene.process(8, SPACES);
    scene.write("8/status", &STATUS.replace("CapPrm:\t00000000a8", "CapPrm:\t00000001a8"));
    let look = Look { task: Some((8, 0)), ..scene.look() };
    let permitted = |looked: Looked| looked.credentials.unwrap().permitted;
    assert_eq!(permitted(scene.reader().look(&look, NOW).unwrap()), 0x1_a804_25fb);
    scene.space(8, "user", 11);
    assert_eq!(permitted(scene.reader().look(&look, NOW).unwrap()), 0xa804_25fb);
}

#[test]
fn where_nobody_is_left_there_are_no_facts() {
    let scene = Scene::set();
    let gone = |pid: u32, init_seen: u64| Look {
        init: Init { pid, ..scene.look().init },
        init_seen,
        ..scene.look()
    };
    assert_eq!(scene.reader().look(&gone(6, 0), NOW), None);
    scene.write("7/stat", &format!("7 (x) S 1{} 5 0\n", " 0".repeat(17)));
    assert_eq!(scene.reader().look(&gone(7, 49_999_999), NOW), None, "its number was given again");
    assert!(scene.reader().look(&gone(7, 50_000_000), NOW).is_some());
    scene.process(8, SPACES);
    let left = scene.reader().look(&Look { task: Some((8, 0)), ..gone(6, 0) }, NOW).unwrap();
    assert_eq!(left.facts, Facts::default(), "another task tells credentials alone");
    assert!(left.credentials.is_some());
}

#[test]
fn what_cannot_be_read_is_unknown_and_takes_nothing_else_away() {
    let scene = Scene::set();
    let large = "1 0 0:5 / /a rw - tmpfs x rw\n".repeat(40_000);
    for (file, text) in [("status", "CapPrm:\t0"), ("uid_map", "\u{0}"), ("mountinfo", large.as_str())] {
        scene.write(&format!("7/{file}"), text);
    }
    fs::remove_file(scene.0.path().join("7/gid_map")).unwrap();
    fs::remove_file(scene.0.path().join("7/ns/net")).unwrap();
    let Looked { credentials, facts, .. } = scene.reader().look(&scene.look(), NOW).unwrap();
    assert_eq!((credentials, facts.uid_map, facts.gid_map), (None, Known::Unknown, Known::Unknown));
    assert_eq!((facts.mounts, facts.root_writable), (Known::Unknown, Known::Unknown));
    assert_eq!((facts.namespaces.network, facts.namespaces.pid), (Known::Unknown, Known::Known(false)));
}

#[test]
fn without_the_nodes_mounts_a_containers_sources_are_unknown() {
    let scene = Scene::set();
    scene.write("node-mounts", "x\n");
    let facts = scene.reader().look(&scene.look(), NOW).unwrap().facts;
    assert_eq!((facts.mounts, facts.root_writable), (Known::Unknown, Known::Known(false)));
}

#[test]
fn a_real_process_is_looked_at() {
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let (pid, own) = (child.id(), |kind: &str| node::namespace(&format!("/proc/self/ns/{kind}")).unwrap());
    let root = fs::metadata("/").unwrap();
    let init = Init {
        root_inode: root.ino(),
        root_device: node::kernel_device(root.dev()),
        mount_namespace: own("mnt"),
        user_namespace: own("user"),
        pid,
        ..Init::default()
    };
    let mut reader = Reader {
        proc: "/proc".into(),
        node_root: "/".into(),
        mountinfo: NodeMountinfo::new("/proc/self/mountinfo".into()),
        additions: additions::Kept::default(),
        namespaces: Namespaces {
            network: Some(own("net")),
            user: Some(own("user")),
            ..Namespaces::default()
        },
        modules: Modules::read(Path::new("/sys")),
    };
    let look = Look { init, init_seen: u64::MAX, task: None, bundle: None };
    let looked = reader.look(&look, NOW);
    child.kill().unwrap();
    child.wait().unwrap();
    let Looked { credentials, facts, .. } = looked.unwrap();
    assert!(credentials.is_some());
    assert_eq!((facts.namespaces.network, facts.namespaces.user), (Known::Known(true), Known::Known(true)));
    let mounts = facts.mounts.known().unwrap();
    assert!(
        mounts
            .iter()
            .any(|mount| mount.target == "/proc"
                && mount.source == MountSource::Node(vec!["/proc".to_owned()]))
    );
    assert_eq!(reader.look(&look, NOW), None, "it is gone");
}
