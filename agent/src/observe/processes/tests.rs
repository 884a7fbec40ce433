use policy::{
    Known, Text,
    event::{Ancestor, Origin},
};

use super::*;

fn image(path: &str) -> Arc<Ancestor> {
    Arc::new(Ancestor { path: Known::Known(Text::from(path)), origin: Origin::Image })
}

/// The container's init is the only process whose parent is 0 here.
fn step(pid: u32, parent: u32, time: u64) -> Step {
    Step { cgroup: u64::from(pid % 2), pid, parent, time, first: parent == 0 }
}

fn line(processes: &Processes, pid: u32) -> Vec<String> {
    let path = |ancestor: &Ancestor| match &ancestor.path {
        Known::Known(path) => path.as_str().to_owned(),
        Known::Unknown => "?".to_owned(),
    };
    processes.ancestors(pid).map(path).collect()
}

#[test]
fn child_outlives_its_parent_and_keeps_its_line() {
    let mut processes = Processes::default();
    processes.exec(step(1, 0, 1), image("/init"));
    processes.fork(1, 2);
    processes.exec(step(2, 1, 2), image("/bin/sh"));
    processes.fork(2, 3);
    processes.exit(2);
    processes.exec(step(3, 1, 3), image("/tmp/x"));
    assert_eq!(line(&processes, 3), ["/bin/sh", "/init"]);
}

#[test]
fn exec_without_a_fork_descends_from_what_it_replaced() {
    let mut processes = Processes::default();
    processes.exec(step(1, 0, 4), image("/bin/sh"));
    processes.exec(step(1, 99, 5), image("/bin/ls"));
    assert_eq!(line(&processes, 1), ["/bin/sh"]);
}

/// A runtime's task that was found at the agent's start, before it executed the container's program.
#[test]
fn line_of_a_container_begins_with_its_init() {
    let mut processes = Processes::default();
    processes.exec(step(3, 99, 0), image("/usr/sbin/runc"));
    processes.exec(Step { first: true, ..step(3, 99, 5) }, image("/init"));
    assert!(line(&processes, 3).is_empty());
}

#[test]
fn exec_whose_fork_was_lost_goes_on_with_its_parents_line() {
    let mut processes = Processes::default();
    processes.exec(step(1, 0, 6), image("/init"));
    processes.exec(step(7, 1, 7), image("/bin/ls"));
    assert_eq!(line(&processes, 7), ["/init"]);
}

#[test]
fn pid_used_again_by_a_stranger_inherits_nothing() {
    let mut processes = Processes::default();
    processes.exec(step(5, 0, 8), image("/old"));
    processes.fork(99, 5);
    processes.exec(step(5, 99, 9), image("/new"));
    assert_eq!(line(&processes, 5), ["?"], "its parent was not seen either");
}

#[test]
fn program_that_executes_itself_for_ever_has_a_bounded_line() {
    let mut processes = Processes::default();
    for time in 0..1000 {
        processes.exec(step(1, 99, time), image("/loop"));
    }
    assert_eq!(processes.ancestors(1).count(), ANCESTORS_MAX);
}

#[test]
fn full_table_refuses_and_counts() {
    let mut processes = Processes::default();
    processes.exec(step(0, 0, 11), image("/init"));
    for pid in 1..=PROCESSES_MAX as u32 {
        processes.fork(0, pid);
    }
    assert_eq!((processes.len(), processes.refused()), (PROCESSES_MAX, 1));
}

#[test]
fn exec_is_known_by_its_process_and_its_time() {
    let mut processes = Processes::default();
    processes.exec(step(1, 0, 10), image("/init"));
    assert!(processes.has_run(1, 10));
    assert!(!processes.has_run(1, 20) && !processes.has_run(2, 10));
}

#[test]
fn processes_of_a_cgroup_go_with_it() {
    let mut processes = Processes::default();
    processes.exec(step(1, 0, 1), image("/a"));
    processes.exec(step(2, 0, 2), image("/b"));
    processes.forget(1);
    assert_eq!(processes.len(), 1);
}
