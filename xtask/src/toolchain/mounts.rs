//! The kernel's own file systems, mounted where a machine has not done so.

use anyhow::{Context, Result};

use super::Done;
use crate::sh::Cmd;

/// File system type and where it belongs. bpf holds pins, tracefs the perf tracepoints' ids, securityfs the list
/// of active LSMs.
const MOUNTS: [(&str, &str); 3] =
    [("bpf", "/sys/fs/bpf"), ("tracefs", "/sys/kernel/tracing"), ("securityfs", "/sys/kernel/security")];

pub(super) fn ensure() -> Result<Done> {
    let mounted = std::fs::read_to_string("/proc/self/mounts").context("cannot read /proc/self/mounts")?;
    let missing: Vec<_> = MOUNTS.into_iter().filter(|mount| !is_mounted(&mounted, *mount)).collect();
    for (kind, target) in &missing {
        let hint = format!(
            "is {target} there, and does /proc/filesystems list {kind}? In a container, mount it outside"
        );
        let mount = Cmd::root("mount")?.args(["-t", kind, kind, target]).hint(hint);
        mount.announce();
        mount.run_quietly()?;
    }
    let names = |mounts: &[(&str, &str)]| mounts.iter().map(|mount| mount.0).collect::<Vec<_>>().join(", ");
    Ok(if missing.is_empty() { Done::Already(names(&MOUNTS)) } else { Done::Made(names(&missing)) })
}

/// Whether a line of /proc/mounts (`device target type options 0 0`) shows this file system there.
fn is_mounted(mounts: &str, (kind, target): (&str, &str)) -> bool {
    mounts.lines().any(|line| {
        let mut fields = line.split(' ').skip(1);
        fields.next() == Some(target) && fields.next() == Some(kind)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_known_by_target_and_type() {
        let mounts = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\nnone /sys/fs/bpf bpf rw,mode=700 0 0\n";
        assert!(is_mounted(mounts, ("bpf", "/sys/fs/bpf")));
        assert!(!is_mounted(mounts, ("bpf", "/sys/fs/cgroup")));
        assert!(!is_mounted(mounts, ("tracefs", "/sys/kernel/tracing")));
    }
}
