//! The node's own mounts, and what a container's mount shows of them.

use std::collections::HashMap;

use policy::observed::MountSource;

use super::{Mount, is_below, lines, reach, text};

/// A node has a few mounts for each of its pods.
const MOUNTS_MAX: usize = 65_536;
/// A file system is mounted at so many places of the node at most, as far as they are told.
const PATHS_MAX: usize = 16;

/// The node's mounts, by their file systems.
#[derive(Debug)]
pub(super) struct NodeMounts(HashMap<Box<str>, Vec<Mount>>);

impl NodeMounts {
    /// From the text of mountinfo of a process of the node's own.
    pub(super) fn parse(mountinfo: &[u8]) -> Option<Self> {
        let mut by_device: HashMap<Box<str>, Vec<Mount>> = HashMap::new();
        for mount in reach::shown(lines(mountinfo, MOUNTS_MAX)?) {
            by_device.entry(mount.device.clone()).or_default().push(mount);
        }
        Some(Self(by_device))
    }

    /// Where on the node that is what a container's mount shows.
    pub(super) fn source(&self, mount: &Mount) -> MountSource {
        let same = self.0.get(&mount.device).into_iter().flatten();
        let paths: Vec<_> = same.filter_map(|on_node| path(on_node, mount)).take(PATHS_MAX).collect();
        if paths.is_empty() { MountSource::Own } else { MountSource::Node(paths) }
    }
}

/// The path on the node of a mount's root, seen through another mount of the same file system.
fn path(on_node: &Mount, mount: &Mount) -> Option<String> {
    let above = on_node.root.strip_suffix(b"/").unwrap_or(&on_node.root);
    if !is_below(&mount.root, above) {
        return None;
    }
    let below = &mount.root[above.len()..];
    let target = on_node.target.strip_suffix(b"/").unwrap_or(&on_node.target);
    let path = [target, below.strip_suffix(b"/").unwrap_or(below)].concat();
    Some(if path.is_empty() { "/".to_owned() } else { text(&path) })
}
