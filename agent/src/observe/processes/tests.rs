use policy::{
    Known, Text,
    event::{Ancestor, Origin},
};

use super::*;

fn image(path: &str) -> Arc<Ancestor> {
    Arc::new(Ancestor { path: Known::Known(Text::from(path)), origin: Origin::Image })
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
    processes.exec(1, 0, image("/init"));
    processes.fork(1, 2);
    processes.exec(2, 1, image("/bin/sh"));
    processes.fork(2, 3);
    processes.exit(2);
    processes.exec(3, 1, image("/tmp/x"));
    assert_eq!(line(&processes, 3), ["/bin/sh", "/init"]);
}

#[test]
fn exec_without_a_fork_descends_from_what_it_replaced() {
    let mut processes = Processes::default();
    processes.exec(1, 0, image("/bin/sh"));
    processes.exec(1, 0, image("/bin/ls"));
    assert_eq!(line(&processes, 1), ["/bin/sh"]);
}

#[test]
fn exec_whose_fork_was_lost_goes_on_with_its_parents_line() {
    let mut processes = Processes::default();
    processes.exec(1, 0, image("/init"));
    processes.exec(7, 1, image("/bin/ls"));
    assert_eq!(line(&processes, 7), ["/init"]);
}

#[test]
fn pid_used_again_by_a_stranger_inherits_nothing() {
    let mut processes = Processes::default();
    processes.exec(5, 0, image("/old"));
    processes.fork(99, 5);
    processes.exec(5, 99, image("/new"));
    assert!(line(&processes, 5).is_empty());
}

#[test]
fn program_that_executes_itself_for_ever_has_a_bounded_line() {
    let mut processes = Processes::default();
    for _ in 0..1000 {
        processes.exec(1, 0, image("/loop"));
    }
    assert_eq!(processes.ancestors(1).count(), ANCESTORS_MAX);
}

#[test]
fn full_table_refuses_and_counts() {
    let mut processes = Processes::default();
    processes.exec(0, 0, image("/init"));
    for pid in 1..=PROCESSES_MAX as u32 {
        processes.fork(0, pid);
    }
    assert_eq!((processes.len(), processes.refused()), (PROCESSES_MAX, 1));
}
