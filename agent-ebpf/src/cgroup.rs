//! Cgroups made and removed, and tasks moved between them.

use agent_common::{
    counter::{
        Class,
        Outcome::{self, Filtered, Lost, Runs, Submitted},
    },
    event::{CGROUP_PATH_MAX, Cgroup, Header, Kind, Task},
};
use aya_ebpf::{
    helpers::generated::{bpf_get_current_task, bpf_ktime_get_boot_ns},
    macros::raw_tracepoint,
    programs::RawTracePointContext,
};

use crate::{
    count::count,
    global::{CGROUP_HIERARCHY, CGROUP_LEVEL, HIERARCHY_ID},
    maps::{CGROUP_SCRATCH, FACTS, MARKS, PENDING},
    owner::{self, Standing},
    read::{Address, read, string},
    task::{self, Place},
};

/// include/trace/events/cgroup.h: `cgroup_mkdir(struct cgroup *cgrp, const char *path)`, for every hierarchy.
#[raw_tracepoint(tracepoint = "cgroup_mkdir")]
pub(crate) fn cgroup_made(ctx: RawTracePointContext) -> i32 {
    count(Class::Cgroup, Runs);
    count(Class::Cgroup, try_made(&ctx));
    0
}

/// include/trace/events/cgroup.h: `cgroup_rmdir(struct cgroup *cgrp, const char *path)`.
#[raw_tracepoint(tracepoint = "cgroup_rmdir")]
pub(crate) fn cgroup_removed(ctx: RawTracePointContext) -> i32 {
    count(Class::Cgroup, Runs);
    count(Class::Cgroup, try_removed(&ctx));
    0
}

/// include/trace/events/cgroup.h: `cgroup_attach_task(struct cgroup *dst_cgrp, const char *path,
/// struct task_struct *task, bool threadgroup)`, after the move, in the task that wrote to cgroup.procs.
#[raw_tracepoint(tracepoint = "cgroup_attach_task")]
pub(crate) fn cgroup_entered(ctx: RawTracePointContext) -> i32 {
    count(Class::Cgroup, Runs);
    try_entered(&ctx);
    count(Class::Cgroup, Filtered);
    0
}

/// Only the unified hierarchy tells containers apart. Its root has hierarchy_id 0 (kernel/cgroup/cgroup.c,
/// `cgroup_init`: the default root takes the first number).
#[inline(always)]
fn is_unified(cgroup: Address) -> bool {
    read::<u32>(read::<Address>(cgroup, &CGROUP_HIERARCHY), &HIERARCHY_ID) == 0
}

#[inline(always)]
fn try_made(ctx: &RawTracePointContext) -> Outcome {
    let cgroup: Address = ctx.arg(0);
    if !is_unified(cgroup) || !owner::is_below_root(cgroup) {
        return Filtered;
    }
    let id = owner::id(cgroup);
    // What a container makes below itself is the container.
    match owner::of_cgroup(cgroup).map(owner::standing) {
        Some(Standing::Container | Standing::Ignored) => return Filtered,
        Some(Standing::Pending | Standing::Stranger) | None => {}
    }
    let _ = PENDING.insert(id, 0, 0);
    send(Kind::CgroupMade, cgroup, id, ctx.arg(1))
}

#[inline(always)]
fn try_removed(ctx: &RawTracePointContext) -> Outcome {
    let cgroup: Address = ctx.arg(0);
    if !is_unified(cgroup) {
        return Filtered;
    }
    let id = owner::id(cgroup);
    if owner::standing(id) == Standing::Stranger {
        return Filtered;
    }
    send(Kind::CgroupRemoved, cgroup, id, ctx.arg(1))
}

/// Marks what enters a container from outside; forgets the mark of what leaves it.
#[inline(always)]
fn try_entered(ctx: &RawTracePointContext) {
    let cgroup: Address = ctx.arg(0);
    if !is_unified(cgroup) {
        return;
    }
    let moved: Address = ctx.arg(2);
    let pid = task::tgid(moved);
    let Some(owner) = owner::of_cgroup(cgroup) else {
        let _ = MARKS.remove(pid);
        return;
    };
    if !is_own_move(owner, moved) && task::mark(pid).is_none() {
        task::set_mark(pid, Task::Runtime as u32);
    }
}

/// A container that moves its tasks between cgroups of its own lets nobody in: the mover is another task of it,
/// or the task itself, which then stands in the container's mount namespace and root already.
#[inline(always)]
fn is_own_move(owner: u64, moved: Address) -> bool {
    // SAFETY: takes nothing.
    let mover = unsafe { bpf_get_current_task() };
    if mover == moved || task::tgid(mover) == task::tgid(moved) {
        return task::is_inside(owner, &Place::of(moved));
    }
    owner::of_current() == Some(owner)
}

#[inline(always)]
fn send(kind: Kind, cgroup: Address, id: u64, path: Address) -> Outcome {
    let Some(scratch) = CGROUP_SCRATCH.get_ptr_mut(0) else { return Lost };
    // SAFETY: this CPU's own scratch; mkdir and rmdir of cgroups hold cgroup_mutex, so neither is interrupted by
    // the other on this CPU before its record is sent.
    let scratch = unsafe { &mut *scratch };
    // SAFETY: the tail has CGROUP_PATH_MAX bytes and more.
    let length = unsafe { string(scratch.tail.as_mut_ptr(), CGROUP_PATH_MAX as u32, path) };
    scratch.fixed = Cgroup {
        header: Header {
            kind: kind as u16,
            task: 0,
            pid: 0,
            // SAFETY: takes nothing.
            time: unsafe { bpf_ktime_get_boot_ns() },
            cgroup: id,
        },
        level: read(cgroup, &CGROUP_LEVEL),
        path_length: length as u16,
        _pad: 0,
    };
    let size = size_of::<Cgroup>() + (length & (2 * CGROUP_PATH_MAX - 1));
    // SAFETY: the scratch is longer than its fixed part and CGROUP_PATH_MAX together.
    let bytes = unsafe { core::slice::from_raw_parts((&raw const *scratch).cast::<u8>(), size) };
    if FACTS.output::<[u8]>(bytes, 0).is_ok() { Submitted } else { Lost }
}
