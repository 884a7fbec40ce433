//! One process in /proc, held by its folder: once the folder is open, nothing that is read through it is of another
//! process, whoever has the number by then (fs/proc/base.c: the folder's inode holds the kernel's `struct pid`).

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags, StatxFlags, open, openat2, readlinkat, statx};

use crate::identity::running;
use crate::load::node;
use crate::origin::overlay;

#[cfg(test)]
mod tests;

/// USER_HZ is 100 wherever Linux has eBPF (include/asm-generic/param.h): what field 22 of proc_pid_stat(5) counts in.
const NANOSECONDS_PER_TICK: u64 = 10_000_000;

/// `stat` and `status` are one page each; `uid_map` has at most 340 lines of 33 bytes.
const SMALL: u64 = 64 << 10;

/// A process that stays the same one.
#[derive(Debug)]
pub(crate) struct Process {
    folder: OwnedFd,
}

impl Process {
    /// The process that has this number, if it has been there since `not_after` (nanoseconds of CLOCK_BOOTTIME): one
    /// that began later has only inherited the number.
    pub(crate) fn open(proc: &Path, pid: u32, not_after: u64) -> Option<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let process = Self { folder: open(proc.join(pid.to_string()), flags, Mode::empty()).ok()? };
        // The kernel rounds down to whole ticks.
        let started = process.started()?.checked_mul(NANOSECONDS_PER_TICK)?;
        (started <= not_after).then_some(process)
    }

    /// A small file of it. None if it is gone, or the file is larger than any that the kernel writes.
    pub(crate) fn small(&self, name: &str) -> Option<Vec<u8>> {
        self.read(name, SMALL)
    }

    /// A file of it of at most this many bytes.
    pub(super) fn read(&self, name: &str, most: u64) -> Option<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let within = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let file = File::from(openat2(&self.folder, name, flags, Mode::empty(), within).ok()?);
        let mut text = Vec::new();
        let read = file.take(most + 1).read_to_end(&mut text).ok()?;
        (read as u64 <= most).then_some(text)
    }

    /// The inode number of its namespace of this kind (`mnt`, `user`, ...).
    pub(crate) fn namespace(&self, kind: &str) -> Option<u32> {
        let link = readlinkat(&self.folder, format!("ns/{kind}"), Vec::new()).ok()?;
        node::inode_of_link(link.to_str().ok()?)
    }

    /// The folder that it has as its root: device, in the kernel's own encoding, and inode number.
    ///
    /// What the kernel has in memory will do: a file system whose server hangs must not be asked.
    pub(super) fn root(&self) -> Option<(u32, u64)> {
        let root = statx(&self.folder, "root/", AtFlags::STATX_DONT_SYNC, StatxFlags::INO).ok()?;
        Some((overlay::kernel_device(root.stx_dev_major, root.stx_dev_minor), root.stx_ino))
    }

    /// The number of its parent now.
    pub(super) fn parent(&self) -> Option<u32> {
        Some(running::parse_stat(&self.small("stat")?)?.parent)
    }

    /// When it began, in ticks since boot; None if it is over, and nobody has asked for its status yet.
    fn started(&self) -> Option<u64> {
        let text = self.small("stat")?;
        let started = running::parse_stat(&text)?.started;
        (!is_over(&text)).then_some(started)
    }
}

/// proc_pid_stat(5): the state follows the name, which may hold any byte.
fn is_over(stat: &[u8]) -> bool {
    let after = stat.rsplit(|byte| *byte == b')').next().unwrap_or_default();
    matches!(after.trim_ascii_start().first(), Some(b'Z' | b'X'))
}
