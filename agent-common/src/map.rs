//! Keys and values of the maps that both halves use, with the entries each map holds at most.

use bytemuck::{Pod, Zeroable};

use crate::{
    denial::USES,
    event::{FileId, IpBytes},
};

/// What user space says of a cgroup that is a container's: the value of map `CONTAINERS`, keyed by cgroup id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Container {
    /// Its own key: a value that was replaced while somebody looks at it may be another container's by then. It is
    /// first, so that it is written first.
    pub cgroup: u64,
    /// Bits of [`container_flag`].
    pub flags: u32,
    /// Execs that are denied, where the agent enforces: bits of [`crate::denial::bit`].
    pub denied: u32,
    /// Execs that no policy wants denied, but counted as if one did.
    pub audited: u32,
    /// Calls on sockets that are refused, where the agent enforces: bits of [`crate::denial::bit_of_call`].
    pub denied_calls: u32,
    /// Calls that no policy wants refused, but counted as if one did.
    pub audited_calls: u32,
    /// The tables that say where its Pod may connect to.
    pub tables: PodTables,
    pub _pad: u32,
    /// Capabilities for whose use a task is killed, where the agent enforces: by [`crate::denial::of_use`] bits of
    /// include/uapi/linux/capability.h.
    pub denied_uses: [u64; USES],
    /// Uses that no policy wants a task killed for, but counted as if one did.
    pub audited_uses: [u64; USES],
}

/// Where a Pod may connect to: its own table goes before the one that it shares with others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct PodTables {
    /// By single addresses alone; [`crate::connections::NO_TABLE`] where nothing is special to it.
    pub own: u32,
    /// [`crate::connections::NO_TABLE`] where nothing is known to be forbidden.
    pub shared: u32,
}

/// Bits of [`Container::flags`].
pub mod container_flag {
    /// Nothing of it is of interest: a pause sandbox, or the agent's own container.
    pub const IGNORED: u32 = 1 << 0;
    /// Its root is an overlay of its own, so that overlayfs tells the image's files from others.
    pub const IMAGE_ROOT: u32 = 1 << 1;
}

/// The only value of map `MODE`, which one write changes.
pub mod mode {
    /// Nothing is denied; what would be is counted.
    pub const AUDIT: u32 = 0;
    pub const ENFORCE: u32 = 1;
}

/// The container's own side of the mount table, taken at its first own exec: the value of map `INITS`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Init {
    pub root_inode: u64,
    pub root_device: u32,
    pub mount_namespace: u32,
    pub pid: u32,
    /// Distinct executables counted against [`EXECUTABLES_PER_CONTAINER`].
    pub executables: u32,
    /// Distinct capability uses counted against [`CAPABILITIES_PER_CONTAINER`].
    pub capabilities: u32,
    /// The user namespace's inode number.
    pub user_namespace: u32,
    /// Execs that were denied.
    pub denied: u64,
    /// Execs that would have been: in audit, or by a policy that does not block.
    pub would_deny: u64,
    /// Uses of capabilities for which a task was killed.
    pub killed: u64,
    /// Uses for which one would have been.
    pub would_kill: u64,
    /// Calls on sockets that were refused.
    pub denied_calls: u64,
    /// Calls that would have been.
    pub would_deny_calls: u64,
    /// Distinct calls on sockets counted against [`SOCKETS_PER_CONTAINER`].
    pub sockets: u32,
    pub _pad: u32,
}

/// A task in a container's cgroup that the container did not make: the value of map `MARKS`, keyed by pid.
///
/// A task without a mark is the container's own. Children take their parent's mark over at fork.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Mark {
    /// [`crate::event::Task`] as a number, `Injected` or `Runtime`; or [`HOOK`].
    pub task: u32,
}

/// [`Mark::task`] of a Runtime task that has executed a program of the node's inside a container's mount namespace: a
/// `createContainer` hook of OCI. It never becomes the container's init.
pub const HOOK: u32 = 3;

/// Key of map `EXECUTABLES`: an executable in a container, run by one kind of task. The value counts the runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Pod, Zeroable)]
#[repr(C)]
pub struct ExecutableKey {
    pub cgroup: u64,
    pub file: FileId,
    /// [`crate::event::Task`] as a number: what an outsider runs is not yet seen of the container.
    pub task: u32,
    pub _pad: u32,
}

/// Key of map `CAPABILITIES`: a capability granted in a container to one kind of task. The value counts the checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Pod, Zeroable)]
#[repr(C)]
pub struct CapabilityKey {
    pub cgroup: u64,
    /// include/uapi/linux/capability.h
    pub capability: u8,
    /// [`crate::event::UserNamespace`] as a number.
    pub user_namespace: u8,
    /// [`crate::event::Task`] as a number.
    pub task: u8,
    /// 1 where the task was killed for it: in another mode of the agent the same use is another fact.
    pub killed: u8,
    pub _pad: [u8; 4],
}

/// Key of map `SOCKETS`: a call on sockets by one kind of task of a container. The value counts the calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Pod, Zeroable)]
#[repr(C)]
pub struct SocketKey {
    pub cgroup: u64,
    /// The peer's of a call that has one, else the socket's own.
    pub address: IpBytes,
    /// In host order: the peer's where the container chooses it, else the socket's own.
    pub port: u16,
    /// By its number (IANA, Protocol Numbers).
    pub protocol: u8,
    /// [`crate::event::SocketCall`] as a number.
    pub call: u8,
    /// [`crate::event::Task`] as a number.
    pub task: u8,
    /// 1 where the call was refused: in another mode of the agent, or under other policies, it is another fact.
    pub denied: u8,
    pub _pad: [u8; 2],
}

/// Containers of a node: ten thousand, with room.
pub const CONTAINERS_MAX: u32 = 16_384;
/// Cgroups made and not yet told apart by user space. Least recently used go first.
pub const PENDING_MAX: u32 = 4_096;
/// Tasks that entered containers from outside, with their descendants.
pub const MARKS_MAX: u32 = 16_384;
/// Executables of all containers.
pub const EXECUTABLES_MAX: u32 = 65_536;
/// Executables of one container that take the short way: more of them are judged from ring `lifecycle` alone.
pub const EXECUTABLES_PER_CONTAINER: u32 = 512;
/// Capability uses of all containers.
pub const CAPABILITIES_MAX: u32 = 65_536;
/// Capability uses of one container: half of all that there are, since hardly a container has more than a dozen.
pub const CAPABILITIES_PER_CONTAINER: u32 = 128;

/// Calls on sockets of all containers.
pub const SOCKETS_MAX: u32 = 65_536;
/// Calls on sockets of one container, by peer and port.
pub const SOCKETS_PER_CONTAINER: u32 = 512;

const _: () = {
    assert!(size_of::<Container>() == 40 + 2 * 8 * USES);
    assert!(size_of::<Init>() == 88);
    assert!(size_of::<Mark>() == 4);
    assert!(size_of::<ExecutableKey>() == 40);
    assert!(size_of::<CapabilityKey>() == 16);
    assert!(size_of::<SocketKey>() == 32);
};
