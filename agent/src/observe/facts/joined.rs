//! Whose namespaces a specification names: containers of a Pod join those of its sandbox by a path of the node.

use std::path::Path;

use policy::Known;
use policy::observed::{Namespaces as Shared, OciSpec};
use rustix::fs::{Mode, OFlags, ResolveFlags, fstat, fstatfs, open, openat2, readlinkat};

use super::known;
use crate::load::node::{self, Namespaces};

#[cfg(test)]
mod tests;

/// `NSFS_MAGIC` of include/uapi/linux/magic.h.
const NSFS_MAGIC: u64 = 0x6e73_6673;

/// Which of them are the node's.
pub(super) fn of(spec: &OciSpec, node_root: &Path, node: Namespaces) -> Shared {
    let is_nodes = |kind: &str, nodes: Option<u32>| -> Known<bool> {
        let path = spec.namespace(kind).and_then(|namespace| namespace.path.as_deref());
        let named = path.and_then(|path| inode(node_root, Path::new(path)));
        known(named.zip(nodes).map(|(named, nodes)| named == nodes))
    };
    let Namespaces { pid, ipc, network, user } = node;
    Shared {
        pid: is_nodes("pid", pid),
        ipc: is_nodes("ipc", ipc),
        network: is_nodes("network", network),
        user: is_nodes("user", user),
    }
}

/// The inode number of the namespace that a path of the node leads to: a link of a process, or a file that it is mounted
/// on. The path is not followed out of the node's root.
fn inode(node_root: &Path, path: &Path) -> Option<u32> {
    let folder = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = open(node_root, folder, Mode::empty()).ok()?;
    let within = |path: &Path, flags| openat2(&root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT).ok();
    // What such a link leads to is never looked up by name, so that it cannot be followed within a root.
    let of_process = within(path.parent()?, folder)?;
    let link = readlinkat(&of_process, path.file_name()?, Vec::new()).ok();
    let linked = link.and_then(|link| node::inode_of_link(link.to_str().ok()?));
    linked.or_else(|| {
        let file = within(path, OFlags::PATH | OFlags::CLOEXEC)?;
        let is_namespace = u64::try_from(fstatfs(&file).ok()?.f_type).ok()? == NSFS_MAGIC;
        u32::try_from(fstat(&file).ok().filter(|_| is_namespace)?.st_ino).ok()
    })
}
