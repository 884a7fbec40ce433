//! The tasks that descend from a container's first process: its own, unlike those that entered it from outside.
//!
//! What entered and lost its parent is the first process's, too: the kernel gives it to whoever reaps the namespace.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;

use super::process::Process;
use super::spec;

#[cfg(test)]
mod tests;

/// A look at a container reads so many of them, the nearest first.
const TASKS_MAX: usize = 64;
/// So many are tried for that: of a container that forks and ends without pause most are gone by then.
const TRIES_MAX: usize = 2 * TASKS_MAX;
/// Each thread has its own children: so many lists are read of one task, and of all.
const THREADS_MAX: usize = 64;
const LISTS_MAX: usize = 4 * TRIES_MAX;
/// A list of children: 8,000 of them.
const CHILDREN_MAX: u64 = 64 << 10;

/// The descendants of `init`. Empty where the kernel does not list children (CONFIG_PROC_CHILDREN).
pub(super) fn of(proc: &Path, init: u32) -> Vec<Process> {
    let mut parents = VecDeque::from([init]);
    let (mut found, mut tries, mut lists) = (Vec::new(), 0, 0);
    while let Some(parent) = parents.pop_front() {
        for child in children(proc, parent, &mut lists) {
            if found.len() >= TASKS_MAX || tries >= TRIES_MAX {
                return found;
            }
            tries += 1;
            // A number may be another's by now: the folder is held first, and asked for its parent then.
            let process = Process::open(proc, child, u64::MAX);
            if let Some(process) = process.filter(|process| process.parent() == Some(parent)) {
                parents.push_back(child);
                found.push(process);
            }
        }
    }
    found
}

/// As many as a look can try, from so many lists as it may still read.
fn children(proc: &Path, parent: u32, lists: &mut usize) -> Vec<u32> {
    let threads = fs::read_dir(proc.join(format!("{parent}/task"))).into_iter().flatten().flatten();
    let mut children = Vec::new();
    for thread in threads.take(THREADS_MAX.min(LISTS_MAX - *lists)) {
        *lists += 1;
        let list = spec::bounded(&thread.path().join("children"), CHILDREN_MAX).unwrap_or_default();
        let text = String::from_utf8(list).unwrap_or_default();
        children.extend(text.split_ascii_whitespace().filter_map(|number| number.parse::<u32>().ok()));
        if children.len() >= TRIES_MAX {
            break;
        }
    }
    children
}
