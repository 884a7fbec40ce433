//! The node's mounts, read again only when they have changed: a node has thousands, and most looks find them as they were.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;

use super::NodeMounts;

#[cfg(test)]
mod tests;

/// 65,536 of ordinary length fit.
const MOUNTINFO_MAX: u64 = 8 << 20;

/// mountinfo of a process of the node's own.
#[derive(Debug)]
pub(in super::super) struct NodeMountinfo {
    path: PathBuf,
    open: Option<File>,
    /// As they were at the last reading.
    mounts: Option<NodeMounts>,
}

impl NodeMountinfo {
    pub(in super::super) fn new(path: PathBuf) -> Self {
        Self { path, open: None, mounts: None }
    }

    /// The mounts as they are now, or None where they cannot be read.
    pub(super) fn now(&mut self) -> Option<&NodeMounts> {
        if self.open.is_none() {
            let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
            self.open = File::options().read(true).custom_flags(nonblocking).open(&self.path).ok();
        }
        let file = self.open.as_mut()?;
        // Asked before they are read: a change in between makes one reading more.
        if has_changed(file) || self.mounts.is_none() {
            self.mounts = text(file).and_then(|text| NodeMounts::parse(&text));
        }
        self.mounts.as_ref()
    }
}

/// Whether a mount was made, removed or moved since this was asked last, or since the file was opened: fs/namespace.c counts
/// them for each mount namespace, and `mounts_poll` (fs/proc_namespace.c) tells whether that count is another one.
fn has_changed(file: &File) -> bool {
    let mut asked = [PollFd::new(file, PollFlags::PRI)];
    let answered = poll(&mut asked, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    !matches!(answered, Ok(0))
}

fn text(file: &mut File) -> Option<Vec<u8>> {
    file.rewind().ok()?;
    let mut text = Vec::new();
    let read = file.take(MOUNTINFO_MAX + 1).read_to_end(&mut text).ok()?;
    (read as u64 <= MOUNTINFO_MAX).then_some(text)
}
