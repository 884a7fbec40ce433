use super::*;

#[test]
fn stat_is_read_past_a_name_that_imitates_its_fields() {
    let text = b"42 (a) S 1 (b)) S 7 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 31337 1000 200";
    assert_eq!(parse_stat(text), Some(Found { pid: 42, parent: 7, forked: false, started: 31337 }));
}

/// A runtime's task that sets a container up must not be taken for the container's init.
#[test]
fn task_that_has_executed_nothing_since_its_fork_is_told_apart() {
    let text = b"43 (runc:[2:INIT]) S 7 42 42 0 -1 4194624 1 2 3 4 5 6 7 8 20 0 1 0 31338 1000 200";
    assert!(parse_stat(text).is_some_and(|task| task.forked));
    assert!(!stat(std::process::id()).expect("this process has one").forked);
}

#[test]
fn own_stat_is_understood() {
    let own = stat(std::process::id()).expect("this process has one");
    assert_eq!(own.pid, std::process::id());
    assert_eq!(own.parent, nix::unistd::getppid().as_raw().cast_unsigned());
}

#[test]
fn truncated_stat_is_no_task() {
    assert_eq!(parse_stat(b"42 (a) S 1"), None);
    assert_eq!(parse_stat(b""), None);
}

#[test]
fn init_of_a_shared_pid_namespace_is_not_its_first_process() {
    assert!(is_innermost_first("\t31337\t1"));
    assert!(!is_innermost_first("\t31337\t17"));
    assert!(!is_innermost_first(""));
}

/// runc runs from such a mount while it sets a container up.
#[test]
fn program_without_a_place_has_no_path() {
    assert_eq!(shown(Path::new("/")), Known::Unknown);
    assert_eq!(shown(Path::new("/bin/sh")), Text::from("/bin/sh").into());
}
