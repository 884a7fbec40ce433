//! The node's own namespaces: those of its kubelet. A node may live in a network namespace that is not pid 1's, and
//! `hostNetwork` means the kubelet's.

use std::{fs, path::Path};

use super::namespace;

#[cfg(test)]
mod tests;

/// Inode numbers; None where no process of the node's own tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Namespaces {
    pub pid: Option<u32>,
    pub ipc: Option<u32>,
    pub network: Option<u32>,
    pub user: Option<u32>,
}

/// How /proc names the kubelet: the first 15 bytes of its program's name.
const KUBELET: &str = "kubelet\n";

/// Processes of the node's own where no kubelet runs: pid 1, and kthreadd where that one is guarded.
const OTHERS: [&str; 2] = ["1", "2"];

impl Namespaces {
    /// Reads them below `/proc`. A process may call itself anything, so a kubelet is only one in the node's mount
    /// namespace, which no container is in.
    pub(super) fn read(proc: &Path, mount_namespace: u32) -> Self {
        let kubelet = kubelet(proc, mount_namespace);
        let processes = kubelet.iter().map(String::as_str).chain(OTHERS);
        let found = processes.map(|pid| Self::of(&proc.join(pid))).find(|found| found.pid.is_some());
        found.unwrap_or_default()
    }

    fn of(process: &Path) -> Self {
        let inode = |kind: &str| namespace(&process.join("ns").join(kind).to_string_lossy()).ok();
        Self { pid: inode("pid"), ipc: inode("ipc"), network: inode("net"), user: inode("user") }
    }
}

/// The number of the kubelet; of several the lowest, so that the answer does not change with the order of a folder.
fn kubelet(proc: &Path, mount_namespace: u32) -> Option<String> {
    let processes =
        fs::read_dir(proc).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let is_kubelet = |pid: &u32| {
        let process = proc.join(pid.to_string());
        fs::read(process.join("comm")).is_ok_and(|comm| comm == KUBELET.as_bytes())
            && namespace(&process.join("ns/mnt").to_string_lossy()).is_ok_and(|own| own == mount_namespace)
    };
    processes.filter_map(|name| name.parse().ok()).filter(is_kubelet).min().map(|pid| pid.to_string())
}
