//! Where an executable came from: a pure reading of what the kernel tells of its file.

use agent_common::event::magic::{HUGETLBFS, OVERLAYFS, TMPFS};
use policy::Known;
use policy::event::{Origin, VolumeKind};

use crate::declarations::Mount;

pub mod compare;
pub mod overlay;
pub mod script;

#[cfg(test)]
mod live;
#[cfg(test)]
mod tests;

/// What the kernel tells of an executable's file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// `s_magic` of the file's superblock.
    pub magic: u64,
    /// Whether overlayfs' own facts could be read: `upper` and `numlower` mean nothing otherwise.
    pub overlay: bool,
    /// Whether the overlay inode has an upper dentry.
    pub upper: bool,
    /// How many lower layers have the file.
    pub numlower: u32,
    pub nlink: u32,
    /// Whether the file's superblock is that of the task's root.
    pub same_superblock_as_root: bool,
    /// Whether the file's mount is that of the task's root.
    pub same_mount_as_root: bool,
    /// Whether the file's superblock is that of the container's init's root, and that root is all of it; `None` if
    /// that is not known. It tells the image's overlay from one that a task inside mounted and changed its root to,
    /// and from the node's own ([`overlay::root_is_part_of_one`]).
    pub container_root: Option<bool>,
    /// Whether the task is in the node's own mount namespace.
    pub in_node_mount_namespace: bool,
    /// Whether the file's dentry has no parent and is no mount's root.
    pub detached_root_dentry: bool,
}

/// What the facts say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Classified {
    Is(Origin),
    /// An image's file that was copied up: whether its content is still the image's needs [`compare`].
    Compare,
}

/// Reads the facts of a file.
///
/// `path` is the file's path from the container's root, `None` if that is not known (cut, or the task's root is
/// another). `mounts` are the declared container's, `None` without a declaration.
pub fn classify(facts: &Facts, path: Option<&[u8]>, mounts: Option<&[Mount]>) -> Classified {
    let Facts { magic, nlink, detached_root_dentry, in_node_mount_namespace, .. } = *facts;
    if detached_root_dentry && matches!(magic, TMPFS | HUGETLBFS) {
        return Classified::Is(Origin::Memfd);
    }
    if in_node_mount_namespace {
        return Classified::Is(Origin::Host);
    }
    if facts.same_superblock_as_root && magic == OVERLAYFS {
        return on_root_overlay(facts);
    }
    if nlink == 0 {
        return Classified::Is(Origin::Deleted);
    }
    // A root that is a plain folder does not say which of its files the image brought.
    if facts.same_superblock_as_root && facts.same_mount_as_root {
        return Classified::Is(Origin::Unknown);
    }
    Classified::Is(elsewhere(magic, path, mounts))
}

/// A file on the overlay that is the task's root (fs/overlayfs/ovl_entry.h).
fn on_root_overlay(facts: &Facts) -> Classified {
    let Facts { overlay, upper, numlower, nlink, container_root, .. } = *facts;
    // Not the container's own overlay: a container inside this one has another image than the one declared.
    if !overlay || container_root == Some(false) {
        return Classified::Is(Origin::Unknown);
    }
    match (upper, numlower, nlink) {
        (false, 0, _) => Classified::Is(Origin::Unknown),
        // Removed or not, its content is a lower layer's.
        (false, _, _) => Classified::Is(Origin::Image),
        (true, _, 0) => Classified::Is(Origin::Deleted),
        (true, 0, _) => Classified::Is(Origin::Upper),
        (true, _, _) => Classified::Compare,
    }
}

/// A file on another mount than the root.
fn elsewhere(magic: u64, path: Option<&[u8]>, mounts: Option<&[Mount]>) -> Origin {
    let covering = path.zip(mounts).and_then(|(path, mounts)| covering(path, mounts));
    match covering {
        Some(mount) => Origin::Volume(mount.kind.clone().map_or(Known::Unknown, Known::Known)),
        // Whoever mounted an overlay within the container chose what its layers hold.
        None if magic == OVERLAYFS => Origin::Unknown,
        None if magic == TMPFS && path.is_some() && mounts.is_some() => {
            Origin::Volume(VolumeKind::TMPFS.into())
        }
        None => Origin::Volume(Known::Unknown),
    }
}

/// The declared mount with the longest path that leads to the file.
fn covering<'a>(path: &[u8], mounts: &'a [Mount]) -> Option<&'a Mount> {
    let leads = |mount: &&Mount| {
        let rest = path.strip_prefix(mount.path.as_bytes());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    };
    mounts.iter().filter(leads).max_by_key(|mount| mount.path.len())
}
