//! Executions: every one into ring `lifecycle`, an executable first seen in a container also into ring `facts`.

use agent_common::{
    counter::{
        Class,
        Outcome::{Filtered, Lost, Runs, Submitted},
    },
    event::{ARGUMENTS_MAX, Exec, FILENAME_MAX, Header, Kind, PATH_MAX, Task, flag},
    map::{EXECUTABLES_PER_CONTAINER, ExecutableKey},
};
use aya_ebpf::{
    EbpfContext,
    helpers::generated::{
        bpf_get_current_task, bpf_get_current_uid_gid, bpf_ktime_get_boot_ns, bpf_probe_read_user,
    },
    macros::raw_tracepoint,
    maps::RingBuf,
    programs::RawTracePointContext,
};

use crate::{
    count::count,
    deny,
    global::{
        BPRM_FILE, BPRM_FILENAME, BPRM_INTERP, CRED_CAP_PERMITTED, CRED_EGID, CRED_EUID, FILE_INODE,
        FILE_PATH, MM_ARG_END, MM_ARG_START, NODE_MOUNT_NAMESPACE, PATH_DENTRY, PATH_MNT, TASK_MM,
        TASK_REAL_CRED, TASK_REAL_PARENT, VFSMOUNT_ROOT,
    },
    maps::{EXEC_SCRATCH, EXEC_TAIL_MASK, EXECUTABLES, ExecScratch, FACTS, INITS, LIFECYCLE},
    origin, owner,
    path::{self, Position},
    read::{Address, read, string},
    share,
    task::{self, Place},
};

/// include/trace/events/sched.h since 3.4: `sched_process_exec(struct task_struct *p, pid_t old_pid,
/// struct linux_binprm *bprm)`, in the task itself, after the point of no return and before the new image runs.
#[raw_tracepoint(tracepoint = "sched_process_exec")]
pub(crate) fn exec(ctx: RawTracePointContext) -> i32 {
    count(Class::Exec, Runs);
    count(Class::Executable, Runs);
    try_exec(&ctx);
    0
}

#[inline(always)]
fn try_exec(ctx: &RawTracePointContext) {
    let scratch = EXEC_SCRATCH.get_ptr_mut(0);
    let (Some(cgroup), Some(scratch)) = (owner::of_current(), scratch) else {
        count(Class::Exec, Filtered);
        count(Class::Executable, Filtered);
        return;
    };
    // SAFETY: this CPU's own scratch; the kernel does not run a program on a CPU where it is running already.
    let scratch = unsafe { &mut *scratch };
    let length = fill(scratch, ctx, cgroup);
    let outcome = if send(&LIFECYCLE, scratch, length) { Submitted } else { Lost };
    count(Class::Exec, outcome);
    count(Class::Executable, executable(scratch, length));
    diagnose!(
        ctx,
        "exec: pid {} in cgroup {}: task {}, flags {:x}",
        ctx.tgid(),
        cgroup,
        scratch.fixed.header.task,
        scratch.fixed.flags
    );
}

/// Puts an exec together and gives the length of its tail.
#[inline(always)]
fn fill(scratch: &mut ExecScratch, ctx: &RawTracePointContext, cgroup: u64) -> usize {
    let bprm: Address = ctx.arg(2);
    // SAFETY: takes nothing.
    let task = unsafe { bpf_get_current_task() };
    let place = Place::of(task);
    let file: Address = read(bprm, &BPRM_FILE);
    let position = file + u64::from(FILE_PATH.load());
    let position = Position { mount: read(position, &PATH_MNT), dentry: read(position, &PATH_DENTRY) };
    let exec = &mut scratch.fixed;
    exec.flags = place_flags(&place, &position);
    header(exec, ctx.tgid(), cgroup);
    credentials(exec, task);
    exec.mount_namespace = place.mount_namespace;
    exec.root_device = place.root_device;
    exec.parent = task::tgid(read(task, &TASK_REAL_PARENT));
    origin::describe(exec, read(file, &FILE_INODE), &place);
    // SAFETY: the tail has more than PATH_MAX + NAME_SIZE bytes.
    let (path, flags) = unsafe { path::components(scratch.tail.as_mut_ptr(), position, &place) };
    exec.flags |= flags;
    exec.path_length = path as u16;
    let length = filename(scratch, bprm, path & (PATH_MAX - 1));
    let length = arguments(scratch, task, length);
    let (kind, init) = task::at_exec(&scratch.fixed, ctx.tgid(), &place);
    scratch.fixed.header.task = kind as u16;
    scratch.fixed.flags |= init;
    scratch.fixed.permitted = permitted(task, cgroup, &place);
    deny::judge(&mut scratch.fixed, &place);
    length
}

#[inline(always)]
fn header(exec: &mut Exec, pid: u32, cgroup: u64) {
    exec.header = Header {
        kind: Kind::Exec as u16,
        task: 0,
        pid,
        // SAFETY: takes nothing.
        time: unsafe { bpf_ktime_get_boot_ns() },
        cgroup,
    };
}

/// The effective ids; what the helper gives are the real ones.
#[inline(always)]
fn credentials(exec: &mut Exec, task: Address) {
    let cred: Address = read(task, &TASK_REAL_CRED);
    exec.uid = read(cred, &CRED_EUID);
    exec.gid = read(cred, &CRED_EGID);
    // SAFETY: takes nothing.
    let real = unsafe { bpf_get_current_uid_gid() };
    if real as u32 != exec.uid || (real >> 32) as u32 != exec.gid {
        exec.flags |= flag::OTHER_IDS;
    }
}

/// A task has all capabilities in a user namespace that it made, which says nothing of the container.
#[inline(always)]
fn permitted(task: Address, cgroup: u64, place: &Place) -> u64 {
    // SAFETY: a value of a map that is not preallocated, read within one program run.
    let own = INITS.get_ptr(cgroup).map_or(0, |init| unsafe { (*init).user_namespace });
    if own != place.user_namespace {
        return 0;
    }
    read(read::<Address>(task, &TASK_REAL_CRED), &CRED_CAP_PERMITTED)
}

#[inline(always)]
fn place_flags(place: &Place, position: &Position) -> u32 {
    let mut flags = 0;
    if position.mount == place.root_mount {
        flags |= flag::ROOT_MOUNT;
    }
    if place.mount_namespace == NODE_MOUNT_NAMESPACE.load() {
        flags |= flag::NODE_MOUNT_NAMESPACE;
    }
    if place.root_dentry != read::<Address>(place.root_mount, &VFSMOUNT_ROOT) {
        flags |= flag::CHROOT;
    }
    flags
}

/// What was asked to be executed. Where it is not what the kernel executes, that is an interpreter.
#[inline(always)]
fn filename(scratch: &mut ExecScratch, bprm: Address, offset: usize) -> usize {
    let filename: Address = read(bprm, &BPRM_FILENAME);
    let interpreter: Address = read(bprm, &BPRM_INTERP);
    // SAFETY: the offset is below PATH_MAX; the tail has room for FILENAME_MAX more.
    let length = unsafe { string(scratch.tail.as_mut_ptr().add(offset), FILENAME_MAX as u32, filename) };
    scratch.fixed.filename_length = length as u16;
    // fs/exec.c: both are one string until a binary format changes `interp` (bprm_change_interp).
    if filename != interpreter {
        scratch.fixed.flags |= flag::INTERPRETER;
    }
    (offset + length) & EXEC_TAIL_MASK
}

#[inline(always)]
fn arguments(scratch: &mut ExecScratch, task: Address, offset: usize) -> usize {
    let memory: Address = read(task, &TASK_MM);
    let start: Address = read(memory, &MM_ARG_START);
    let total = read::<Address>(memory, &MM_ARG_END).wrapping_sub(start);
    let length = if total > ARGUMENTS_MAX as u64 { ARGUMENTS_MAX } else { total as usize & ARGUMENTS_MAX };
    scratch.fixed.arguments_total = if total > u64::from(u32::MAX) { u32::MAX } else { total as u32 };
    // SAFETY: the offset is at most EXEC_TAIL_MASK and the tail has ARGUMENTS_MAX more; the source is checked.
    let failed = unsafe {
        bpf_probe_read_user(scratch.tail.as_mut_ptr().add(offset).cast(), length as u32, start as *const _)
    };
    if failed != 0 {
        scratch.fixed.flags |= flag::ARGUMENTS_UNREADABLE;
        scratch.fixed.arguments_length = 0;
        return offset;
    }
    scratch.fixed.arguments_length = length as u16;
    (offset + length) & EXEC_TAIL_MASK
}

/// Copies as much into a ring as the tail fills. False where the ring is full.
#[inline(always)]
fn send(ring: &RingBuf, scratch: &ExecScratch, length: usize) -> bool {
    let size = size_of::<Exec>() + (length & EXEC_TAIL_MASK);
    // SAFETY: the scratch is longer than its fixed part and the mask together.
    let bytes = unsafe { core::slice::from_raw_parts((&raw const *scratch).cast::<u8>(), size) };
    ring.output::<[u8]>(bytes, 0).is_ok()
}

/// Decides whether the executable is new to its container, and sends it if so.
#[inline(always)]
fn executable(scratch: &mut ExecScratch, length: usize) -> agent_common::counter::Outcome {
    let exec = &scratch.fixed;
    // An interpreter says nothing of its script, and the runtime's own steps are not the container's.
    if exec.flags & flag::INTERPRETER != 0 || exec.header.task == Task::Runtime as u16 {
        return Filtered;
    }
    let key = ExecutableKey {
        cgroup: exec.header.cgroup,
        file: exec.file,
        task: u32::from(exec.header.task),
        _pad: 0,
    };
    // SAFETY: a live value of a map that is not preallocated; the field is inside it.
    let used = || INITS.get_ptr_mut(key.cgroup).map(|init| unsafe { &raw mut (*init).executables });
    share::first_seen(&EXECUTABLES, &key, EXECUTABLES_PER_CONTAINER, used, || {
        scratch.fixed.header.kind = Kind::Executable as u16;
        send(&FACTS, scratch, length)
    })
}
