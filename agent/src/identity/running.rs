//! Containers that ran before the agent did: their tasks, read from /proc.

use std::{
    collections::{HashMap, HashSet},
    fs,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::Path,
    sync::Arc,
};

use agent_common::{event::Task, map::Init};
use policy::{
    Known, Text,
    event::{Ancestor, Origin},
};
use tracing::debug;

use super::Identity;
use crate::{
    load::node,
    observe::processes::{Processes, Step},
};

/// A task as /proc shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pid: u32,
    pub(crate) parent: u32,
    /// It has not executed anything since it was forked: `PF_FORKNOEXEC`.
    forked: bool,
    /// Clock ticks since boot, proc_pid_stat(5) field 22.
    pub(crate) started: u64,
}

/// Takes the tasks of a container in: its init, who entered it from outside, and what each runs.
pub fn take_in(identity: &mut Identity, processes: &mut Processes, cgroup: u64, folder: &Path) {
    let mut tasks = Vec::new();
    collect(folder, 0, &mut tasks);
    tasks.sort_by_key(|task| task.started);
    let Some(init) = seed_init(identity, cgroup, &tasks) else { return };
    for pid in injected(&tasks, init) {
        if let Err(error) = identity.tables.mark(pid, Task::Injected) {
            debug!(%error, pid, "cannot mark a task that entered before the agent ran");
        }
    }
    for task in &tasks {
        if let Ok(path) = fs::read_link(format!("/proc/{}/exe", task.pid)) {
            let step = Step { cgroup, pid: task.pid, parent: task.parent, time: 0, first: task.pid == init };
            processes.exec(step, Arc::new(Ancestor { path: shown(&path), origin: Origin::Unknown }));
        }
    }
}

/// A program whose mount has no place any more shows as that mount's root.
fn shown(path: &Path) -> Known<Text> {
    match path.as_os_str().as_bytes() {
        b"/" => Known::Unknown,
        path => Text::from_bytes(path).into(),
    }
}

/// Cgroups nest, as deep as the kernel side looks.
const DEPTH_MAX: usize = 16;

fn collect(folder: &Path, depth: usize, tasks: &mut Vec<Found>) {
    let pids = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    tasks.extend(pids.lines().filter_map(|pid| stat(pid.parse().ok()?)));
    if depth == DEPTH_MAX {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&entry.path(), depth + 1, tasks);
        }
    }
}

fn stat(pid: u32) -> Option<Found> {
    parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// include/linux/sched.h
const PF_FORKNOEXEC: u64 = 0x40;

/// proc_pid_stat(5). The name stands in parentheses and may hold any byte, so fields are counted from its end.
pub(crate) fn parse_stat(text: &[u8]) -> Option<Found> {
    let close = text.iter().rposition(|byte| *byte == b')')?;
    let pid = str::from_utf8(text.split(|byte| *byte == b' ').next()?).ok()?.parse().ok()?;
    let rest = str::from_utf8(&text[close + 1..]).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    let flags: u64 = fields.nth(4)?.parse().ok()?;
    let started = fields.nth(12)?.parse().ok()?;
    Some(Found { pid, parent, forked: flags & PF_FORKNOEXEC != 0, started })
}

/// The oldest task outside the node's own mount namespace that has executed something: the container's init. A runtime
/// sets a container up in a task that it forked, with all privileges, and that is not the container's yet; where there is
/// no other, the first exec will tell.
fn seed_init(identity: &mut Identity, cgroup: u64, tasks: &[Found]) -> Option<u32> {
    let outside = |task: &&Found| {
        !task.forked
            && node::namespace(&format!("/proc/{}/ns/mnt", task.pid))
                .is_ok_and(|namespace| namespace != identity.node.mount_namespace)
    };
    let pid = tasks.iter().find(outside)?.pid;
    let root = fs::metadata(format!("/proc/{pid}/root/")).ok()?;
    let init = Init {
        root_inode: root.ino(),
        root_device: node::kernel_device(root.dev()),
        mount_namespace: node::namespace(&format!("/proc/{pid}/ns/mnt")).ok()?,
        pid,
        executables: 0,
        capabilities: 0,
        sockets: 0,
        _pad: 0,
        user_namespace: node::namespace(&format!("/proc/{pid}/ns/user")).ok()?,
        denied: 0,
        would_deny: 0,
        killed: 0,
        would_kill: 0,
        denied_calls: 0,
        would_deny_calls: 0,
    };
    if let Err(error) = identity.tables.seed_init(cgroup, &init) {
        debug!(%error, pid, "cannot tell the kernel side of an init");
    }
    // What the kernel side saw itself goes before what is found afterwards.
    let init = identity.tables.init(cgroup).unwrap_or(init);
    let pid = init.pid;
    let root_is_image = super::root_is_image(&identity.node, pid);
    // Of the others there are no events.
    let facts = identity.told.get_mut(cgroup)?;
    facts.root_device = Some(init.root_device);
    facts.init = Some(pid);
    facts.root_is_image = root_is_image;
    identity.tell_denials(cgroup);
    Some(pid)
}

/// Tasks that entered from outside, and their descendants: those whose parent is not in the container, though orphans
/// in a pid namespace of its own are given to its init.
fn injected(tasks: &[Found], init: u32) -> HashSet<u32> {
    let own_namespace = namespace_of_pids(init);
    let mut injected = HashSet::new();
    if own_namespace.is_none() || own_namespace == namespace_of_pids(std::process::id()) || !is_first(init) {
        // Orphans of a container that shares the node's or its pod's pids are the node's or the pause process's
        // children too: none can be told.
        return injected;
    }
    let parents: HashMap<u32, u32> = tasks.iter().map(|task| (task.pid, task.parent)).collect();
    for task in tasks {
        let inside = parents.contains_key(&task.parent);
        if task.pid != init && (!inside || injected.contains(&task.parent)) {
            injected.insert(task.pid);
        }
    }
    injected
}

/// Whether a process is pid 1 of its own pid namespace, so that its orphans are given to it.
fn is_first(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("NSpid:")).is_some_and(is_innermost_first)
}

/// proc_pid_status(5): the pid in each namespace, the innermost last.
fn is_innermost_first(pids: &str) -> bool {
    pids.split_ascii_whitespace().next_back() == Some("1")
}

fn namespace_of_pids(pid: u32) -> Option<u32> {
    node::namespace(&format!("/proc/{pid}/ns/pid")).ok()
}

#[cfg(test)]
mod tests;
