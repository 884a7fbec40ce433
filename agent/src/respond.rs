//! What follows a failure that nothing stopped, where its policy blocks: its task is killed after the fact.
//!
//! A pid is only a number, and by now it may be another task's. A signal goes to a process that was there at the time of
//! the event, is in the event's container and has left the node's own mount namespace, in which a runtime may be at work.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Component, Path, PathBuf},
};

use policy::Kill;
use rustix::{
    io::Errno,
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};

use crate::{
    load::{Mode, node::Node},
    observe::facts::process::Process,
};

#[cfg(test)]
mod tests;

/// The task of an event, as it was then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// In the node's pid namespace.
    pub pid: u32,
    /// The container's cgroup.
    pub cgroup: u64,
    /// Nanoseconds of CLOCK_BOOTTIME.
    pub time: u64,
}

/// Carries out what policies ask for. There is none without `--enforce`.
#[expect(missing_debug_implementations, reason = "aya's maps have none")]
pub struct Responder {
    mode: Mode,
    around: Around,
}

impl Responder {
    #[must_use]
    pub fn new(mode: Mode, node: &Node) -> Self {
        let around = Around {
            proc: PathBuf::from("/proc"),
            mount_namespace: node.mount_namespace,
            cgroup_root: node.cgroup_root.clone(),
            cgroup_path: node.cgroup_path.clone(),
        };
        Self { mode, around }
    }

    /// Whether denials are carried out now: somebody may have changed that, in the map that the kernel side goes by.
    #[must_use]
    pub fn is_enforcing(&self) -> bool {
        self.mode.is_enforcing()
    }

    /// Kills a task.
    #[must_use]
    pub fn kill(&self, target: Target) -> Kill {
        self.around.kill(target)
    }
}

/// What a process is told by.
#[derive(Debug)]
struct Around {
    proc: PathBuf,
    /// The node's own.
    mount_namespace: u32,
    cgroup_root: PathBuf,
    /// Its path below the hierarchy's root.
    cgroup_path: Vec<u8>,
}

impl Around {
    /// The descriptor comes first: as long as it leads to a living process the number is that one's, so what is read by
    /// number meanwhile is of it; and if it does not, the signal goes nowhere.
    fn kill(&self, target: Target) -> Kill {
        let Some(pid) = Pid::from_raw(target.pid.cast_signed()) else { return Kill::Refused };
        let process = match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(process) => process,
            Err(Errno::SRCH) => return Kill::Gone,
            Err(_) => return Kill::Refused,
        };
        if let Err(why) = self.is_the_one(target) {
            return why;
        }
        match pidfd_send_signal(process, Signal::KILL) {
            Ok(()) => Kill::Killed,
            Err(Errno::SRCH) => Kill::Gone,
            Err(_) => Kill::Refused,
        }
    }

    /// Whether the number's process now is the one of then, and a container's.
    fn is_the_one(&self, target: Target) -> Result<(), Kill> {
        let process = Process::open(&self.proc, target.pid, target.time).ok_or(Kill::Gone)?;
        let is_inside = process.namespace("mnt").is_some_and(|namespace| namespace != self.mount_namespace);
        let group = process.small("cgroup").ok_or(Kill::Gone)?;
        let is_of_it = || self.is_in(&group, target.cgroup);
        if is_inside && is_of_it() { Ok(()) } else { Err(Kill::Refused) }
    }

    /// Whether what /proc/PID/cgroup says is a cgroup or one below it: cgroups(7), `0::/path` in the unified hierarchy.
    fn is_in(&self, text: &[u8], cgroup: u64) -> bool {
        let unified = text.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"0::"));
        let below = unified.and_then(|path| path.strip_prefix(self.cgroup_path.as_slice()));
        let Some(path) = below.and_then(|path| path.strip_prefix(b"/")) else { return false };
        let path = Path::new(OsStr::from_bytes(path));
        // Of a cgroup namespace that this process is not in.
        if path.components().any(|component| component == Component::ParentDir) {
            return false;
        }
        let is_it = |folder: &Path| {
            fs::metadata(self.cgroup_root.join(folder)).is_ok_and(|folder| folder.ino() == cgroup)
        };
        path.ancestors().any(is_it)
    }
}
