//! The layers of a container's overlay root, and a file's place in them.
//!
//! Layers are looked into by their folders on the node, not through the container's mount, so that a file can be
//! judged after its process is gone. No symbolic link is followed below a layer: whoever wrote the upper layer chose
//! what they point to.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

mod layer;
mod options;
#[cfg(test)]
mod tests;

use layer::{Found, find, has};

/// The layers of one overlay mount, as its mount options name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layers {
    device: u32,
    upper: PathBuf,
    /// The topmost first. Data-only layers (after `::`) are left out, they have no names of their own.
    lower: Vec<PathBuf>,
    /// `userxattr`: overlayfs keeps its attributes in `user.overlay.` instead of `trusted.overlay.`.
    user_attributes: bool,
}

/// A file as the layers hold it.
#[derive(Debug)]
pub(super) enum Placed {
    /// Only a lower layer has it.
    Lower,
    /// Only the upper layer has it.
    Upper,
    /// Both have it: these two files.
    Both(OwnedFd, OwnedFd),
    /// The upper file has no content of its own, it is the lower one's (`metacopy`).
    Metadata,
    /// The layers do not have it, or hold it in a way that is not followed (`redirect`).
    Untold,
}

impl Layers {
    /// The layers of the overlay mounted at `/`, from the text of `/proc/PID/mountinfo` of a task in the container.
    ///
    /// `None` if the root is no overlay or a folder within one, is read-only without an upper layer, or names its
    /// layers in a way that cannot be told (docker's relative ones).
    pub fn from_mountinfo(text: &[u8]) -> Option<Self> {
        options::root_overlay(text)
    }

    /// `s_dev` of the overlay in the kernel's own encoding: a file of another superblock is not in these layers.
    pub fn device(&self) -> u32 {
        self.device
    }

    /// Opens the layers as seen from the node's root.
    ///
    /// # Errors
    /// If one of them cannot be opened as a folder.
    pub(super) fn open(&self, node_root: &Path) -> io::Result<Opened> {
        let open = |folder: &PathBuf| open_folder(&on_node(node_root, folder));
        let base = self.base(node_root);
        let absolute = |lower: &PathBuf| open(&base.join(lower));
        Ok(Opened {
            upper: open(&self.upper)?,
            lower: self.lower.iter().map(absolute).collect::<io::Result<_>>()?,
            attributes: if self.user_attributes { "user.overlay." } else { "trusted.overlay." },
        })
    }

    /// What relative lower layers are relative to. containerd shortens a long list by changing to the folder that
    /// the snapshots have in common, which is above the upper layer, whose name stays absolute.
    fn base(&self, node_root: &Path) -> PathBuf {
        let relative = self.lower.iter().find(|lower| lower.is_relative());
        let holds =
            |above: &&Path| relative.is_some_and(|lower| on_node(node_root, &above.join(lower)).is_dir());
        self.upper.ancestors().skip(1).find(holds).unwrap_or(Path::new("/")).to_owned()
    }
}

/// Whether a container's root is a plain folder on a node whose own file system is an overlay, from the text of
/// `/proc/PID/mountinfo` of a task in the container. Overlayfs' facts are the node's then and say nothing of the
/// image: [`Facts::container_root`](super::Facts::container_root) is to be `Some(false)`.
pub fn root_is_part_of_one(mountinfo: &[u8]) -> bool {
    options::is_part_of_overlay(mountinfo)
}

/// `MKDEV`, include/linux/kdev_t.h: how `s_dev` holds a device's numbers.
pub(crate) fn kernel_device(major: u32, minor: u32) -> u32 {
    major << 20 | minor
}

/// An absolute path on the node, as this process reaches it.
fn on_node(node_root: &Path, path: &Path) -> PathBuf {
    node_root.join(path.strip_prefix("/").unwrap_or(path))
}

fn open_folder(path: &Path) -> io::Result<OwnedFd> {
    use rustix::fs::{Mode, OFlags};
    Ok(rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

/// Layers whose folders are open.
#[derive(Debug)]
pub(super) struct Opened {
    upper: OwnedFd,
    lower: Vec<OwnedFd>,
    attributes: &'static str,
}

impl Opened {
    /// Where the file of this path (from the container's root) is.
    pub(super) fn place(&self, path: &[u8]) -> Placed {
        let Some(names) = names(path) else { return Placed::Untold };
        let upper = match find(&self.upper, &names, self.attributes) {
            Found::File(file) => Some(file),
            Found::Metadata => return Placed::Metadata,
            Found::Absent => None,
            Found::Hidden => return Placed::Untold,
            // Only what is in the upper layer itself is visible below an opaque folder.
            Found::Opaque(file) => return file.map_or(Placed::Untold, |_| Placed::Upper),
            Found::Untold => return Placed::Untold,
        };
        let lower = self.lower(&names);
        match (upper, lower) {
            (Some(upper), Lowest::File(lower)) => Placed::Both(upper, lower),
            // Copied up from another name: a lower layer has it, and which file of it cannot be told by a path.
            (Some(upper), Lowest::None) if has(&upper, self.attributes, "origin") => Placed::Untold,
            (Some(_), Lowest::None) => Placed::Upper,
            (None, Lowest::File(_)) => Placed::Lower,
            (None, Lowest::None) | (_, Lowest::Untold) => Placed::Untold,
        }
    }

    /// The file in the topmost lower layer that has it.
    fn lower(&self, names: &[&OsStr]) -> Lowest {
        for layer in &self.lower {
            match find(layer, names, self.attributes) {
                Found::File(file) | Found::Opaque(Some(file)) => return Lowest::File(file),
                Found::Absent => {}
                Found::Hidden | Found::Opaque(None) => return Lowest::None,
                // Its content is in a data-only layer, or under another name.
                Found::Metadata | Found::Untold => return Lowest::Untold,
            }
        }
        Lowest::None
    }
}

/// What the lower layers have.
enum Lowest {
    File(OwnedFd),
    None,
    Untold,
}

/// The names along a path from the root, unless it is one that the kernel would not give.
fn names(path: &[u8]) -> Option<Vec<&OsStr>> {
    let names: Vec<_> = path.strip_prefix(b"/")?.split(|byte| *byte == b'/').map(OsStr::from_bytes).collect();
    let odd =
        |name: &&OsStr| name.is_empty() || *name == "." || *name == ".." || name.as_bytes().contains(&0);
    (!names.iter().any(odd)).then_some(names)
}
