use std::{fs, os::unix::fs::PermissionsExt};

use tempfile::TempDir;

use super::*;

fn root() -> TempDir {
    let root = TempDir::new().expect("a folder");
    fs::create_dir(root.path().join("run")).expect("a folder");
    root
}

#[test]
fn second_agent_is_told_who_is_first_until_that_one_ends() {
    let root = root();
    let first = Alone::on(root.path()).expect("the first one");
    let refused = Alone::on(root.path()).expect_err("the second one").to_string();
    assert!(refused.contains(&format!("with pid {}", std::process::id())), "{refused}");
    drop(first);
    Alone::on(root.path()).expect("the next one");
}

#[test]
fn nobody_but_root_can_hold_the_lock() {
    let root = root();
    let _first = Alone::on(root.path()).expect("the first one");
    let folder = fs::metadata(root.path().join(FOLDER)).expect("the folder");
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
}

#[test]
fn pid_of_a_longer_one_before_is_gone() {
    let root = root();
    fs::create_dir(root.path().join(FOLDER)).expect("a folder");
    fs::write(root.path().join(FOLDER).join(FILE), "4194303999\n").expect("a file");
    let _first = Alone::on(root.path()).expect("the first one");
    assert!(
        matches!(Alone::on(root.path()), Err(AloneError::Another(Some(pid))) if pid == std::process::id())
    );
}

#[test]
fn node_without_run_is_named() {
    let root = TempDir::new().expect("a folder");
    let refused = Alone::on(root.path()).expect_err("there is no /run").to_string();
    assert!(refused.contains("run/plumbline/agent.lock"), "{refused}");
}
