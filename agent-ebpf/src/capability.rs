//! Capabilities used: checks that were granted to a container's own or an injected task, and that mean something.

use agent_common::{
    capability::{SILENT_FUNCTIONS, SYS_ADMIN},
    counter::{
        Class,
        Outcome::{self, Filtered, Runs},
    },
    event::{CapabilityUse, Header, Kind, Task, UserNamespace},
    map::{CAPABILITIES_PER_CONTAINER, CapabilityKey},
};
use aya_ebpf::{
    EbpfContext,
    helpers::generated::{bpf_get_current_task, bpf_get_stack, bpf_ktime_get_boot_ns},
    macros::raw_tracepoint,
    programs::RawTracePointContext,
};

use crate::{
    count::count,
    deny::{self, Done, Use},
    global::{
        CRED_EGID, CRED_EUID, CRED_USER_NS, NS_INUM, SILENT_CHECKS, TASK_REAL_CRED, USER_NS_NS,
        USER_NS_PARENT,
    },
    maps::{CAPABILITIES, FACTS, INITS},
    owner,
    read::{Address, read},
    share, task,
};

/// include/trace/events/capability.h since 6.14: `cap_capable(const struct cred *cred, struct user_namespace
/// *target_ns, const struct user_namespace *capable_ns, int cap, int ret)`, after the answer is known.
#[raw_tracepoint(tracepoint = "cap_capable")]
pub(crate) fn capability(ctx: RawTracePointContext) -> i32 {
    count(Class::Capability, Runs);
    count(Class::Capability, try_capability(&ctx));
    0
}

#[inline(always)]
fn try_capability(ctx: &RawTracePointContext) -> Outcome {
    let denied = ctx.arg::<u64>(4) as i32 != 0;
    let Some(cgroup) = (if denied { None } else { owner::of_current() }) else { return Filtered };
    let Some(task) = user(ctx) else { return Filtered };
    // Before the container's first own exec, whoever runs in its cgroup is the runtime.
    let Some(init) = INITS.get_ptr_mut(cgroup) else { return Filtered };
    let capability = ctx.arg::<u64>(3) as u8;
    let stack = Stack::of(ctx);
    if stack.is_silent() {
        return Filtered;
    }
    let target: Address = ctx.arg(1);
    // SAFETY: a value of a map that is not preallocated, read within one program run.
    let user_namespace = relation(target, unsafe { (*init).user_namespace });
    let injected = task as u16 == Task::Injected as u16;
    let done = if stack.is_told() {
        deny::judge_use(Use { cgroup, capability, injected, user_namespace }, init)
    } else {
        Done::Nothing
    };
    let key = CapabilityKey {
        cgroup,
        capability,
        user_namespace: user_namespace as u8,
        task: task as u8,
        killed: u8::from(done == Done::Denied),
        _pad: [0; 4],
    };
    // SAFETY: as above; the field is inside the value.
    let used = || Some(unsafe { &raw mut (*init).capabilities });
    share::first_seen(&CAPABILITIES, &key, CAPABILITIES_PER_CONTAINER, used, || send(ctx, &key, done))
}

/// What kind of task asks, if it asks for itself: the runtime's steps are not the container's, nor is what a file
/// system does with credentials of its own (fs/overlayfs, `ovl_override_creds`).
#[inline(always)]
fn user(ctx: &RawTracePointContext) -> Option<Task> {
    // SAFETY: takes nothing.
    let current = unsafe { bpf_get_current_task() };
    if ctx.arg::<Address>(0) != read::<Address>(current, &TASK_REAL_CRED) {
        return None;
    }
    match task::mark(ctx.tgid()) {
        None => Some(Task::Container),
        Some(mark) if mark == Task::Injected as u32 => Some(Task::Injected),
        Some(_) => None,
    }
}

/// As deep as user namespaces go: one is made below those of level 0 to 32 (kernel/user_namespace.c, `create_user_ns`).
const DEPTH: usize = 34;

/// Whose the user namespace is that the capability was asked of.
#[inline(always)]
fn relation(target: Address, own: u32) -> UserNamespace {
    let mut namespace = target;
    for depth in 0..DEPTH {
        if number(namespace) == own {
            return if depth == 0 { UserNamespace::Container } else { UserNamespace::Child };
        }
        namespace = read(namespace, &USER_NS_PARENT);
        if namespace == 0 {
            break;
        }
    }
    UserNamespace::Ancestor
}

#[inline(always)]
fn number(namespace: Address) -> u32 {
    read(namespace + u64::from(USER_NS_NS.load()), &NS_INUM)
}

/// The inode number of a task's user namespace.
#[inline(always)]
pub(crate) fn namespace_of(task: Address) -> u32 {
    number(read(read::<Address>(task, &TASK_REAL_CRED), &CRED_USER_NS))
}

/// The innermost return addresses, but for the first two, which are the hook's.
struct Stack {
    addresses: [u64; 4],
    /// How many bytes of it were read, or a negative number.
    read: i64,
}

/// include/uapi/linux/bpf.h: how many frames `bpf_get_stack` leaves out stands in the low byte of its flags.
const SKIPPED: u64 = 2;

impl Stack {
    #[inline(always)]
    fn of(ctx: &RawTracePointContext) -> Self {
        let mut addresses = [0; 4];
        // SAFETY: the destination is a live local of the size given. On failure it stays zeroed.
        let read = unsafe {
            let size = size_of_val(&addresses) as u32;
            bpf_get_stack(ctx.as_ptr(), addresses.as_mut_ptr().cast(), size, SKIPPED)
        };
        Self { addresses, read: read as i64 }
    }

    #[inline(always)]
    fn can_be_told() -> bool {
        SILENT_CHECKS.load()[0] != 0
    }

    /// Whether it can be told of this check that the task means it: the stack could be read, and what it is held against.
    /// Where not, nobody is killed.
    #[inline(always)]
    fn is_told(&self) -> bool {
        self.read > 0 && Self::can_be_told()
    }

    /// Whether the kernel asks by itself, and not since the task wants to use the capability.
    #[inline(always)]
    fn is_silent(&self) -> bool {
        let ranges = SILENT_CHECKS.load();
        let mut silent = 0;
        for address in self.addresses {
            for range in 0..SILENT_FUNCTIONS {
                // In sign bits, without a branch: behind the start, and before the end. The kernel's addresses are not
                // half the numbers apart.
                let behind = address.wrapping_sub(ranges[2 * range]);
                let length = ranges[2 * range + 1].wrapping_sub(ranges[2 * range]);
                silent |= behind.wrapping_sub(length) & !behind;
            }
        }
        silent >> 63 != 0
    }
}

#[inline(always)]
fn send(ctx: &RawTracePointContext, key: &CapabilityKey, done: Done) -> bool {
    let unattributable = key.capability == SYS_ADMIN && !Stack::can_be_told();
    let cred: Address = ctx.arg(0);
    let event = CapabilityUse {
        header: Header {
            kind: Kind::CapabilityUse as u16,
            task: u16::from(key.task),
            pid: ctx.tgid(),
            // SAFETY: takes nothing.
            time: unsafe { bpf_ktime_get_boot_ns() },
            cgroup: key.cgroup,
        },
        uid: read(cred, &CRED_EUID),
        gid: read(cred, &CRED_EGID),
        capability: key.capability,
        user_namespace: key.user_namespace,
        unattributable: u8::from(unattributable),
        killed: key.killed,
        would_kill: u8::from(done == Done::WouldDeny),
        _pad: [0; 3],
    };
    FACTS.output::<CapabilityUse>(event, 0).is_ok()
}
