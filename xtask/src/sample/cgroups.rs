//! Control groups that a run made, removed again in every hierarchy.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that were not there before, outermost first.
#[derive(Debug)]
pub(crate) struct Cgroups {
    added: Vec<PathBuf>,
}

impl Cgroups {
    /// Notes which folders on the way to each of `paths` the runtime will have to make. What is there already is a
    /// kubelet's, and stays.
    pub(crate) fn before(paths: &[String]) -> Result<Self> {
        let mut added = Vec::new();
        for root in hierarchies()? {
            for path in paths {
                added.extend(missing(&root, path));
            }
        }
        added.sort();
        added.dedup();
        Ok(Self { added })
    }
}

impl Drop for Cgroups {
    fn drop(&mut self) {
        for folder in self.added.iter().rev().filter(|folder| folder.exists()) {
            if let Err(error) = fs::remove_dir(folder) {
                eprintln!("cannot remove {}: {error}", folder.display());
            }
        }
    }
}

/// Where each hierarchy is mounted: of version 1, of version 2, or both.
pub(crate) fn hierarchies() -> Result<Vec<PathBuf>> {
    let mounts = fs::read_to_string("/proc/self/mounts").context("cannot read /proc/self/mounts")?;
    Ok(in_mounts(&mounts))
}

fn in_mounts(mounts: &str) -> Vec<PathBuf> {
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let cgroups = fields.filter(|fields| fields.len() > 2 && matches!(fields[2], "cgroup" | "cgroup2"));
    cgroups.map(|fields| PathBuf::from(fields[1])).collect()
}

fn missing(root: &Path, path: &str) -> Vec<PathBuf> {
    let mut folder = root.to_owned();
    let folders = path.split('/').filter(|name| !name.is_empty()).map(|name| {
        folder.push(name);
        folder.clone()
    });
    folders.filter(|folder| !folder.exists()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_hierarchies_are_found() {
        let mounts = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n\
                      cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n\
                      cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
        let found = in_mounts(mounts);
        assert_eq!(found, [Path::new("/sys/fs/cgroup/pids"), Path::new("/sys/fs/cgroup/unified")]);
    }

    #[test]
    fn folders_that_are_there_already_are_not_ours() {
        let missing = missing(Path::new("/"), "/proc/self/fd/x/y");
        assert_eq!(missing, [Path::new("/proc/self/fd/x"), Path::new("/proc/self/fd/x/y")]);
    }
}
