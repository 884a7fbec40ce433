//! What the node itself looks like: the programs tell a container by its difference from it.

use std::{
    fmt, fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use nix::sys::{
    stat::{major, minor},
    statfs::{OVERLAYFS_SUPER_MAGIC, statfs},
};
use policy::capabilities::Set;
use thiserror::Error;

use crate::{correlate::tree, origin::overlay};

mod namespaces;

pub use namespaces::Namespaces;

/// The node's mount namespace and root, and the cgroup that containers are looked for below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Inode number.
    pub mount_namespace: u32,
    pub root_inode: u64,
    /// `s_dev` of the root's file system, in the kernel's own encoding.
    pub root_device: u32,
    /// Where this process sees the node's root: `/`, or in a pod through the node's own process.
    pub root: PathBuf,
    /// `mountinfo` of a process that sees the node's mounts.
    pub mountinfo: PathBuf,
    /// The root's file system is an overlay: the node is a container itself.
    pub root_is_overlay: bool,
    /// The folder, in the unified hierarchy.
    pub cgroup_root: PathBuf,
    /// Its id: the folder's inode number.
    pub cgroup_id: u64,
    /// How deep it lies below the hierarchy's root.
    pub cgroup_level: u32,
    /// Its path below the hierarchy's root: empty for the root itself, else `/a/b`.
    pub cgroup_path: Vec<u8>,
    /// Every capability that a process of the node's own can have.
    pub capabilities: Set,
    /// What a container shares with the node only if its Pod asks for it.
    pub namespaces: Namespaces,
}

/// Why the node could not be read.
#[derive(Debug, Error)]
pub enum NodeError {
    #[error("cannot read {path}")]
    Unreadable { path: String, source: io::Error },
    #[error("the cgroup v2 hierarchy is not mounted: containers cannot be told apart (mount -t cgroup2)")]
    NoHierarchy,
    #[error("{0} is not below the cgroup v2 hierarchy at {1}")]
    Outside(String, String),
    #[error("{0} is not a namespace link")]
    Namespace(String),
    #[error("{0} does not say which capabilities the node has")]
    NoCapabilities(String),
}

impl Node {
    /// Reads it from /proc/1 (so the agent must see the host's processes) and from the hierarchy's mount.
    ///
    /// # Errors
    /// Something of it cannot be read, or `cgroup_root` is not in the unified hierarchy.
    pub fn read(cgroup_root: Option<&Path>) -> Result<Self, NodeError> {
        let mounts = at("/proc/self/mountinfo", fs::read("/proc/self/mountinfo"))?;
        let hierarchy = tree::unified_mount(&mounts).ok_or(NodeError::NoHierarchy)?;
        let root = match cgroup_root {
            Some(root) => at(root.display(), root.canonicalize())?,
            None => hierarchy.clone(),
        };
        let below = root
            .strip_prefix(&hierarchy)
            .map_err(|_| NodeError::Outside(root.display().to_string(), hierarchy.display().to_string()))?;
        let cgroup_id = at(root.display(), fs::metadata(&root))?.ino();
        let mut cgroup_path = Vec::new();
        for component in below {
            cgroup_path.push(b'/');
            cgroup_path.extend_from_slice(component.as_encoded_bytes());
        }
        let tree = own_tree("/proc/1").or_else(|_| own_tree("/proc/2"))?;
        Ok(Self {
            namespaces: Namespaces::read(Path::new("/proc"), tree.mount_namespace),
            mount_namespace: tree.mount_namespace,
            root_inode: tree.metadata.ino(),
            root_device: kernel_device(tree.metadata.dev()),
            root_is_overlay: statfs(&tree.root).is_ok_and(|fs| fs.filesystem_type() == OVERLAYFS_SUPER_MAGIC),
            root: tree.root,
            mountinfo: tree.mountinfo,
            cgroup_level: u32::try_from(below.components().count()).unwrap_or(u32::MAX),
            cgroup_id,
            cgroup_path,
            cgroup_root: root,
            capabilities: own_capabilities("/proc/1/status")
                .or_else(|_| own_capabilities("/proc/2/status"))?,
        })
    }
}

/// The mount namespace and root of a process of the node's own.
struct Tree {
    mount_namespace: u32,
    metadata: fs::Metadata,
    root: PathBuf,
    mountinfo: PathBuf,
}

/// Pid 1's, or where that one is guarded (a hardened init) kthreadd's, which shares both.
fn own_tree(process: &str) -> Result<Tree, NodeError> {
    let mount_namespace = namespace(&format!("{process}/ns/mnt"))?;
    let here = namespace("/proc/self/ns/mnt")? == mount_namespace;
    let root = if here { PathBuf::from("/") } else { PathBuf::from(format!("{process}/root/")) };
    let metadata = at(root.display(), fs::metadata(&root))?;
    let mountinfo = PathBuf::from(if here { "/proc/self" } else { process }).join("mountinfo");
    Ok(Tree { mount_namespace, metadata, root, mountinfo })
}

/// The bounding set of a process of the node's own: pid 1's, or kthreadd's, which no init could lower.
fn own_capabilities(status: &str) -> Result<Set, NodeError> {
    let text = at(status, fs::read_to_string(status))?;
    let bounding = text.lines().find_map(|line| line.strip_prefix("CapBnd:"));
    let bits = bounding.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
    bits.map(Set::from_bits).ok_or_else(|| NodeError::NoCapabilities(status.to_owned()))
}

/// `st_dev` in the kernel's own encoding.
pub(crate) fn kernel_device(device: u64) -> u32 {
    let part = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    overlay::kernel_device(part(major(device)), part(minor(device)))
}

fn at<T>(path: impl fmt::Display, read: io::Result<T>) -> Result<T, NodeError> {
    read.map_err(|source| NodeError::Unreadable { path: path.to_string(), source })
}

/// The inode number in a link such as `mnt:[4026531841]`.
pub(crate) fn namespace(path: &str) -> Result<u32, NodeError> {
    let link = at(path, fs::read_link(path))?;
    let link = link.to_string_lossy();
    inode_of_link(&link).ok_or_else(|| NodeError::Namespace(link.into_owned()))
}

/// The number in the link's text.
pub(crate) fn inode_of_link(link: &str) -> Option<u32> {
    link.split_once(":[")?.1.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_numbers_are_in_the_kernels_encoding() {
        // 254:0 is 0xfe00 to user space and 0x0fe0_0000 to the kernel.
        assert_eq!(kernel_device(nix::sys::stat::makedev(254, 0)), 254 << 20);
        assert_eq!(kernel_device(nix::sys::stat::makedev(0, 300)), 300);
    }

    #[test]
    fn folder_outside_the_hierarchy_is_refused_by_name() {
        let error = Node::read(Some(Path::new("/proc"))).expect_err("no cgroup is there");
        assert!(error.to_string().starts_with("/proc is not below"), "{error}");
    }
}
