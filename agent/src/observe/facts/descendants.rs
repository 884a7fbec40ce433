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
/// Each thread has its own children.
const THREADS_MAX: usize = 64;
/// A list of children: 8,000 of them.
const CHILDREN_MAX: u64 = 64 << 10;

/// The descendants of `init`. Empty where the kernel does not list children (CONFIG_PROC_CHILDREN).
pub(super) fn of(proc: &Path, init: u32) -> Vec<Process> {
    let mut parents = VecDeque::from([init]);
    let mut found = Vec::new();
    while let Some(parent) = parents.pop_front() {
        for child in children(proc, parent) {
            if found.len() >= TASKS_MAX {
                return found;
            }
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

fn children(proc: &Path, parent: u32) -> Vec<u32> {
    let threads = fs::read_dir(proc.join(format!("{parent}/task"))).into_iter().flatten().flatten();
    let lists = threads.take(THREADS_MAX);
    let lists = lists.filter_map(|thread| spec::bounded(&thread.path().join("children"), CHILDREN_MAX));
    let numbers = |list: Vec<u8>| -> Vec<u32> {
        let text = String::from_utf8(list).unwrap_or_default();
        text.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect()
    };
    lists.flat_map(numbers).collect()
}
