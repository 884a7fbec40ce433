//! Denials, where there is no hook that could refuse. A task that executes what is denied is killed on its way out of the
//! kernel, before the new image runs an instruction; one that uses a capability is killed before it goes on after the
//! call, which by then was granted. A call on a socket has a hook: it is refused.

use core::{
    intrinsics::{AtomicOrdering, atomic_xadd},
    ptr::read_volatile,
};

use agent_common::{
    counter::Denial,
    denial::{self, Call, USES, bit_of_call},
    event::{Exec, IpBytes, SocketCall, SocketUse, Task, UserNamespace, flag},
    map::{Container, Init, PodTables, container_flag::IMAGE_ROOT, mode},
};
use aya_ebpf::helpers::generated::{bpf_get_current_task, bpf_send_signal};

use crate::{
    connections,
    count::{count_denial, count_denial_shared},
    maps::{CONTAINERS, INITS, MODE},
    task::Place,
};

const SIGKILL: u32 = 9;

/// Kills the current task if a mask of its container denies what it executes, and notes that in the exec.
///
/// Whatever may be the runtime at work is left alone: by its mark, and, since a mark may have been forgotten, by the
/// node's own mount namespace and root.
#[inline(always)]
pub(crate) fn judge(exec: &mut Exec, place: &Place) {
    let cgroup = exec.header.cgroup;
    if exec.header.task == Task::Runtime as u16 || !place.is_inside_some_container() {
        return;
    }
    let (Some(masks), Some(init)) = (masks(cgroup), INITS.get_ptr_mut(cgroup)) else { return };
    // SAFETY: a value of a map that is not preallocated, read within one program run; it is there as long as the
    // container is.
    let root_device = unsafe { (*init).root_device };
    let image_root = masks.flags & IMAGE_ROOT != 0 && root_device == exec.file.device;
    let Some(origin) = denial::origin(exec, image_root) else { return };
    let injected = exec.header.task == Task::Injected as u16;
    let bit = denial::bit(injected, exec.flags & flag::INTERPRETER != 0, origin);
    if masks.denied & bit != 0 {
        deny(exec, init);
    } else if masks.audited & bit != 0 {
        would_deny(init);
    }
}

/// What user space says of execs in a container.
struct Masks {
    flags: u32,
    denied: u32,
    audited: u32,
}

/// What user space says of a container, if that is still of this one: a value that is replaced may be used again at
/// once (kernel/bpf/memalloc.c, since 6.1). Whoever writes another's writes its cgroup first.
#[inline(always)]
fn masks(cgroup: u64) -> Option<Masks> {
    let value = CONTAINERS.get_ptr(cgroup)?;
    // SAFETY: the map's memory stays readable within one program run; whose it is, is asked after it was read.
    unsafe {
        let read = Masks {
            flags: read_volatile(&raw const (*value).flags),
            denied: read_volatile(&raw const (*value).denied),
            audited: read_volatile(&raw const (*value).audited),
        };
        is_of(value, cgroup).then_some(read)
    }
}

/// # Safety
/// `value` is one of map `CONTAINERS`, looked up within this program run.
#[inline(always)]
unsafe fn is_of(value: *const Container, cgroup: u64) -> bool {
    // SAFETY: the caller's.
    unsafe { read_volatile(&raw const (*value).cgroup) == cgroup }
}

#[inline(always)]
fn deny(exec: &mut Exec, init: *mut Init) {
    if !is_enforcing() {
        exec.flags |= flag::WOULD_DENY;
        return would_deny(init);
    }
    if !is_killed() {
        return;
    }
    exec.flags |= flag::DENIED;
    count_denial(Denial::Denied);
    // SAFETY: a field of a live value of a map that is not preallocated.
    add_one(unsafe { &raw mut (*init).denied });
}

#[inline(always)]
fn would_deny(init: *mut Init) {
    count_denial(Denial::WouldDeny);
    // SAFETY: as above.
    add_one(unsafe { &raw mut (*init).would_deny });
}

/// A use of a capability that was granted, by a container's own or an injected task.
#[derive(Clone, Copy)]
pub(crate) struct Use {
    pub(crate) cgroup: u64,
    pub(crate) capability: u8,
    pub(crate) injected: bool,
    pub(crate) user_namespace: UserNamespace,
}

/// What was done about a use, or about a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    Nothing,
    /// The task was killed, or the call refused.
    Denied,
    /// The agent does not enforce.
    WouldDeny,
}

/// Kills the current task if a mask of its container denies the use: it was granted, so that its call may still take
/// effect, but the task does not come back from it.
///
/// The runtime at work is left alone, as above.
#[inline(always)]
pub(crate) fn judge_use(used: Use, init: *mut Init) -> Done {
    let Some((denied, audited)) = masks_of_use(used) else { return Done::Nothing };
    let bit = denial::bit_of_capability(used.capability);
    if (denied | audited) & bit == 0 {
        return Done::Nothing;
    }
    // SAFETY: takes nothing.
    if !Place::of(unsafe { bpf_get_current_task() }).is_inside_some_container() {
        return Done::Nothing;
    }
    if denied & bit == 0 {
        would_kill(init);
        return Done::Nothing;
    }
    if !is_enforcing() {
        would_kill(init);
        return Done::WouldDeny;
    }
    if !is_killed() {
        return Done::Nothing;
    }
    count_denial(Denial::Killed);
    // SAFETY: a field of a live value of a map that is not preallocated.
    add_one(unsafe { &raw mut (*init).killed });
    Done::Denied
}

/// The masks for the like of a use: what is denied, and what is audited.
#[inline(always)]
fn masks_of_use(used: Use) -> Option<(u64, u64)> {
    let index = denial::of_use(used.injected, used.user_namespace);
    if index >= USES {
        return None;
    }
    let value = CONTAINERS.get_ptr(used.cgroup)?;
    // SAFETY: as in `masks`; the index is inside both arrays.
    unsafe {
        let denied = (&raw const (*value).denied_uses).cast::<u64>().add(index);
        let audited = (&raw const (*value).audited_uses).cast::<u64>().add(index);
        let read = (read_volatile(denied), read_volatile(audited));
        is_of(value, used.cgroup).then_some(read)
    }
}

#[inline(always)]
fn would_kill(init: *mut Init) {
    count_denial(Denial::WouldKill);
    // SAFETY: a field of a live value of a map that is not preallocated.
    add_one(unsafe { &raw mut (*init).would_kill });
}

/// Refuses a call on a socket if a mask of its container denies it, by the container's own or an injected task.
///
/// The runtime at work is left alone, as above.
#[inline(always)]
pub(crate) fn judge_call(used: &SocketUse, injected: bool, init: *mut Init) -> Done {
    let Some(masks) = masks_of_call(used.header.cgroup) else { return Done::Nothing };
    let concerned = masks.denied | masks.audited;
    if concerned == 0 {
        return Done::Nothing;
    }
    let (always, not_permitted) = bits_of(used, injected);
    let is_asked = concerned & not_permitted != 0;
    let bits =
        if is_asked && connections::are_denied(masks.tables, used) { always | not_permitted } else { always };
    // SAFETY: takes nothing.
    if concerned & bits == 0 || !Place::of(unsafe { bpf_get_current_task() }).is_inside_some_container() {
        return Done::Nothing;
    }
    if masks.denied & bits != 0 && is_enforcing() {
        count_denial_shared(Denial::CallDenied);
        // SAFETY: a field of a live value of a map that is not preallocated.
        add_one(unsafe { &raw mut (*init).denied_calls });
        return Done::Denied;
    }
    count_denial_shared(Denial::WouldDenyCall);
    // SAFETY: as above.
    add_one(unsafe { &raw mut (*init).would_deny_calls });
    if masks.denied & bits != 0 { Done::WouldDeny } else { Done::Nothing }
}

/// What user space says of calls in a container.
struct CallMasks {
    denied: u32,
    audited: u32,
    tables: PodTables,
}

#[inline(always)]
fn masks_of_call(cgroup: u64) -> Option<CallMasks> {
    let value = CONTAINERS.get_ptr(cgroup)?;
    // SAFETY: as in `masks`.
    unsafe {
        let read = CallMasks {
            denied: read_volatile(&raw const (*value).denied_calls),
            audited: read_volatile(&raw const (*value).audited_calls),
            tables: PodTables {
                own: read_volatile(&raw const (*value).tables.own),
                shared: read_volatile(&raw const (*value).tables.shared),
            },
        };
        is_of(value, cgroup).then_some(read)
    }
}

/// The bit of a call wherever it leads, and the one of a peer that is not permitted.
#[inline(always)]
fn bits_of(used: &SocketUse, injected: bool) -> (u32, u32) {
    let ipv6 = !is_ipv4(&used.address);
    let bit = |call| bit_of_call(injected, ipv6, call);
    match SocketCall::from_number(used.call) {
        Some(SocketCall::Connect) => (bit(Call::Connect), bit(Call::ConnectNotPermitted)),
        Some(SocketCall::SendTo) => (bit(Call::SendTo), bit(Call::SendToNotPermitted)),
        // Answers are always permitted, and this may be one.
        Some(SocketCall::Reply) => (bit(Call::SendTo), 0),
        Some(SocketCall::Bind) => (bit(Call::Bind), 0),
        Some(SocketCall::RawSocket) => (bit(Call::RawSocket), 0),
        Some(SocketCall::Listen | SocketCall::Accept) | None => (0, 0),
    }
}

/// Whether an address is `::ffff:a.b.c.d`.
#[inline(always)]
fn is_ipv4(address: &IpBytes) -> bool {
    let [high @ .., _, _, _, _] = *address;
    high == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
}

/// Whether the kernel took the signal to the current process.
#[inline(always)]
fn is_killed() -> bool {
    // SAFETY: takes a number; the kernel kills the current process, or says why it does not.
    let taken = unsafe { bpf_send_signal(SIGKILL) } == 0;
    if !taken {
        count_denial(Denial::Refused);
    }
    taken
}

#[inline(always)]
fn is_enforcing() -> bool {
    // SAFETY: the array's only value, which user space writes whole.
    MODE.get_ptr(0).is_some_and(|value| unsafe { *value } == mode::ENFORCE)
}

#[inline(always)]
fn add_one(value: *mut u64) {
    // SAFETY: the callers'.
    unsafe { atomic_xadd::<u64, u64, { AtomicOrdering::Relaxed }>(value, 1) };
}
