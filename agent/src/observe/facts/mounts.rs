//! proc_pid_mountinfo(5): what is mounted where, as a process sees it.

use std::collections::BTreeSet;

use policy::observed::{self, MountSource};

use crate::correlate::tree::unescape;

mod mountinfo;
mod node;
mod reach;
#[cfg(test)]
mod tests;

pub(super) use mountinfo::NodeMountinfo;
use node::NodeMounts;

/// Containers have 20 to 60. Of one that has more than these no mount is told: the kernel lets a namespace have 100,000
/// (`fs.mount-max`).
const MOUNTS_MAX: usize = 4096;

/// A line of mountinfo. Paths stay bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mount {
    id: u32,
    parent: u32,
    /// `major:minor` of the file system.
    device: Box<str>,
    /// The folder or file within the file system that is mounted; `/` for all of it.
    root: Vec<u8>,
    /// Where, from the process's root.
    target: Vec<u8>,
    /// Whether writing is allowed, by the mount and by the file system.
    writable: bool,
    kind: Box<str>,
}

/// The mounts that paths lead to: not those that lie below another one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mounts(Vec<Mount>);

impl Mounts {
    /// None where a line does not read, or there are too many: a look that misses a mount would show less, or more,
    /// than there is.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let mounts = lines(text, MOUNTS_MAX)?;
        Some(Self(reach::shown(mounts)))
    }

    /// Whether files can be written at a mount; None where nothing is mounted there.
    pub(super) fn is_writable(&self, target: &str) -> Option<bool> {
        Some(self.at(target.as_bytes())?.writable)
    }

    fn at(&self, target: &[u8]) -> Option<&Mount> {
        self.0.iter().find(|mount| mount.target == target)
    }

    /// What runtimes hide files and folders of /proc and /sys behind: the null device, a read-only tmpfs.
    pub(super) fn masked(&self) -> BTreeSet<String> {
        let devices = self.at(b"/dev").map(|devices| &*devices.device);
        let is_mask = |mount: &&Mount| {
            let null =
                mount.root == b"/null" && (&*mount.kind == "devtmpfs" || devices == Some(&*mount.device));
            null || (&*mount.kind == "tmpfs" && !mount.writable)
        };
        let is_inside =
            |mount: &&Mount| ["/proc", "/sys"].iter().any(|above| is_below(&mount.target, above.as_bytes()));
        self.0.iter().filter(is_inside).filter(is_mask).map(|mount| text(&mount.target)).collect()
    }

    /// All but the root, with what of the node each one shows. The node's are read after these: a number of a device that
    /// both name is one file system then.
    pub(super) fn sources(&self, node: &mut NodeMountinfo) -> Option<Vec<observed::Mount>> {
        Some(self.beside(node.now()?))
    }

    /// All but the root, with what of the node each one shows.
    fn beside(&self, node: &NodeMounts) -> Vec<observed::Mount> {
        let root = self.at(b"/");
        let is_of_root = |mount: &Mount| {
            root.is_some_and(|root| root.device == mount.device && is_below(&mount.root, &root.root))
        };
        let source = |mount: &Mount| if is_of_root(mount) { MountSource::Own } else { node.source(mount) };
        let mounts = self.0.iter().filter(|mount| mount.target != b"/");
        mounts.map(|mount| observed::Mount { target: text(&mount.target), source: source(mount) }).collect()
    }
}

/// Whether a path is another one, or below it.
fn is_below(path: &[u8], above: &[u8]) -> bool {
    let above = above.strip_suffix(b"/").unwrap_or(above);
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

/// Every line, in the kernel's order.
fn lines(text: &[u8], most: usize) -> Option<Vec<Mount>> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let mounts: Vec<_> = lines.take(most + 1).map(line).collect::<Option<_>>()?;
    (mounts.len() <= most).then_some(mounts)
}

fn line(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let mut number = || word(fields.next()?)?.parse().ok();
    let (id, parent) = (number()?, number()?);
    let device = word(fields.next()?)?.into();
    let root = unescape(fields.next()?);
    let target = unescape(fields.next()?);
    let options = fields.next()?;
    // Optional fields end with a lone dash; after it the kind, the source and the file system's own options.
    let mut after = fields.skip_while(|field| *field != b"-").skip(1);
    let kind = word(after.next()?)?.into();
    let of_file_system = after.nth(1)?;
    let writable = is_writable(options)? && is_writable(of_file_system)?;
    target.starts_with(b"/").then_some(Mount { id, parent, device, root, target, writable, kind })
}

/// Both lists begin with `rw` or `ro` (fs/proc_namespace.c, `show_mountinfo`).
fn is_writable(options: &[u8]) -> Option<bool> {
    match options.split(|byte| *byte == b',').next()? {
        b"rw" => Some(true),
        b"ro" => Some(false),
        _ => None,
    }
}

fn word(field: &[u8]) -> Option<&str> {
    std::str::from_utf8(field).ok()
}
