//! The folders of the unified cgroup hierarchy: where it is mounted, and which cgroups exist.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

/// One cgroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// What `bpf_get_current_cgroup_id` returns: the inode number of the folder (kernfs on 64 bits).
    pub id: u64,
    /// The path below the scanned root, `/` for the root itself.
    pub path: Vec<u8>,
}

/// The cgroups found below a root.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Scan {
    pub folders: Vec<Folder>,
    /// Whether the limit was reached, so that there are more than these.
    pub truncated: bool,
}

/// Where the unified hierarchy is mounted, from the text of `/proc/PID/mountinfo` (proc_pid_mountinfo(5)).
///
/// The last mount wins where several lie over each other. A mount of a part of the hierarchy (its root field is
/// not `/`) is taken only if there is no whole one: inside a cgroup namespace paths begin with `/..`.
pub fn unified_mount(mountinfo: &[u8]) -> Option<PathBuf> {
    let mounts = || mountinfo.split(|byte| *byte == b'\n').filter_map(cgroup2);
    let whole = mounts().rfind(|(root, _)| *root == b"/");
    let (_, target) = whole.or_else(|| mounts().next_back())?;
    Some(PathBuf::from(OsString::from_vec(unescape(target))))
}

/// The root and target fields of a line, if its file system is cgroup2.
fn cgroup2(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut fields = line.split(|byte| *byte == b' ');
    let root = fields.nth(3)?;
    let target = fields.next()?;
    // Optional fields end with a lone dash, and the file system's type follows.
    let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
    (kind == b"cgroup2").then_some((root, target))
}

/// Undoes the kernel's `\040`-style octal escapes of space, tab, newline and backslash (seq_path(9)).
pub(crate) fn unescape(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, after)) = rest.split_first() {
        if let (b'\\', Some(code)) = (first, octal(after)) {
            out.push(code);
            rest = &after[3..];
        } else {
            out.push(first);
            rest = after;
        }
    }
    out
}

/// The byte that the first three digits say.
fn octal(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits.get(..3)?).ok()?;
    u8::from_str_radix(text, 8).ok()
}

/// All cgroups below `root`, itself first, those nearer to it before those further away; at most `limit`.
///
/// Breadth first, so that a container which nests thousands of its own hides none of its neighbours. Folders that
/// vanish meanwhile are left out.
///
/// # Errors
/// Only if `root` itself cannot be read.
pub fn scan(root: &Path, limit: usize) -> io::Result<Scan> {
    let first = Folder { id: fs::metadata(root)?.ino(), path: b"/".to_vec() };
    let mut queue = VecDeque::from([first.path.clone()]);
    let mut scan = Scan { folders: vec![first], truncated: false };
    fs::read_dir(root)?;
    while let Some(parent) = queue.pop_front() {
        let Ok(entries) = fs::read_dir(beneath(root, &parent)) else { continue };
        for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
            if scan.folders.len() >= limit {
                scan.truncated = true;
                return Ok(scan);
            }
            let path = child(&parent, entry.file_name().as_bytes());
            queue.push_back(path.clone());
            scan.folders.push(Folder { id: entry.ino(), path });
        }
    }
    Ok(scan)
}

fn beneath(root: &Path, path: &[u8]) -> PathBuf {
    let relative = path.strip_prefix(b"/").unwrap_or(path);
    root.join(std::ffi::OsStr::from_bytes(relative))
}

fn child(parent: &[u8], name: &[u8]) -> Vec<u8> {
    let parent = parent.strip_suffix(b"/").unwrap_or(parent);
    [parent, b"/", name].concat()
}
