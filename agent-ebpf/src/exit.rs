//! Exits: the end of a process, not of a thread.

use agent_common::{
    counter::{
        Class,
        Outcome::{self, Filtered, Lost, Runs, Submitted},
    },
    event::{Exit, Header, Kind},
};
use aya_ebpf::{
    EbpfContext, helpers::generated::bpf_ktime_get_boot_ns, macros::raw_tracepoint,
    programs::RawTracePointContext,
};

use crate::{
    count::count,
    global::{SIGNAL_LIVE, TASK_SIGNAL},
    maps::{LIFECYCLE, MARKS},
    owner,
    read::{Address, read},
    task,
};

/// include/trace/events/sched.h: `sched_process_exit(struct task_struct *p)`, since 6.16 with `bool group_dead`;
/// in the task itself, after `signal->live` was counted down (kernel/exit.c, `do_exit`), which all kernels have.
#[raw_tracepoint(tracepoint = "sched_process_exit")]
pub(crate) fn exit(ctx: RawTracePointContext) -> i32 {
    count(Class::Exit, Runs);
    count(Class::Exit, try_exit(&ctx));
    0
}

#[inline(always)]
fn try_exit(ctx: &RawTracePointContext) -> Outcome {
    let signal: Address = read(ctx.arg(0), &TASK_SIGNAL);
    if read::<u32>(signal, &SIGNAL_LIVE) != 0 {
        return Filtered;
    }
    let pid = ctx.tgid();
    let task = task::of_mark(task::mark(pid));
    // Whose it was does not matter: a mark that outlives its task is another's, once the number is used again.
    let _ = MARKS.remove(pid);
    let Some(cgroup) = owner::of_current() else { return Filtered };
    let event = Exit {
        header: Header {
            kind: Kind::Exit as u16,
            task: task as u16,
            pid,
            // SAFETY: takes nothing.
            time: unsafe { bpf_ktime_get_boot_ns() },
            cgroup,
        },
    };
    if LIFECYCLE.output::<Exit>(event, 0).is_ok() { Submitted } else { Lost }
}
