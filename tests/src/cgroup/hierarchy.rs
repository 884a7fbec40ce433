//! Where the hierarchies of control groups are mounted.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

#[cfg(test)]
mod tests;

/// The hierarchies that tests use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchies {
    /// The unified one: all there is on v2, beside the others on a hybrid machine.
    pub unified: PathBuf,
    /// Where `pids.max` is: a v1 hierarchy of its own on a hybrid machine, else the unified one.
    pub pids: PathBuf,
}

impl Hierarchies {
    /// Reads `/proc/mounts`.
    pub fn mounted() -> Result<Self> {
        let mounts = fs::read_to_string("/proc/mounts").context("read /proc/mounts")?;
        Self::parse(&mounts).context("no cgroup2 among /proc/mounts")
    }

    /// Where every hierarchy is mounted, of version 1 and of version 2.
    pub fn all() -> Result<Vec<PathBuf>> {
        let mounts = fs::read_to_string("/proc/mounts").context("read /proc/mounts")?;
        Ok(every(&mounts))
    }

    fn parse(mounts: &str) -> Option<Self> {
        let unified = find(mounts, |kind, _| kind == "cgroup2")?;
        let pids = find(mounts, |kind, options| {
            kind == "cgroup" && options.split(',').any(|option| option == "pids")
        });
        Some(Self { pids: pids.unwrap_or_else(|| unified.clone()), unified })
    }
}

fn every(mounts: &str) -> Vec<PathBuf> {
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let groups = fields.filter(|fields| matches!(fields.get(2), Some(&("cgroup" | "cgroup2"))));
    groups.map(|fields| PathBuf::from(fields[1])).collect()
}

/// The mount point of the first line whose type and options are `wanted`.
fn find(mounts: &str, wanted: impl Fn(&str, &str) -> bool) -> Option<PathBuf> {
    mounts.lines().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (point, kind, options) = (fields.next()?, fields.next()?, fields.next()?);
        wanted(kind, options).then(|| PathBuf::from(point))
    })
}
