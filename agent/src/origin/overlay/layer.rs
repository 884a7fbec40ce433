//! One layer: what its folder says of a path, in overlayfs' own language of whiteouts and attributes
//! (Documentation/filesystems/overlayfs.rst).

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, fgetxattr, openat, statat};
use rustix::io::Errno;

/// A file smaller than this may live in its inode and use no block (ext4's inline_data, btrfs).
const INLINE: i64 = 4096;

/// What a layer says of a path.
#[derive(Debug)]
pub(super) enum Found {
    /// The layer has it, and layers below may have it too.
    File(OwnedFd),
    /// It has the attributes only, the content is further below.
    Metadata,
    /// Nothing: ask the next layer.
    Absent,
    /// It was removed or is no regular file: the next layers' is not visible.
    Hidden,
    /// A folder on the way hides all layers below; the file, if this layer has it.
    Opaque(Option<OwnedFd>),
    /// It is under another name, or could not be looked at.
    Untold,
}

/// Looks a path up, one name at a time, so that nothing on the way can be a link.
pub(super) fn find(layer: &OwnedFd, names: &[&OsStr], attributes: &str) -> Found {
    let Some((leaf, folders)) = names.split_last() else { return Found::Untold };
    let mut opaque = false;
    let mut opened: Option<OwnedFd> = None;
    for name in folders {
        let at = opened.as_ref().unwrap_or(layer);
        let next = match step(at, name) {
            Ok(Some(next)) => next,
            Ok(None) if opaque => return Found::Opaque(None),
            Ok(None) => return Found::Absent,
            Err(found) => return found,
        };
        if has(&next, attributes, "redirect") {
            return Found::Untold;
        }
        opaque |= has(&next, attributes, "opaque");
        opened = Some(next);
    }
    let found = file(opened.as_ref().unwrap_or(layer), leaf, attributes);
    match found {
        Found::File(file) if opaque => Found::Opaque(Some(file)),
        Found::Absent if opaque => Found::Opaque(None),
        found => found,
    }
}

/// The folder of this name in a folder; `None` if there is nothing of this name.
fn step(at: &OwnedFd, name: &OsStr) -> Result<Option<OwnedFd>, Found> {
    match statat(at, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            openat(at, name, flags, Mode::empty()).map(Some).map_err(|_| Found::Untold)
        }
        // A whiteout, or a file where layers below have a folder.
        Ok(_) => Err(Found::Hidden),
        Err(Errno::NOENT) => Ok(None),
        Err(_) => Err(Found::Untold),
    }
}

/// The file of this name in a folder.
fn file(at: &OwnedFd, name: &OsStr, attributes: &str) -> Found {
    let stat = match statat(at, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => stat,
        Err(Errno::NOENT) => return Found::Absent,
        Err(_) => return Found::Untold,
    };
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Found::Hidden;
    }
    // Should the name mean a FIFO by now, opening it must not wait for a writer.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    match openat(at, name, flags, Mode::empty()) {
        Ok(file) if has(&file, attributes, "metacopy") => Found::Metadata,
        Ok(_) if is_hollow(&stat) => Found::Untold,
        Ok(file) => Found::File(file),
        Err(_) => Found::Untold,
    }
}

/// A file with a size and no blocks: a metacopy whose attribute may not be read (`trusted.` needs CAP_SYS_ADMIN).
fn is_hollow(stat: &Stat) -> bool {
    stat.st_blocks == 0 && stat.st_size > INLINE
}

pub(super) fn has(file: impl AsFd, attributes: &str, name: &str) -> bool {
    let mut value = [0_u8; 64];
    match fgetxattr(file, format!("{attributes}{name}"), &mut value[..]) {
        // `opaque` says `y`; the others' presence counts.
        Ok(length) => name != "opaque" || value[..length] == *b"y",
        // Longer than our room, so there.
        Err(Errno::RANGE) => true,
        Err(_) => false,
    }
}
