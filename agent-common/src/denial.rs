//! What the kernel side denies by itself: execs, as far as it can tell an executable for certain, uses of capabilities,
//! and calls on sockets, with the masks that say what is denied.

use crate::event::{Exec, UserNamespace, flag, magic};

/// Where an executable is from, as far as the kernel side can tell for certain. Whether a file that was copied up is
/// still the image's takes a look at both, and `Host` may be the runtime at work: neither is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Origin {
    Image = 0,
    Upper = 1,
    /// On another mount than the root. Its kind is not known.
    Volume = 2,
    Memfd = 3,
    Deleted = 4,
}

impl Origin {
    pub const ALL: [Self; 5] = [Self::Image, Self::Upper, Self::Volume, Self::Memfd, Self::Deleted];
}

/// The bit of a mask for execs of this kind.
#[inline(always)]
#[must_use]
pub const fn bit(injected: bool, script: bool, origin: Origin) -> u32 {
    1 << (16 * injected as u32 + 8 * script as u32 + origin as u32)
}

/// What the facts of an exec say. `None` where they leave it open.
///
/// `image_root` says that the file's superblock is the one of the container's own root, and that this root is all of
/// it: else it is not the image that the file's layer tells of.
#[inline(always)]
#[must_use]
pub const fn origin(exec: &Exec, image_root: bool) -> Option<Origin> {
    if exec.flags & flag::NODE_MOUNT_NAMESPACE != 0 {
        return None;
    }
    if exec.flags & flag::DETACHED != 0 && (exec.magic == magic::TMPFS || exec.magic == magic::HUGETLBFS) {
        return Some(Origin::Memfd);
    }
    if exec.flags & flag::ROOT_SUPERBLOCK != 0 && exec.magic == magic::OVERLAYFS {
        return if image_root { on_image_root(exec) } else { None };
    }
    // What a FUSE server says of links is its own word.
    if exec.links == 0 {
        return if exec.magic == magic::FUSE { None } else { Some(Origin::Deleted) };
    }
    // What no path leads to may be the node's: by a descriptor that was handed in, or an interpreter that binfmt_misc
    // keeps open. What lies on the root's superblock may be the image's, behind a bind mount.
    let is_open = exec.flags & (flag::UNREACHABLE | flag::ROOT_SUPERBLOCK) != 0;
    if is_open || exec.magic == magic::OVERLAYFS { None } else { Some(Origin::Volume) }
}

#[inline(always)]
const fn on_image_root(exec: &Exec) -> Option<Origin> {
    if exec.flags & flag::OVERLAY == 0 {
        return None;
    }
    match (exec.flags & flag::UPPER != 0, exec.lower_count, exec.links) {
        (false, 0, _) => None,
        (false, _, _) => Some(Origin::Image),
        (true, _, 0) => Some(Origin::Deleted),
        (true, 0, _) => Some(Origin::Upper),
        (true, _, _) => None,
    }
}

/// How many masks of capabilities there are: for each kind of task and each relation of a user namespace.
pub const USES: usize = 6;

/// Which mask holds the uses by this kind of task, in this user namespace.
#[inline(always)]
#[must_use]
pub const fn of_use(injected: bool, user_namespace: UserNamespace) -> usize {
    3 * injected as usize + user_namespace as usize
}

/// The bit of a mask for a capability. None has a number that is not below 64: a kernel's set of them has 64 bits.
#[inline(always)]
#[must_use]
pub const fn bit_of_capability(capability: u8) -> u64 {
    1 << (capability & 63)
}

/// A call on a socket that a hook can refuse, as far as masks tell one from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Call {
    /// Wherever to.
    Connect = 0,
    /// To a peer that the Pod's NetworkPolicies do not allow, by the tables of [`crate::connections`].
    ConnectNotPermitted = 1,
    SendTo = 2,
    SendToNotPermitted = 3,
    Bind = 4,
    RawSocket = 5,
}

impl Call {
    pub const ALL: [Self; 6] = [
        Self::Connect,
        Self::ConnectNotPermitted,
        Self::SendTo,
        Self::SendToNotPermitted,
        Self::Bind,
        Self::RawSocket,
    ];
}

/// The bit of a mask for calls of this kind. An IPv4 address that is written as an IPv6 one counts as what goes over the
/// wire; a raw socket has none, and a bit for either.
#[inline(always)]
#[must_use]
pub const fn bit_of_call(injected: bool, ipv6: bool, call: Call) -> u32 {
    1 << (16 * injected as u32 + 8 * ipv6 as u32 + call as u32)
}

const _: () = {
    assert!(bit_of_call(true, true, Call::RawSocket) == 1 << 29, "every call has its place");
    assert!(bit(true, true, Origin::Deleted) == 1 << 28, "every bit has its place");
    assert!(of_use(true, UserNamespace::Child) + 1 == USES, "the last use has the last mask");
};
