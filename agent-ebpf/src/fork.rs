//! Forks: who is whose child, kept while both live.

use agent_common::{
    counter::{
        Class,
        Outcome::{self, Filtered, Lost, Runs, Submitted},
    },
    event::{Fork, Header, Kind, Task},
};
use aya_ebpf::{
    EbpfContext,
    helpers::generated::{bpf_get_current_cgroup_id, bpf_ktime_get_boot_ns},
    macros::raw_tracepoint,
    programs::RawTracePointContext,
};

use crate::{
    count::count,
    global::{TASK_PID, TASK_TGID},
    maps::LIFECYCLE,
    owner,
    read::{Address, read},
    task,
};

/// include/trace/events/sched.h: `sched_process_fork(struct task_struct *parent, struct task_struct *child)`,
/// in the parent, after the child has its cgroup and before it runs.
#[raw_tracepoint(tracepoint = "sched_process_fork")]
pub(crate) fn fork(ctx: RawTracePointContext) -> i32 {
    count(Class::Fork, Runs);
    count(Class::Fork, try_fork(&ctx));
    0
}

#[inline(always)]
fn try_fork(ctx: &RawTracePointContext) -> Outcome {
    let child: Address = ctx.arg(1);
    let pid: u32 = read(child, &TASK_TGID);
    if pid != read::<u32>(child, &TASK_PID) {
        return Filtered;
    }
    let group = task::cgroup(child);
    // SAFETY: takes nothing.
    let entered = owner::id(group) != unsafe { bpf_get_current_cgroup_id() };
    let owner = if entered { owner::of_cgroup(group) } else { owner::of_current() };
    let Some(cgroup) = owner else { return Filtered };
    let task = inherit(ctx.tgid(), pid, entered && owner::of_current() != owner);
    let event = Fork {
        header: Header {
            kind: Kind::Fork as u16,
            task: task as u16,
            pid,
            // SAFETY: takes nothing.
            time: unsafe { bpf_ktime_get_boot_ns() },
            cgroup,
        },
        parent: ctx.tgid(),
        _pad: 0,
    };
    if LIFECYCLE.output::<Fork>(event, 0).is_ok() { Submitted } else { Lost }
}

/// A child takes its parent's mark over. One that was made right into a container's cgroup (CLONE_INTO_CGROUP)
/// by a parent outside has entered it.
#[inline(always)]
fn inherit(parent: u32, child: u32, from_outside: bool) -> Task {
    if from_outside {
        task::set_mark(child, Task::Runtime as u32);
        return Task::Runtime;
    }
    let mark = task::mark(parent);
    if let Some(mark) = mark {
        task::set_mark(child, mark);
    }
    task::of_mark(mark)
}
