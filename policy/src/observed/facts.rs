//! What the kernel shows of a container. Each field says where it is read; what could not be read is Unknown, which
//! contradicts nothing.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::known::Known;

/// What the kernel shows of a container.
///
/// Tasks of the container are its own: neither the runtime's set-up nor what entered it from outside. The default is
/// that nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether this kernel runs its programs. Those of gVisor and Kata run on a kernel of their own, and what this one
    /// shows is the sandbox.
    pub runs_here: Known<bool>,
    /// What the container's own tasks may use.
    pub capabilities: Known<CapabilitySets>,
    /// Whether execs gain no privileges: `NoNewPrivs` of /proc/PID/status (`task_seccomp` in fs/proc/array.c).
    pub no_new_privileges: Known<bool>,
    /// `Seccomp` of /proc/PID/status (`task_seccomp`). The kernel never shows which filter it is.
    pub seccomp: Known<Seccomp>,
    /// The real user id at the container's first exec of its own, in the initial user namespace: the first of `Uid` in
    /// /proc/PID/status as the agent sees it (`task_state`, `from_kuid_munged`). The real one, since a setuid program
    /// changes only the effective one.
    pub uid: Known<u32>,
    /// The real group id at that exec: the first of `Gid`.
    pub gid: Known<u32>,
    /// The effective user ids of its own programs as they began, the first one's too, in the initial user namespace. Empty
    /// where no exec was seen.
    pub effective_uids: BTreeSet<u32>,
    /// /proc/PID/uid_map as the agent sees it (`m_show` in kernel/user_namespace.c), so that `outside` is an id of the
    /// initial user namespace.
    pub uid_map: Known<IdMap>,
    /// /proc/PID/gid_map, alike.
    pub gid_map: Known<IdMap>,
    /// /proc/PID/attr/apparmor/current (`apparmor_getprocattr`), where /sys/kernel/security/lsm lists `apparmor`.
    pub apparmor: Known<Label>,
    /// /proc/PID/attr/current (`selinux_getprocattr`), where /sys/kernel/security/lsm lists `selinux` and a policy is
    /// loaded.
    pub selinux: Known<Label>,
    /// Whose namespaces its first process is in.
    pub namespaces: Namespaces,
    /// Whether any task that descends from its first process is in the node's. Unknown for the user namespace: the one
    /// that counts is the first process's.
    pub descended: Namespaces,
    /// Whose namespaces its specification names by a path (`/proc/PID/ns/net`, `/run/netns/NAME`): those of its Pod's
    /// sandbox. Unknown for those that it names by none.
    pub joined: Namespaces,
    /// Whether files can be written at `/`: in the line of /proc/PID/mountinfo whose mount point is `/`, neither the
    /// mount's own options nor the file system's say `ro` (`show_mountinfo` in fs/proc_namespace.c).
    pub root_writable: Known<bool>,
    /// Whether the topmost mount at `/sys` can be written to, read alike. False if nothing is mounted there.
    pub sys_writable: Known<bool>,
    /// The paths at or below `/proc` and `/sys` that a mount hides: the node's or the container's null device, or a
    /// read-only tmpfs. From /proc/PID/mountinfo.
    pub masked: Known<BTreeSet<String>>,
    /// The mounts of its mount namespace but for `/`. From /proc/PID/mountinfo, held against that of the node.
    pub mounts: Known<Vec<Mount>>,
    /// `repoDigests` of the image that CRI made the container from, `NAME@sha256:<hex>`: all of them, since an image that
    /// was pulled by several digests is in order if one of them is declared. A Pod's `status` has only one. An image
    /// that was never pulled has none.
    pub image_digests: Known<Vec<String>>,
}

/// Capabilities by name, without the prefix `CAP_`.
///
/// Of tasks in the user namespace of the container's first process alone: in one that it made itself a task has them
/// all, and that gives it nothing outside. If several tasks were looked at, what any of them has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapabilitySets {
    /// `CapPrm` of /proc/PID/status (`task_cap` in fs/proc/array.c). What is effective is always among it.
    pub permitted: BTreeSet<Cow<'static, str>>,
    /// `CapBnd`, alike: what an exec can give at most.
    pub bounding: BTreeSet<Cow<'static, str>>,
}

/// include/uapi/linux/seccomp.h, `SECCOMP_MODE_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seccomp {
    /// 0: every system call is let through.
    Disabled,
    /// 1: read, write, exit and sigreturn alone.
    Strict,
    /// 2: a filter decides.
    Filter,
}

/// How the ids of a user namespace map to the initial one's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdMap(pub Vec<IdRange>);

/// A line of an id map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdRange {
    /// The first id inside the namespace.
    pub inside: u32,
    /// The first id in the initial namespace.
    pub outside: u32,
    /// How many ids follow one another.
    pub length: u32,
}

impl IdMap {
    /// The id that this one of the initial namespace is inside; None if it is none there.
    pub fn inside(&self, outside: u32) -> Option<u32> {
        self.0.iter().find_map(|range| {
            let offset = outside.checked_sub(range.outside).filter(|offset| *offset < range.length)?;
            range.inside.checked_add(offset)
        })
    }

    /// The id of the initial namespace that this one inside is; None if it is none there.
    pub fn outside(&self, inside: u32) -> Option<u32> {
        self.0.iter().find_map(|range| {
            let offset = inside.checked_sub(range.inside).filter(|offset| *offset < range.length)?;
            range.outside.checked_add(offset)
        })
    }
}

/// What a security module calls a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// The module is not on: it confines nothing, whatever is declared.
    Off,
    /// As the kernel writes it, without a terminating zero or line break: `cri-containerd.apparmor.d (enforce)`,
    /// `system_u:system_r:container_t:s0:c1,c2`.
    On(String),
}

/// Which namespaces are the node's: those of the kubelet, or of the agent with hostPID where no kubelet runs, and not
/// those of the container's own pid 1. Equal if the inode numbers of /proc/PID/ns/* are (`ns_get_path` in
/// fs/nsfs.c).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Namespaces {
    /// `pid`.
    pub pid: Known<bool>,
    /// `ipc`.
    pub ipc: Known<bool>,
    /// `net`.
    pub network: Known<bool>,
    /// `user`.
    pub user: Known<bool>,
}

/// A mount of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where it is in the container: the mount point of /proc/PID/mountinfo, its escapes (`\040`) undone. What is not
    /// UTF-8 is U+FFFD.
    pub target: String,
    /// What is there.
    pub source: MountSource,
}

/// What a mount shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountSource {
    /// Its own: a file system that no mount of the node shows (its tmpfs, its proc), or a part of the container's root,
    /// which the node may show too: the same device as the mount at `/`, and a root (mountinfo's fourth field) at or
    /// below that mount's.
    Own,
    /// A file or folder that the node's own mounts show too: the paths of it there. Each mount of the node's mountinfo
    /// with the same device gives one where its root is at or above this one's.
    Node(Vec<String>),
    /// It could not be told.
    Unknown,
}

/// What of the node its containers are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeFacts {
    /// Every capability that the node's own processes can have, without the prefix: `CapBnd` of the node's pid 1, or
    /// /proc/sys/kernel/cap_last_cap.
    pub capabilities: Vec<String>,
    /// Where in containers the node's CDI specifications (`*.json` and `*.yaml` in /etc/cdi and /run/cdi) mount
    /// something: each `containerPath`. Empty where there are none; Unknown where one of them could not be read.
    pub cdi_targets: Known<Vec<String>>,
    /// Whether plugins of the runtime (NRI) are at work here, each of which may add mounts to any container: installed
    /// in /opt/nri/plugins or configured in /etc/nri/conf.d, or connected to the runtime's socket.
    pub mount_plugins: Known<bool>,
}

#[cfg(test)]
mod tests;
