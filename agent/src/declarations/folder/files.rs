//! Which files a folder holds, and what would show that one changed.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Folders within folders are followed this far, so that a link to a folder above ends somewhere.
const MOST_DEPTH: usize = 4;

/// More files than this are not looked at.
const MOST_FILES: usize = 4_096;

/// Two different contents of a file have different stamps: a replaced file has another inode, a rewritten one
/// another ctime, which nobody can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

/// The YAML and JSON files below a folder, links followed.
///
/// Names that begin with a dot are left out: editors' temporary files, and in a ConfigMap the dated folder and
/// `..data`, whose files are linked to by names without one.
pub(crate) fn list(root: &Path) -> io::Result<BTreeMap<PathBuf, Stamp>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(root.to_owned(), std::fs::read_dir(root)?, 0)];
    while let Some((folder, entries, depth)) = folders.pop() {
        for entry in entries.flatten() {
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = folder.join(entry.file_name());
            let Ok(metadata) = std::fs::metadata(&path) else { continue };
            if metadata.is_dir() && depth < MOST_DEPTH {
                folders.extend(std::fs::read_dir(&path).map(|entries| (path, entries, depth + 1)));
            } else if metadata.is_file() && is_declaration(&path) && found.len() < MOST_FILES {
                found.insert(path, stamp(&metadata));
            }
        }
    }
    Ok(found)
}

fn is_declaration(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
}

fn stamp(metadata: &std::fs::Metadata) -> Stamp {
    Stamp {
        device: metadata.dev(),
        inode: metadata.ino(),
        size: metadata.size(),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    }
}
