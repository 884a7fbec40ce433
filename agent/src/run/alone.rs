//! One agent a node: a second one would remove what the first has pinned, and end its denials.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use nix::{
    errno::Errno,
    fcntl::{Flock, FlockArg},
};
use thiserror::Error;

/// Below the node's root. In a Pod too it is the node's own, not the Pod's: so agents in different Pods exclude each
/// other. Only root gets into the folder, since whoever can open a file can lock it; `/sys/fs/bpf` is open to more, and
/// need not be mounted.
const FOLDER: &str = "run/plumbline";
const FILE: &str = "agent.lock";
/// A pid and a line's end.
const PID_MAX: u64 = 16;

/// Why this agent may not begin.
#[derive(Debug, Error)]
pub(super) enum AloneError {
    #[error(
        "another agent is at work on this node{}: stop that one first, or ask it with `plumb-agent status`",
        .0.map(|pid| format!(", with pid {pid}")).unwrap_or_default()
    )]
    Another(Option<u32>),
    #[error("cannot lock {}, by which agents of one node exclude each other", .0.display())]
    Unlocked(PathBuf, #[source] io::Error),
}

/// Held by the agent that is at work; the kernel releases it with the process, however that ends.
#[derive(Debug)]
pub(super) struct Alone {
    _file: Flock<File>,
}

impl Alone {
    /// Takes the place of the node's only agent.
    ///
    /// # Errors
    /// There is one already, or the file cannot be made.
    pub(super) fn on(root: &Path) -> Result<Self, AloneError> {
        let folder = root.join(FOLDER);
        let path = folder.join(FILE);
        let unlocked = |error| AloneError::Unlocked(path.clone(), error);
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(unlocked)?,
        }
        let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&path);
        let mut file = match Flock::lock(file.map_err(unlocked)?, FlockArg::LockExclusiveNonblock) {
            Ok(file) => file,
            Err((file, Errno::EWOULDBLOCK)) => return Err(AloneError::Another(holder(&file))),
            Err((_, errno)) => return Err(unlocked(errno.into())),
        };
        let written = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(unlocked)?;
        Ok(Self { _file: file })
    }
}

/// Who says to have the lock. One that has only just taken it may not have said so yet.
fn holder(mut file: &File) -> Option<u32> {
    let mut text = String::new();
    Read::by_ref(&mut file).take(PID_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests;
