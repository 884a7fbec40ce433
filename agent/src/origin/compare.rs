//! Whether a copied-up file still has the image's content.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use policy::event::Origin;

use super::overlay::{Layers, Placed};
use crate::correlate::lru::Lru;

#[cfg(test)]
mod tests;

/// Larger files are not compared: reading both would take seconds, and their origin stays Unknown.
pub const LARGEST: u64 = 256 << 20;

const CHUNK: usize = 64 << 10;

/// A file's content as the kernel identifies it: a write changes the ctime, another file the inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileKey {
    /// `s_dev` of the overlay, which no other container's root has.
    pub device: u32,
    pub inode: u64,
    /// `i_ctime`, in nanoseconds since the epoch.
    pub ctime: u64,
}

/// Answers of earlier comparisons, for as long as the file stays as it was.
#[derive(Debug)]
pub struct Compared(Lru<FileKey, Origin>);

impl Compared {
    /// With a budget in bytes; an answer takes about 200.
    pub fn new(budget: usize) -> Self {
        Self(Lru::new(budget))
    }

    pub fn get(&mut self, key: &FileKey) -> Option<Origin> {
        self.0.get(key).cloned()
    }

    pub fn insert(&mut self, key: FileKey, origin: Origin) {
        self.0.insert(key, origin, size_of::<FileKey>() * 2 + size_of::<Origin>());
    }

    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }

    pub fn evicted(&self) -> u64 {
        self.0.evicted()
    }
}

/// Compares the file at `path` (from the container's root) in the upper layer with the image's.
///
/// `ctime` is the one that the kernel saw at the exec: if the file has another by now, what ran cannot be told any
/// more. `CopiedUp` if the contents are equal, `Upper` if they differ, `Unknown` in every other case. It reads up to
/// twice [`LARGEST`] bytes, so it belongs on a thread that may block.
pub fn compare(layers: &Layers, node_root: &Path, path: &[u8], ctime: u64) -> Origin {
    let Ok(layers) = layers.open(node_root) else { return Origin::Unknown };
    match layers.place(path) {
        Placed::Metadata => Origin::CopiedUp,
        Placed::Both(upper, lower) => contents(upper, lower, Some(ctime)),
        // The kernel saw it in both layers, so these are not the files that it saw.
        Placed::Lower | Placed::Upper | Placed::Untold => Origin::Unknown,
    }
}

/// What the contents of an upper file and the image's say; `ctime` as for [`compare`], if it is known.
pub(super) fn contents(upper: OwnedFd, lower: OwnedFd, ctime: Option<u64>) -> Origin {
    match equal(&File::from(upper), &File::from(lower), ctime) {
        Ok(Some(true)) => Origin::CopiedUp,
        Ok(Some(false)) => Origin::Upper,
        Ok(None) | Err(_) => Origin::Unknown,
    }
}

/// `None` if it cannot be told: too large, or changed meanwhile.
fn equal(mut upper: &File, mut lower: &File, seen: Option<u64>) -> io::Result<Option<bool>> {
    let before = upper.metadata()?;
    if seen.is_some_and(|seen| seen != ctime(&before)) {
        return Ok(None);
    }
    if before.len() != lower.metadata()?.len() {
        return Ok(Some(false));
    }
    if before.len() > LARGEST {
        return Ok(None);
    }
    let equal = same_bytes(&mut upper, &mut lower)?;
    Ok((ctime(&upper.metadata()?) == ctime(&before)).then_some(equal))
}

fn same_bytes(one: &mut impl Read, other: &mut impl Read) -> io::Result<bool> {
    let (mut left, mut right) = (vec![0; CHUNK], vec![0; CHUNK]);
    // A file that grows while it is read still ends here.
    for _ in 0..=LARGEST / CHUNK as u64 {
        let length = fill(one, &mut left)?;
        if length != fill(other, &mut right)? || left[..length] != right[..length] {
            return Ok(false);
        }
        if length < CHUNK {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

fn ctime(metadata: &std::fs::Metadata) -> u64 {
    u64::try_from(metadata.ctime()).unwrap_or_default() * 1_000_000_000
        + u64::try_from(metadata.ctime_nsec()).unwrap_or_default()
}
