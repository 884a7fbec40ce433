//! Denial of an exec, where there is no hook that could refuse it: the task is killed on its way out of the kernel,
//! before the new image runs an instruction.

use core::{
    intrinsics::{AtomicOrdering, atomic_xadd},
    ptr::read_volatile,
};

use agent_common::{
    counter::Denial,
    denial,
    event::{Exec, Task, flag},
    map::{Container, Init, container_flag::IMAGE_ROOT, mode},
};
use aya_ebpf::helpers::generated::bpf_send_signal;

use crate::{
    count::count_denial,
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
    let (Some(container), Some(init)) = (container(cgroup), INITS.get_ptr_mut(cgroup)) else { return };
    // SAFETY: a value of a map that is not preallocated, read within one program run; it is there as long as the
    // container is.
    let root_device = unsafe { (*init).root_device };
    let image_root = container.flags & IMAGE_ROOT != 0 && root_device == exec.file.device;
    let Some(origin) = denial::origin(exec, image_root) else { return };
    let injected = exec.header.task == Task::Injected as u16;
    let bit = denial::bit(injected, exec.flags & flag::INTERPRETER != 0, origin);
    if container.denied & bit != 0 {
        deny(exec, init);
    } else if container.audited & bit != 0 {
        would_deny(init);
    }
}

/// What user space says of a container, if that is still of this one: a value that is replaced may be used again at
/// once (kernel/bpf/memalloc.c, since 6.1). Whoever writes another's writes its cgroup first.
#[inline(always)]
fn container(cgroup: u64) -> Option<Container> {
    let value = CONTAINERS.get_ptr(cgroup)?;
    // SAFETY: the map's memory stays readable within one program run; whose it is, is asked after it was read.
    unsafe {
        let read = read_volatile(value);
        (read_volatile(&raw const (*value).cgroup) == cgroup).then_some(read)
    }
}

#[inline(always)]
fn deny(exec: &mut Exec, init: *mut Init) {
    if !is_enforcing() {
        exec.flags |= flag::WOULD_DENY;
        return would_deny(init);
    }
    // SAFETY: takes a number; the kernel kills the current process, or says why it does not.
    if unsafe { bpf_send_signal(SIGKILL) } != 0 {
        return count_denial(Denial::Refused);
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
