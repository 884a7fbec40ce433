//! The OCI specification of a container, from its bundle.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use policy::observed::OciSpec;
use rustix::fs::{Mode, OFlags, ResolveFlags, open, openat2};

#[cfg(test)]
mod tests;

/// Larger ones are not read: with a long seccomp profile they have 40 KiB.
const SPEC_MAX: u64 = 1 << 20;

/// Reads a bundle's `config.json`.
pub(super) fn read(node_root: &Path, bundle: &Path) -> Option<OciSpec> {
    let text = within(node_root, &bundle.join("config.json"), SPEC_MAX)?;
    // serde takes a list, too, for an object whose fields may all be absent.
    let is_object = text.trim_ascii_start().starts_with(b"{");
    is_object.then(|| serde_json::from_slice(&text).ok())?
}

/// A file as the node names it: links on the way are followed as the node does, and not out of its root.
pub(super) fn within(node_root: &Path, file: &Path, most: u64) -> Option<Vec<u8>> {
    let root = open(node_root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = openat2(&root, file, flags, Mode::empty(), ResolveFlags::IN_ROOT).ok()?;
    all(File::from(file), most)
}

/// A file's content, unless it is larger, or cannot be read. No pipe is waited for.
pub(super) fn bounded(path: &Path, most: u64) -> Option<Vec<u8>> {
    let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
    all(File::options().read(true).custom_flags(nonblocking).open(path).ok()?, most)
}

fn all(file: File, most: u64) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let read = file.take(most + 1).read_to_end(&mut text).ok()?;
    (read as u64 <= most).then_some(text)
}
