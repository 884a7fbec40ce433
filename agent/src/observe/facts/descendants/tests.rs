use super::*;

struct Proc(tempfile::TempDir);

impl Proc {
    fn process(&self, pid: u32, parent: u32) {
        self.write(&format!("{pid}/stat"), &format!("{pid} (x) S {parent}{} 0\n", " 0".repeat(18)));
    }

    fn children(&self, pid: u32, thread: u32, children: &str) {
        self.write(&format!("{pid}/task/{thread}/children"), children);
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn proc() -> Proc {
    Proc(tempfile::tempdir().unwrap())
}

#[test]
fn children_of_every_thread_and_theirs_are_found() {
    let proc = proc();
    for (pid, parent) in [(7, 1), (8, 7), (9, 7), (10, 8)] {
        proc.process(pid, parent);
    }
    proc.children(7, 7, "8 ");
    proc.children(7, 77, "9");
    proc.children(8, 8, "10");
    assert_eq!(of(proc.0.path(), 7).len(), 3);
}

/// A number that is another process's by now would make the node's namespaces the container's.
#[test]
fn a_process_that_has_another_parent_is_none_of_them() {
    let proc = proc();
    proc.process(7, 1);
    proc.process(8, 1);
    proc.children(7, 7, "8 9 nonsense -1");
    assert_eq!(of(proc.0.path(), 7).len(), 0);
}

#[test]
fn more_than_a_look_may_take_are_left_out() {
    let proc = proc();
    let pids: Vec<u32> = (100..100 + 2 * TASKS_MAX as u32).collect();
    pids.iter().for_each(|pid| proc.process(*pid, 7));
    proc.children(7, 7, &pids.iter().map(|pid| format!("{pid} ")).collect::<String>());
    assert_eq!(of(proc.0.path(), 7).len(), TASKS_MAX);
}

/// Those that have ended are no finds, and would be asked for without end.
#[test]
fn a_container_that_forks_without_pause_costs_a_bounded_number_of_tries() {
    let proc = proc();
    let pids: Vec<u32> = (100..100 + 2 * TRIES_MAX as u32).collect();
    let last = pids[TRIES_MAX];
    proc.children(7, 7, &pids.iter().map(|pid| format!("{pid} ")).collect::<String>());
    proc.process(last, 7);
    assert_eq!(of(proc.0.path(), 7).len(), 0, "one more would be found");
    proc.process(pids[TRIES_MAX - 1], 7);
    assert_eq!(of(proc.0.path(), 7).len(), 1);
}

#[test]
fn so_many_lists_are_read_at_most() {
    let proc = proc();
    // Each has one child and many threads, whose lists are empty.
    for pid in 100..130 {
        proc.process(pid, pid - 1);
        for thread in 0..40 {
            proc.children(pid - 1, 1000 * thread + 1, "");
        }
        proc.children(pid - 1, 0, &pid.to_string());
    }
    let mut lists = 0;
    for pid in 99..129 {
        children(proc.0.path(), pid, &mut lists);
    }
    assert_eq!(lists, LISTS_MAX);
    assert!(of(proc.0.path(), 99).len() < 30);
}
