use std::fs;
use std::os::unix::fs::symlink;

use super::*;

/// A folder shaped as /proc's, with one process that began at 100 ticks.
fn proc(pid: u32) -> tempfile::TempDir {
    let proc = tempfile::tempdir().unwrap();
    let own = proc.path().join(pid.to_string());
    fs::create_dir_all(own.join("ns")).unwrap();
    fs::write(own.join("stat"), stat(pid, 100)).unwrap();
    symlink("mnt:[4026531841]", own.join("ns/mnt")).unwrap();
    symlink("mnt:[four]", own.join("ns/ipc")).unwrap();
    proc
}

fn stat(pid: u32, started: u64) -> String {
    format!("{pid} (a) b) S 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 {started} 0 0\n")
}

const AT: u64 = 100 * NANOSECONDS_PER_TICK;

#[test]
fn a_process_that_began_after_the_event_has_only_its_number() {
    let proc = proc(7);
    assert!(Process::open(proc.path(), 7, AT).is_some(), "it began in the same tick");
    assert!(Process::open(proc.path(), 7, AT - 1).is_none());
    assert!(Process::open(proc.path(), 8, AT).is_none(), "there is none");
}

#[test]
fn a_start_that_cannot_be_read_is_no_process() {
    let proc = proc(7);
    for text in ["", "7", "7 (x", "7 (x) S 1 2", "\u{0}\u{ff}", &stat(7, u64::MAX)] {
        fs::write(proc.path().join("7/stat"), text).unwrap();
        assert!(Process::open(proc.path(), 7, u64::MAX).is_none(), "{text:?}");
    }
}

#[test]
fn a_process_that_is_over_is_none_though_its_parent_has_not_asked_yet() {
    let proc = proc(7);
    for state in ["Z", "X"] {
        fs::write(proc.path().join("7/stat"), stat(7, 100).replace(") S", &format!(") {state}"))).unwrap();
        assert!(Process::open(proc.path(), 7, AT).is_none(), "{state}");
    }
    fs::write(proc.path().join("7/stat"), stat(7, 100).replace("(a) b)", "(a) Z)")).unwrap();
    assert!(Process::open(proc.path(), 7, AT).is_some(), "that is its name");
}

#[test]
fn no_link_is_followed_and_nothing_above_is_read() {
    let proc = proc(7);
    fs::write(proc.path().join("secret"), "x").unwrap();
    symlink("../secret", proc.path().join("7/status")).unwrap();
    let process = Process::open(proc.path(), 7, AT).unwrap();
    assert_eq!(process.small("status"), None);
    assert_eq!(process.small("../secret"), None);
    assert_eq!(process.namespace("mnt"), Some(4_026_531_841));
    assert_eq!((process.namespace("ipc"), process.namespace("net")), (None, None));
}

#[test]
fn a_file_that_is_too_large_is_not_read_in_part() {
    let proc = proc(7);
    fs::write(proc.path().join("7/mountinfo"), "12345").unwrap();
    let process = Process::open(proc.path(), 7, AT).unwrap();
    assert_eq!(process.read("mountinfo", 5).as_deref(), Some(&b"12345"[..]));
    assert_eq!(process.read("mountinfo", 4), None);
}

#[test]
fn a_process_that_is_gone_is_not_taken_for_the_next_of_its_number() {
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let process = Process::open(Path::new("/proc"), child.id(), u64::MAX).unwrap();
    assert!(process.small("status").is_some() && process.namespace("user").is_some());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!((process.small("status"), process.namespace("user")), (None, None));
}
