//! One agent at a time: programs that count every exec of the machine see each other's.

use std::fs::File;
use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result};
use nix::fcntl::{Flock, FlockArg};

/// Held by whoever loads programs; released when dropped.
#[derive(Debug)]
pub struct Lock {
    _file: Flock<File>,
}

impl Lock {
    /// Waits for the lock. The file is `$PLUMBLINE_LOCK`, which xtask names where it holds the machine's lock itself, else
    /// that one, in the folder of caches: what is run by hand waits for xtask, and xtask for it.
    pub fn take() -> Result<Self> {
        let path = env::var_os("PLUMBLINE_LOCK").map_or_else(machines, |path| Ok(PathBuf::from(path)))?;
        // Who made it, root or a user, the other can still open it to read, which is enough to lock it.
        let file = File::open(&path).or_else(|_| File::options().create(true).append(true).open(&path));
        let file = file.with_context(|| format!("open {}", path.display()))?;
        let locked = Flock::lock(file, FlockArg::LockExclusive)
            .map_err(|(_, cause)| cause)
            .with_context(|| format!("lock {}", path.display()))?;
        Ok(Self { _file: locked })
    }
}

/// The folder as xtask finds it (xtask/src/workspace.rs).
fn machines() -> Result<PathBuf> {
    let from = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = from("PLUMBLINE_CACHE")
        .or_else(|| from("XDG_CACHE_HOME").map(|folder| folder.join("plumbline")))
        .or_else(|| from("HOME").map(|folder| folder.join(".cache/plumbline")))
        .unwrap_or_else(env::temp_dir);
    fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    Ok(folder.join("agent.lock"))
}
