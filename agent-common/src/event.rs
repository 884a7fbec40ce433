//! Events as they stand in the rings: a fixed part, then a tail of bytes whose lengths the fixed part gives.

use bytemuck::{Pod, Zeroable};

/// What stands in a ring's record. The value is [`Header::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Kind {
    Exec = 1,
    Fork = 2,
    Exit = 3,
    /// The same shape as `Exec`, from ring `facts`.
    Executable = 4,
    CgroupMade = 5,
    CgroupRemoved = 6,
    CapabilityUse = 7,
    SocketUse = 8,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Exec,
        Self::Fork,
        Self::Exit,
        Self::Executable,
        Self::CgroupMade,
        Self::CgroupRemoved,
        Self::CapabilityUse,
        Self::SocketUse,
    ];

    /// The kind that a header's number names, if it is one.
    #[must_use]
    pub const fn from_number(number: u16) -> Option<Self> {
        match number {
            1 => Some(Self::Exec),
            2 => Some(Self::Fork),
            3 => Some(Self::Exit),
            4 => Some(Self::Executable),
            5 => Some(Self::CgroupMade),
            6 => Some(Self::CgroupRemoved),
            7 => Some(Self::CapabilityUse),
            8 => Some(Self::SocketUse),
            _ => None,
        }
    }
}

/// Whose a task is: see [`crate::map::Mark`]. The value is [`Header::task`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Task {
    /// The container's init or one of its descendants.
    Container = 0,
    /// Entered from outside and has executed something inside the container's mount namespace and root.
    Injected = 1,
    /// Entered from outside and has not executed anything inside yet: the runtime's own steps.
    Runtime = 2,
}

impl Task {
    /// The task that a number names, if it names one.
    #[must_use]
    pub const fn from_number(number: u16) -> Option<Self> {
        match number {
            0 => Some(Self::Container),
            1 => Some(Self::Injected),
            2 => Some(Self::Runtime),
            _ => None,
        }
    }
}

/// The first bytes of every event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Header {
    pub kind: u16,
    pub task: u16,
    /// What user space calls a pid: the thread group's id in the initial pid namespace.
    pub pid: u32,
    /// Nanoseconds of CLOCK_BOOTTIME.
    pub time: u64,
    /// The container's cgroup (nested ones count as it), in the unified hierarchy; of a cgroup event, its own.
    pub cgroup: u64,
}

/// Identity of a file's content as far as the kernel tells it: a write changes the ctime, a new file the inode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Pod, Zeroable)]
#[repr(C)]
pub struct FileId {
    pub inode: u64,
    /// `i_ctime` in nanoseconds since the epoch.
    pub ctime: u64,
    /// `s_dev`, in the kernel's own encoding (12 bits of major, 20 of minor).
    pub device: u32,
    pub _pad: u32,
}

/// Numbers of file systems, `s_magic`: include/uapi/linux/magic.h.
pub mod magic {
    /// tmpfs, and memfd_create(2).
    pub const TMPFS: u64 = 0x0102_1994;
    /// memfd_create with MFD_HUGETLB.
    pub const HUGETLBFS: u64 = 0x9584_58f6;
    pub const OVERLAYFS: u64 = 0x794c_7630;
    pub const FUSE: u64 = 0x6573_5546;
}

/// Bits of [`Exec::flags`].
pub mod flag {
    /// The file is on overlayfs and `upper` and `lower_count` could be read.
    pub const OVERLAY: u32 = 1 << 0;
    /// The overlay inode has an upper dentry: written after start, or copied up.
    pub const UPPER: u32 = 1 << 1;
    /// The file's superblock is the one of the task's root.
    pub const ROOT_SUPERBLOCK: u32 = 1 << 2;
    /// The file's mount is the one of the task's root.
    pub const ROOT_MOUNT: u32 = 1 << 3;
    /// The task is in the node's own mount namespace.
    pub const NODE_MOUNT_NAMESPACE: u32 = 1 << 4;
    /// The file's dentry has no parent and is no mount's root: a memfd.
    pub const DETACHED: u32 = 1 << 5;
    /// `bprm->filename != bprm->interp`: the executable is the interpreter of what was named.
    pub const INTERPRETER: u32 = 1 << 6;
    /// The path is deeper or longer than the programs follow; its leaf end is right.
    pub const PATH_TRUNCATED: u32 = 1 << 7;
    /// The arguments' pages could not be read.
    pub const ARGUMENTS_UNREADABLE: u32 = 1 << 8;
    /// The walk ended outside the task's root: the file cannot be reached from it.
    pub const UNREACHABLE: u32 = 1 << 9;
    /// The first exec of the container's own: this task is its init.
    pub const INIT: u32 = 1 << 10;
    /// The task's root is not its root mount's: the path is the task's, not the container's.
    pub const CHROOT: u32 = 1 << 11;
    /// The task was killed before the new image ran an instruction.
    pub const DENIED: u32 = 1 << 12;
    /// It would have been, did the agent enforce.
    pub const WOULD_DENY: u32 = 1 << 13;
    /// The real ids are others than the effective ones, which the event carries: a setuid or setgid program.
    pub const OTHER_IDS: u32 = 1 << 14;
}

/// The fixed part of an exec; its tail is `path`, `filename`, `arguments`, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Exec {
    pub header: Header,
    pub file: FileId,
    /// The mount namespace's inode number.
    pub mount_namespace: u32,
    pub parent: u32,
    pub uid: u32,
    pub gid: u32,
    /// `s_magic` of the file's superblock.
    pub magic: u64,
    /// Capabilities that it may use from here on; none where it is in another user namespace than the container's init.
    pub permitted: u64,
    /// `s_dev` of the superblock of the task's root.
    pub root_device: u32,
    pub links: u32,
    /// `ovl_entry.__numlower`: how many lower layers have the file.
    pub lower_count: u32,
    pub flags: u32,
    /// Bytes of all arguments together, of which the tail has at most [`ARGUMENTS_MAX`].
    pub arguments_total: u32,
    /// Path components from the leaf to the root, each ended by a NUL.
    pub path_length: u16,
    /// `bprm->filename`, ended by a NUL.
    pub filename_length: u16,
    /// Arguments, each ended by a NUL, the last one perhaps cut.
    pub arguments_length: u16,
    pub _pad: [u16; 3],
}

/// A process that a container's task made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Fork {
    /// Its pid is the child's.
    pub header: Header,
    pub parent: u32,
    pub _pad: u32,
}

/// The end of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Exit {
    pub header: Header,
}

/// A cgroup made or removed; its tail is the cgroup's path below the hierarchy's root, ended by a NUL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Cgroup {
    pub header: Header,
    pub level: u32,
    pub path_length: u16,
    pub _pad: u16,
}

/// Of which user namespace a capability was asked, as the container sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum UserNamespace {
    /// The one that the container runs in.
    Container = 0,
    /// One outside it.
    Ancestor = 1,
    /// One that was made inside the container.
    Child = 2,
}

impl UserNamespace {
    /// The namespace that a number names, if it names one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Container),
            1 => Some(Self::Ancestor),
            2 => Some(Self::Child),
            _ => None,
        }
    }
}

/// A capability that was granted for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct CapabilityUse {
    pub header: Header,
    /// The effective ids, in the initial user namespace.
    pub uid: u32,
    pub gid: u32,
    /// include/uapi/linux/capability.h
    pub capability: u8,
    /// [`UserNamespace`] as a number.
    pub user_namespace: u8,
    /// 1 where the check may be one that the kernel makes by itself, at every mapping of memory.
    pub unattributable: u8,
    /// 1 where the task was killed for it.
    pub killed: u8,
    /// 1 where it would have been, did the agent enforce.
    pub would_kill: u8,
    pub _pad: [u8; 3],
}

/// What a socket was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SocketCall {
    Connect = 0,
    /// sendto(2) with an address, on a socket that is not connected.
    SendTo = 1,
    Bind = 2,
    Listen = 3,
    /// A connection came to be established from outside.
    Accept = 4,
    /// socket(2) with SOCK_RAW.
    RawSocket = 5,
    /// As [`SocketCall::SendTo`], from a port that the socket's owner chose: it may be an answer. The port of the call is
    /// that one, since the peer's is another with each question.
    Reply = 6,
}

impl SocketCall {
    /// The call that a number names, if it names one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Connect),
            1 => Some(Self::SendTo),
            2 => Some(Self::Bind),
            3 => Some(Self::Listen),
            4 => Some(Self::Accept),
            5 => Some(Self::RawSocket),
            6 => Some(Self::Reply),
            _ => None,
        }
    }
}

/// An IP address in network order. IPv4 is `::ffff:a.b.c.d` (RFC 4291, 2.5.5.2), whichever family the socket is of.
pub type IpBytes = [u8; 16];

/// A call on a socket that was made for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct SocketUse {
    pub header: Header,
    /// What it is, but for whose: see [`crate::map::SocketKey`].
    pub address: IpBytes,
    /// Of an accepted connection: the address that it came to.
    pub local: IpBytes,
    /// The effective ids, in the initial user namespace. Nobody's, of an accepted connection.
    pub uid: u32,
    pub gid: u32,
    pub port: u16,
    pub protocol: u8,
    /// [`SocketCall`] as a number.
    pub call: u8,
    /// 1 where it was refused.
    pub denied: u8,
    /// 1 where it would have been, did the agent enforce.
    pub would_deny: u8,
    pub _pad: [u8; 2],
}

/// How many components of a path the programs follow.
pub const PATH_DEPTH_MAX: usize = 32;
/// A path component with its NUL: NAME_MAX + 1.
pub const NAME_SIZE: usize = 256;
/// How many bytes of path components the programs keep.
pub const PATH_MAX: usize = 1024;
/// How many bytes of `bprm->filename` the programs keep.
pub const FILENAME_MAX: usize = 512;
/// How many bytes of arguments the programs keep: a power of two, since the verifier bounds by a mask.
pub const ARGUMENTS_MAX: usize = 1023;
/// How many bytes of a cgroup's path the programs keep.
pub const CGROUP_PATH_MAX: usize = 512;

const _: () = {
    assert!(size_of::<Header>() == 24);
    assert!(size_of::<FileId>() == 24);
    assert!(size_of::<Exec>() == 24 + 24 + 16 + 16 + 20 + 12);
    assert!(size_of::<Fork>() == 32);
    assert!(size_of::<Exit>() == 24);
    assert!(size_of::<Cgroup>() == 32);
    assert!(size_of::<CapabilityUse>() == 40);
    assert!(size_of::<SocketUse>() == 24 + 32 + 8 + 8);
    assert!(align_of::<Exec>() == 8, "the ring aligns records to eight bytes");
    assert!(PATH_MAX.is_power_of_two() && (ARGUMENTS_MAX + 1).is_power_of_two());
};
