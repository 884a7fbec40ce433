use std::{
    fs,
    os::unix::fs::symlink,
    process::{Child, Command},
    thread,
    time::Duration,
};

use tempfile::TempDir;

use super::*;

/// USER_HZ.
const TICK: u64 = 10_000_000;
const BEGAN: u64 = 500;

/// A process, and what /proc and the cgroups say of it.
struct Stage {
    child: Child,
    folder: TempDir,
}

impl Stage {
    fn set() -> Self {
        let stage = Self {
            child: Command::new("sleep").arg("60").spawn().expect("sleep"),
            folder: tempfile::tempdir().expect("a folder"),
        };
        fs::create_dir_all(stage.folder.path().join("cgroup/pod/container/nested")).expect("groups");
        fs::create_dir_all(stage.of_it("ns")).expect("its folder");
        stage.says("S", 1, BEGAN);
        stage.is_in("/node/pod/container");
        symlink("mnt:[2]", stage.of_it("ns/mnt")).expect("a namespace");
        stage
    }

    fn of_it(&self, name: &str) -> PathBuf {
        self.folder.path().join("proc").join(self.child.id().to_string()).join(name)
    }

    fn says(&self, state: &str, threads: u32, began: u64) {
        let text = format!(
            "{} (x) {state} 1 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 {threads} 0 {began} 1 1",
            self.child.id()
        );
        fs::write(self.of_it("stat"), text).expect("stat");
    }

    fn is_in(&self, path: &str) {
        fs::write(self.of_it("cgroup"), format!("1:cpu:/x\n0::{path}\n")).expect("cgroup");
    }

    fn around(&self) -> Around {
        Around {
            proc: self.folder.path().join("proc"),
            mount_namespace: 1,
            cgroup_root: self.folder.path().join("cgroup"),
            cgroup_path: b"/node".to_vec(),
        }
    }

    fn target(&self) -> Target {
        let group = fs::metadata(self.folder.path().join("cgroup/pod/container")).expect("a group");
        Target { pid: self.child.id(), cgroup: group.ino(), time: BEGAN * TICK + 5 }
    }

    /// What comes of it, if that is what became of the process.
    fn kill(&mut self) -> Kill {
        let kill = self.around().kill(self.target());
        let ended = (0..if kill == Kill::Killed { 500 } else { 5 }).any(|_| {
            thread::sleep(Duration::from_millis(2));
            self.child.try_wait().expect("it is a child").is_some()
        });
        assert_eq!(ended, kill == Kill::Killed, "{kill:?}");
        kill
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn task_of_the_event_is_killed() {
    for path in ["/node/pod/container", "/node/pod/container/nested"] {
        let mut stage = Stage::set();
        stage.is_in(path);
        assert_eq!(stage.kill(), Kill::Killed, "{path}");
    }
}

#[test]
fn process_that_began_after_the_event_has_only_its_number() {
    let mut stage = Stage::set();
    stage.says("S", 1, BEGAN + 1);
    assert_eq!(stage.kill(), Kill::Gone);
}

#[test]
fn process_of_another_cgroup_is_not_killed() {
    for path in [
        "/node/pod",
        "/node",
        "/node/",
        "/",
        "/pod/container",
        "/node/other",
        "/node/../node/pod/container",
        "",
    ] {
        let mut stage = Stage::set();
        stage.is_in(path);
        assert_eq!(stage.kill(), Kill::Refused, "{path}");
    }
}

#[test]
fn process_in_the_nodes_mount_namespace_may_be_the_runtime_and_is_not_killed() {
    let mut stage = Stage::set();
    fs::remove_file(stage.of_it("ns/mnt")).expect("it was there");
    assert_eq!(stage.kill(), Kill::Refused, "which it is in is not known");
    symlink("mnt:[1]", stage.of_it("ns/mnt")).expect("a namespace");
    assert_eq!(stage.kill(), Kill::Refused);
}

#[test]
fn process_that_is_over_is_gone() {
    let mut stage = Stage::set();
    stage.says("Z", 1, BEGAN);
    assert_eq!(stage.kill(), Kill::Gone);
    fs::remove_dir_all(stage.of_it("")).expect("it was there");
    assert_eq!(stage.kill(), Kill::Gone);
    stage.child.kill().and_then(|()| stage.child.wait()).expect("it was there");
    assert_eq!(stage.around().kill(stage.target()), Kill::Gone);
}

#[test]
fn no_number_means_nobody() {
    let stage = Stage::set();
    assert_eq!(stage.around().kill(Target { pid: 0, ..stage.target() }), Kill::Refused);
}
