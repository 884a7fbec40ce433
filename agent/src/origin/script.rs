//! The file behind a `#!`: the kernel shows its interpreter, so the script is looked up by the name that was typed.
//!
//! It is looked up after the exec, through `/proc`, and so can be another file by then, or its process gone; then its
//! origin is Unknown. What `sh ./x` and `ld.so ./x` run is not seen at all.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use policy::event::{Origin, Script};
use policy::{Known, Text};
use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags, Statx, StatxFlags, fstatfs, open, openat2, statx};

use super::compare::contents;
use super::overlay::{Layers, Placed, kernel_device};
use super::{Classified, Facts, classify};
use crate::declarations::Mount;

#[cfg(test)]
mod tests;

/// Where to look, and what is known of the container.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// `/proc`, where the process is seen by its pid.
    pub proc: &'a Path,
    /// The node's root, for the layers' folders: `/`, or `/proc/1/root` from within a pod.
    pub node_root: &'a Path,
    /// The layers of the container's root, if it is an overlay.
    pub layers: Option<&'a Layers>,
    /// The declared container's mounts.
    pub mounts: Option<&'a [Mount]>,
    /// The inode number of the node's mount namespace (`/proc/1/ns/mnt`).
    pub node_mount_namespace: Option<u64>,
}

/// Finds the script that the process was told to execute as `typed` (`bprm->filename`), and where it came from.
///
/// It reads contents where both layers have the script, so it belongs on a thread that may block.
pub fn resolve(pid: u32, typed: &[u8], around: &Surroundings<'_>) -> Script {
    match found(&around.proc.join(pid.to_string()), typed) {
        Ok(found) => Script { path: text(found.path.as_os_str().as_bytes()), origin: found.origin(around) },
        // Only an absolute name says where the script was even so; a descriptor's says nothing.
        Err(_) if typed.starts_with(b"/") && !is_descriptor(typed) => {
            Script { path: text(typed), origin: Origin::Unknown }
        }
        Err(_) => Script { path: Known::Unknown, origin: Origin::Unknown },
    }
}

fn text(path: &[u8]) -> Known<Text> {
    Text::from_bytes(path).into()
}

/// How fexecve(3) and execveat(2) with an empty path name a file: `/dev/fd/N`.
fn is_descriptor(typed: &[u8]) -> bool {
    typed.starts_with(b"/dev/fd/")
}

/// A script that is there now.
struct Found {
    /// From the root of the process's mount namespace, links resolved.
    path: PathBuf,
    file: Statx,
    root: Statx,
    magic: u64,
    mount_namespace: u64,
}

fn found(process: &Path, typed: &[u8]) -> io::Result<Found> {
    // The descriptor may be closed by now, or be another file's.
    if is_descriptor(typed) {
        return Err(io::ErrorKind::NotFound.into());
    }
    let root = open(process.join("root"), OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    let inside = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let file = openat2(&root, absolute(process, typed)?, flags, Mode::empty(), inside)?;
    Ok(Found {
        // The kernel's own words for where it is.
        path: std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))?,
        file: stat(&file)?,
        root: stat(&root)?,
        magic: fstatfs(&file)?.f_type.cast_unsigned(),
        mount_namespace: std::fs::metadata(process.join("ns/mnt"))?.ino(),
    })
}

/// A typed name from the root of the process: what is relative is so to its working directory.
fn absolute(process: &Path, typed: &[u8]) -> io::Result<PathBuf> {
    let typed = PathBuf::from(OsString::from_vec(typed.to_vec()));
    Ok(if typed.is_absolute() { typed } else { std::fs::read_link(process.join("cwd"))?.join(typed) })
}

fn stat(file: &OwnedFd) -> io::Result<Statx> {
    let wanted = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
    let stat = statx(file, c"", AtFlags::EMPTY_PATH, wanted)?;
    // Before Linux 5.8 the mount is not told, and then neither is the layer.
    let told = stat.stx_mask & StatxFlags::MNT_ID.bits() != 0;
    told.then_some(stat).ok_or_else(|| io::ErrorKind::Unsupported.into())
}

impl Found {
    fn origin(&self, around: &Surroundings<'_>) -> Origin {
        let layers = around.layers.filter(|layers| self.is_on(layers));
        let is_node = Some(self.mount_namespace) == around.node_mount_namespace;
        if let Some(layers) = layers.filter(|_| !is_node) {
            return self.in_layers(layers, around.node_root);
        }
        match classify(&self.facts(is_node), Some(self.path.as_os_str().as_bytes()), around.mounts) {
            Classified::Is(origin) => origin,
            Classified::Compare => Origin::Unknown,
        }
    }

    /// Whether the script is on the overlay that the layers are of. A folder of an overlay has its device; a file of
    /// one may have a layer's, so the mounts are compared.
    fn is_on(&self, layers: &Layers) -> bool {
        let root = kernel_device(self.root.stx_dev_major, self.root.stx_dev_minor);
        self.file.stx_mnt_id == self.root.stx_mnt_id && root == layers.device()
    }

    fn in_layers(&self, layers: &Layers, node_root: &Path) -> Origin {
        let Ok(layers) = layers.open(node_root) else { return Origin::Unknown };
        match layers.place(self.path.as_os_str().as_bytes()) {
            Placed::Lower => Origin::Image,
            Placed::Metadata => Origin::CopiedUp,
            Placed::Upper => Origin::Upper,
            Placed::Both(upper, lower) => contents(upper, lower, None),
            Placed::Untold => Origin::Unknown,
        }
    }

    /// What stands in for the kernel's facts, without overlayfs' own.
    fn facts(&self, in_node_mount_namespace: bool) -> Facts {
        let Self { file, root, magic, .. } = self;
        let device = |stat: &Statx| (stat.stx_dev_major, stat.stx_dev_minor);
        let same_mount_as_root = file.stx_mnt_id == root.stx_mnt_id;
        Facts {
            magic: *magic,
            overlay: false,
            upper: false,
            numlower: 0,
            nlink: file.stx_nlink,
            same_superblock_as_root: same_mount_as_root || device(file) == device(root),
            same_mount_as_root,
            container_root: None,
            in_node_mount_namespace,
            detached_root_dentry: false,
        }
    }
}
