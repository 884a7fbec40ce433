//! Whose a task is: the container's cgroup that holds it, however deep below.

use agent_common::map::container_flag::IGNORED;
use aya_ebpf::helpers::generated::{bpf_get_current_ancestor_cgroup_id, bpf_get_current_cgroup_id};

use crate::{
    global::{
        CGROUP_ANCESTOR_IDS, CGROUP_ANCESTORS, CGROUP_KN, CGROUP_LEVEL, CGROUP_ROOT, CGROUP_ROOT_LEVEL,
        KERNFS_ID,
    },
    maps::{CONTAINERS, PENDING},
    read::{Address, at, read},
};
use agent_common::offset::ABSENT;

/// How deep below the hierarchy's root a container's cgroup may lie.
const LEVELS: u32 = 16;

/// What a cgroup id is to us.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Container,
    Ignored,
    Pending,
    Stranger,
}

/// Looks an id up. A container's own entry goes before a pending one.
#[inline(always)]
pub(crate) fn standing(id: u64) -> Standing {
    if let Some(container) = CONTAINERS.get_ptr(id) {
        // SAFETY: a value of a live map; the map is not preallocated, so it is not reused under us.
        return if unsafe { (*container).flags } & IGNORED != 0 {
            Standing::Ignored
        } else {
            Standing::Container
        };
    }
    if PENDING.get_ptr(id).is_some() { Standing::Pending } else { Standing::Stranger }
}

/// Which of a cgroup and those above it events are told of, the outermost looked at first.
///
/// The outermost container owns what runs in a container inside it. Without one, the innermost that is pending may turn
/// out to be one: the folders above a new container are as new, and are not told apart yet.
#[derive(Clone, Copy)]
enum Search {
    Going(u64),
    Found(u64),
    Ignored,
}

#[inline(always)]
fn look_at(pending: u64, id: u64) -> Search {
    match standing(id) {
        Standing::Container => Search::Found(id),
        Standing::Ignored => Search::Ignored,
        Standing::Pending => Search::Going(id),
        Standing::Stranger => Search::Going(pending),
    }
}

/// The pending one, if there was any: no cgroup has id 0.
#[inline(always)]
fn some(pending: u64) -> Option<u64> {
    if pending == 0 { None } else { Some(pending) }
}

/// The container's (or pending) cgroup that the current task is in. Its own cgroup is looked at first, since most
/// containers do not nest.
#[inline(always)]
pub(crate) fn of_current() -> Option<u64> {
    // SAFETY: takes nothing.
    let own = unsafe { bpf_get_current_cgroup_id() };
    match standing(own) {
        Standing::Container => return Some(own),
        Standing::Ignored => return None,
        Standing::Pending | Standing::Stranger => {}
    }
    let mut pending = 0;
    for level in CGROUP_ROOT_LEVEL.load() + 1..CGROUP_ROOT_LEVEL.load() + LEVELS {
        // SAFETY: takes a number; answers 0 below the task's own level.
        let id = unsafe { bpf_get_current_ancestor_cgroup_id(level as i32) };
        if id == 0 {
            break;
        }
        match look_at(pending, id) {
            Search::Going(innermost) => pending = innermost,
            Search::Found(container) => return Some(container),
            Search::Ignored => return None,
        }
    }
    some(pending)
}

/// The id of a cgroup.
#[inline(always)]
pub(crate) fn id(cgroup: Address) -> u64 {
    read(read::<Address>(cgroup, &CGROUP_KN), &KERNFS_ID)
}

/// The id of a cgroup's ancestor at a level that the cgroup has.
#[inline(always)]
fn ancestor(cgroup: Address, level: u32) -> u64 {
    if CGROUP_ANCESTORS.load() != ABSENT {
        let slot = cgroup + u64::from(CGROUP_ANCESTORS.load()) + u64::from(level) * 8;
        id(at(slot))
    } else {
        at(cgroup + u64::from(CGROUP_ANCESTOR_IDS.load()) + u64::from(level) * 8)
    }
}

/// Whether a cgroup lies below the one that containers are looked for in.
#[inline(always)]
pub(crate) fn is_below_root(cgroup: Address) -> bool {
    let level: u32 = read(cgroup, &CGROUP_LEVEL);
    level > CGROUP_ROOT_LEVEL.load() && ancestor(cgroup, CGROUP_ROOT_LEVEL.load()) == CGROUP_ROOT.load()
}

/// The container's (or pending) cgroup that a cgroup is or lies in.
#[inline(always)]
pub(crate) fn of_cgroup(cgroup: Address) -> Option<u64> {
    let depth: u32 = read(cgroup, &CGROUP_LEVEL);
    let mut pending = 0;
    for level in CGROUP_ROOT_LEVEL.load() + 1..CGROUP_ROOT_LEVEL.load() + LEVELS {
        if level > depth {
            break;
        }
        match look_at(pending, ancestor(cgroup, level)) {
            Search::Going(innermost) => pending = innermost,
            Search::Found(container) => return Some(container),
            Search::Ignored => return None,
        }
    }
    some(pending)
}
