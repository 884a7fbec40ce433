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
    /// Waits for the lock. The file is `$PLUMBLINE_LOCK`, else one in the folder for temporary files.
    pub fn take() -> Result<Self> {
        let path = env::var_os("PLUMBLINE_LOCK")
            .map_or_else(|| env::temp_dir().join("plumbline-node.lock"), PathBuf::from);
        let file = fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("open {}", path.display()))?;
        let locked = Flock::lock(file, FlockArg::LockExclusive)
            .map_err(|(_, cause)| cause)
            .with_context(|| format!("lock {}", path.display()))?;
        Ok(Self { _file: locked })
    }
}
