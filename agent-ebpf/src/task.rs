//! Container, Injected and Runtime tasks told apart, by how they came into the cgroup and what they executed.

use agent_common::{
    event::{Exec, Task, flag, magic::FUSE},
    map::{HOOK, Init, Mark},
};
use aya_ebpf::bindings::BPF_NOEXIST;

use crate::{
    capability,
    global::{
        CSS_SET_DFL_CGRP, DENTRY_INODE, FS_ROOT, INODE_INO, INODE_SB, MNT_NS_NS, NODE_MOUNT_NAMESPACE,
        NODE_ROOT_DEVICE, NODE_ROOT_INODE, NS_INUM, NSPROXY_MNT_NS, PATH_DENTRY, PATH_MNT, SB_DEV,
        TASK_CGROUPS, TASK_FS, TASK_NSPROXY, TASK_TGID,
    },
    maps::{INITS, MARKS},
    read::{Address, read},
};

/// Where a task stands in the mount tree.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) mount_namespace: u32,
    pub(crate) root_mount: Address,
    pub(crate) root_dentry: Address,
    pub(crate) root_superblock: Address,
    pub(crate) root_inode: u64,
    pub(crate) root_device: u32,
    pub(crate) user_namespace: u32,
}

impl Place {
    #[inline(always)]
    pub(crate) fn of(task: Address) -> Self {
        let namespace: Address = read(read::<Address>(task, &TASK_NSPROXY), &NSPROXY_MNT_NS);
        let common = namespace + u64::from(MNT_NS_NS.load());
        let root = read::<Address>(task, &TASK_FS) + u64::from(FS_ROOT.load());
        let root_dentry: Address = read(root, &PATH_DENTRY);
        let root_inode: Address = read(root_dentry, &DENTRY_INODE);
        let root_superblock: Address = read(root_inode, &INODE_SB);
        Self {
            mount_namespace: read(common, &NS_INUM),
            root_mount: read(root, &PATH_MNT),
            root_dentry,
            root_superblock,
            root_inode: read(root_inode, &INODE_INO),
            root_device: read(root_superblock, &SB_DEV),
            user_namespace: capability::namespace_of(task),
        }
    }

    /// Whether the task has left the node's own mount namespace and root: before that a runtime is at work.
    #[inline(always)]
    pub(crate) fn is_inside_some_container(&self) -> bool {
        let is_node_root =
            self.root_inode == NODE_ROOT_INODE.load() && self.root_device == NODE_ROOT_DEVICE.load();
        self.mount_namespace != NODE_MOUNT_NAMESPACE.load() && !is_node_root
    }

    #[inline(always)]
    fn is_inside(&self, init: &Init) -> bool {
        self.mount_namespace == init.mount_namespace
            && self.root_inode == init.root_inode
            && self.root_device == init.root_device
    }
}

#[inline(always)]
pub(crate) fn tgid(task: Address) -> u32 {
    read(task, &TASK_TGID)
}

/// The cgroup of a task in the unified hierarchy.
#[inline(always)]
pub(crate) fn cgroup(task: Address) -> Address {
    read(read::<Address>(task, &TASK_CGROUPS), &CSS_SET_DFL_CGRP)
}

#[inline(always)]
pub(crate) fn set_mark(pid: u32, task: u32) {
    // The map is an LRU: an insert cannot fail for want of room.
    let _ = MARKS.insert(pid, Mark { task }, 0);
}

/// The mark of a process, if it has one.
#[inline(always)]
pub(crate) fn mark(pid: u32) -> Option<u32> {
    // SAFETY: an LRU's value may be reused under us; a wrong mark then lasts for one event.
    MARKS.get_ptr(pid).map(|mark| unsafe { (*mark).task })
}

/// What a task is by its mark.
#[inline(always)]
pub(crate) fn of_mark(mark: Option<u32>) -> Task {
    match mark {
        None => Task::Container,
        Some(mark) if mark == Task::Injected as u32 => Task::Injected,
        Some(_) => Task::Runtime,
    }
}

/// Whether a task at `place` is inside the container whose init has been seen.
#[inline(always)]
pub(crate) fn is_inside(cgroup: u64, place: &Place) -> bool {
    // SAFETY: a value of a map that is not preallocated, read within one program run.
    INITS.get_ptr(cgroup).is_some_and(|init| place.is_inside(unsafe { &*init }))
}

/// What an exec makes of its task: the kind to report, and [`flag::INIT`] for a container's first own exec. Of the exec
/// all must be known but these.
#[inline(always)]
pub(crate) fn at_exec(exec: &Exec, pid: u32, place: &Place) -> (Task, u32) {
    match mark(pid) {
        None => (Task::Container, 0),
        Some(mark) if mark == Task::Injected as u32 => (Task::Injected, 0),
        Some(_) if !place.is_inside_some_container() => {
            // A runtime's own steps in the container's mount namespace execute nothing: this is a hook.
            if place.mount_namespace != NODE_MOUNT_NAMESPACE.load() {
                set_mark(pid, HOOK);
            }
            (Task::Runtime, 0)
        }
        Some(mark) if mark == HOOK => hook_inside(exec, pid),
        Some(_) => first_inside(exec.header.cgroup, pid, place),
    }
}

/// An exec of a hook that has changed its root to the container's. A copy of itself, by descriptor, is still the node's
/// program; what it finds in the container is not.
#[inline(always)]
fn hook_inside(exec: &Exec, pid: u32) -> (Task, u32) {
    if is_from_elsewhere(exec) {
        return (Task::Runtime, 0);
    }
    set_mark(pid, Task::Injected as u32);
    (Task::Injected, 0)
}

/// Whether no path of the task's root leads to the file. Of a script and of what binfmt_misc hands on only the interpreter
/// is known, which may be the node's; what a FUSE server says of links is its own word.
#[inline(always)]
fn is_from_elsewhere(exec: &Exec) -> bool {
    let no_path =
        exec.flags & (flag::DETACHED | flag::UNREACHABLE) != 0 || (exec.links == 0 && exec.magic != FUSE);
    no_path && exec.flags & flag::INTERPRETER == 0
}

/// The first exec of a Runtime task outside the node's own root: the init's, else an injected one's.
///
/// An init may have moved to another mount namespace since, and who enters after it follows it there; so it is not
/// asked whether the place is the one that the init began in.
#[inline(always)]
fn first_inside(cgroup: u64, pid: u32, place: &Place) -> (Task, u32) {
    let init = Init {
        root_inode: place.root_inode,
        root_device: place.root_device,
        mount_namespace: place.mount_namespace,
        pid,
        executables: 0,
        capabilities: 0,
        sockets: 0,
        _pad: 0,
        user_namespace: place.user_namespace,
        denied: 0,
        would_deny: 0,
        killed: 0,
        would_kill: 0,
        denied_calls: 0,
        would_deny_calls: 0,
    };
    if INITS.insert(cgroup, init, u64::from(BPF_NOEXIST)).is_ok() {
        let _ = MARKS.remove(pid);
        return (Task::Container, flag::INIT);
    }
    set_mark(pid, Task::Injected as u32);
    (Task::Injected, 0)
}
