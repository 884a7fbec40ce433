//! What tells things of a container from one another.

use agent_common::{
    event::{FileId, Task, flag},
    map::{CapabilityKey, SocketKey},
};

use crate::{decode, origin::compare::FileKey};

/// What tells one executable of a container from another: all that its origin and its path are told from.
///
/// A memfd is a new file each time, so its name tells as much as there is.
pub(super) fn identity_of<'a>(exec: &'a decode::Exec<'_>) -> impl std::hash::Hash + use<'a> {
    let fixed = &exec.fixed;
    let file = (!exec.is(flag::DETACHED)).then_some(fixed.file);
    (
        file,
        exec.task as Task as u16,
        exec.components(),
        fixed.flags & !(flag::INIT | flag::OTHER_IDS | flag::WOULD_DENY),
        fixed.links,
        fixed.lower_count,
    )
}

pub(super) fn capability_key(used: &decode::CapabilityUse) -> CapabilityKey {
    CapabilityKey {
        cgroup: used.fixed.header.cgroup,
        capability: used.fixed.capability,
        user_namespace: used.fixed.user_namespace,
        task: used.task as Task as u8,
        killed: used.fixed.killed,
        _pad: [0; 4],
    }
}

/// What tells one use of a capability in a container from another, and from every executable.
pub(super) fn identity_of_capability(key: &CapabilityKey) -> impl std::hash::Hash + use<> {
    ("capability", key.capability, key.user_namespace, key.task, key.killed)
}

pub(super) fn socket_key(used: &decode::SocketUse) -> SocketKey {
    let fixed = &used.fixed;
    SocketKey {
        cgroup: fixed.header.cgroup,
        address: fixed.address,
        port: fixed.port,
        protocol: fixed.protocol,
        call: fixed.call,
        task: used.task as Task as u8,
        denied: fixed.denied,
        _pad: [0; 2],
    }
}

/// What tells one call on sockets in a container from another, and from all else.
pub(super) fn identity_of_socket(key: &SocketKey) -> impl std::hash::Hash + use<> {
    ("socket", key.address, key.port, key.protocol, key.call, key.task, key.denied)
}

pub(super) fn file_key(file: FileId) -> FileKey {
    FileKey { device: file.device, inode: file.inode, ctime: file.ctime }
}
