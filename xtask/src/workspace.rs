//! Where things are: the clone, and the cache outside of it.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::sh::Cmd;

/// The clone, the cache, and how cargo must be called so that the agent's eBPF half compiles.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) cache: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")?;
        let cache = cache_dir()?;
        std::fs::create_dir_all(&cache).with_context(|| format!("cannot make {}", cache.display()))?;
        Ok(Self { root: root.to_owned(), cache })
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.root.join("target"), |dir| self.root.join(dir))
    }

    /// cargo with the pinned compiler, in the clone.
    pub(crate) fn cargo(&self) -> Cmd {
        Cmd::new("cargo").dir(&self.root).env("PLUMBLINE_CACHE", &self.cache)
    }

    /// What the tests lock where the machine's lock is held for them.
    pub(crate) fn inner_lock(&self) -> PathBuf {
        self.cache.join("node.lock")
    }

    /// Waits until no other run on this machine has the agent loaded; held until dropped.
    pub(crate) fn agent_lock(&self) -> Result<File> {
        let path = self.cache.join("agent.lock");
        // Who made it, root or a user, the other can still open it to read, which is enough to lock it.
        let file = File::open(&path).or_else(|_| File::options().create(true).append(true).open(&path));
        let file = file.with_context(|| format!("cannot open {}", path.display()))?;
        if file.try_lock().is_err() {
            eprintln!("waiting: another run holds {}", path.display());
            file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
        }
        Ok(file)
    }
}

fn cache_dir() -> Result<PathBuf> {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    from("PLUMBLINE_CACHE")
        .or_else(|| from("XDG_CACHE_HOME").map(|dir| dir.join("plumbline")))
        .or_else(|| from("HOME").map(|dir| dir.join(".cache/plumbline")))
        .context("neither PLUMBLINE_CACHE nor XDG_CACHE_HOME nor HOME is set: set one, the tools go there")
}
