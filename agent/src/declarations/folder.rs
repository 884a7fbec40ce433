//! Declarations from a folder of YAML and JSON files, read again when they change.
//!
//! Changes are found by looking at the files' metadata once a second. Unlike inotify this needs no care for atomic
//! renames, for a ConfigMap's `..data` link, or for network file systems, and costs one stat a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use policy::network::{Cluster, Here};
use tokio::sync::watch;

use super::index::Index;
use super::{Declarations, Interfaces, Pod, Workload};

pub(crate) mod files;
mod read;
#[cfg(test)]
mod tests;

pub use files::Stamp;
pub use read::FileError;
use read::Said;

/// How often the folder is looked at.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// Bounds on what a folder may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest file that is read, in bytes.
    pub file_bytes: u64,
    /// Memory that all declared objects may take together, in bytes as estimated by `read::heap_bytes`.
    pub total_bytes: usize,
}

impl Default for Limits {
    /// A node runs 110 pods as a rule, which with their status are 1 to 2 MiB of YAML and three times that in memory.
    fn default() -> Self {
        Self { file_bytes: 2 << 20, total_bytes: 8 << 20 }
    }
}

/// One file: what it last said that could be understood, and what is wrong with what it says now.
#[derive(Debug)]
struct Loaded {
    stamp: Stamp,
    said: Said,
    error: Option<FileError>,
}

/// A folder's declarations.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    limits: Limits,
    interfaces: Option<Interfaces>,
    files: Mutex<BTreeMap<PathBuf, Loaded>>,
    /// What the node was like when it was last looked at.
    here: Mutex<Option<Here>>,
    index: RwLock<Arc<Index>>,
    changes: watch::Sender<u64>,
}

impl Folder {
    /// Reads all files. Files that are broken are in [`Folder::errors`]; the others are there all the same.
    ///
    /// # Errors
    /// If the folder itself cannot be listed.
    pub fn open(root: &Path, limits: Limits) -> std::io::Result<Self> {
        Self::open_on(root, limits, None)
    }

    /// The same on a node, whose interfaces are looked at whenever the folder is.
    ///
    /// # Errors
    /// If the folder itself cannot be listed.
    pub fn open_on(root: &Path, limits: Limits, interfaces: Option<Interfaces>) -> std::io::Result<Self> {
        std::fs::read_dir(root)?;
        let folder = Self {
            root: root.to_owned(),
            limits,
            interfaces,
            files: Mutex::default(),
            here: Mutex::default(),
            index: RwLock::default(),
            changes: watch::Sender::new(0),
        };
        folder.reload();
        Ok(folder)
    }

    /// Looks at the folder, reads what changed, and says whether anything did. It blocks on the file system.
    ///
    /// A file that is broken now keeps what it said before; one that is gone takes its objects along. A folder that
    /// cannot be listed (a mount that hangs or is being replaced) changes nothing.
    pub fn reload(&self) -> bool {
        let Ok(found) = files::list(&self.root) else { return false };
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let (here, has_moved) = self.look_around();
        let before = files.len();
        files.retain(|path, _| found.contains_key(path));
        let is_stale = |path: &PathBuf, stamp| files.get(path).is_none_or(|loaded| loaded.stamp != stamp);
        if !has_moved && files.len() == before && !found.iter().any(|(path, stamp)| is_stale(path, *stamp)) {
            return false;
        }
        for (path, stamp) in found {
            // What was refused for want of room is tried again too, since a change may have made some.
            if files.get(&path).is_none_or(|loaded| loaded.stamp != stamp || loaded.error.is_some()) {
                let kept = files.remove(&path);
                let others = files.values().map(|loaded| loaded.said.bytes).sum();
                files.insert(path.clone(), self.load(&path, stamp, kept, others));
            }
        }
        let mut index = Index::default();
        files.values().flat_map(|loaded| &loaded.said.declared).for_each(|declared| index.add(declared));
        here.into_iter().for_each(|here| index.set_here(here));
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(index);
        self.changes.send_modify(|changes| *changes += 1);
        true
    }

    /// What the node is like, and whether that is otherwise than before.
    fn look_around(&self) -> (Option<Here>, bool) {
        let now = self.interfaces.as_ref().map(Interfaces::read);
        let mut here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let has_moved = *here != now;
        here.clone_from(&now);
        (now, has_moved)
    }

    fn load(&self, path: &Path, stamp: Stamp, kept: Option<Loaded>, others: usize) -> Loaded {
        let budget = self.limits.total_bytes.saturating_sub(others);
        match read::read(&self.root, path, self.limits.file_bytes, budget) {
            Ok(said) => Loaded { stamp, said, error: None },
            Err(error) => {
                let said = kept.map(|kept| kept.said).unwrap_or_default();
                Loaded { stamp, said, error: Some(error) }
            }
        }
    }

    /// What is wrong with the files as they are now.
    pub fn errors(&self) -> Vec<FileError> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.values().flat_map(|loaded| loaded.said.mistakes.iter().chain(&loaded.error)).cloned().collect()
    }

    /// Memory that the declared objects take, as estimated.
    pub fn bytes(&self) -> usize {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.values().map(|loaded| loaded.said.bytes).sum()
    }

    /// Keeps the declarations up to date for as long as it is polled. The file system is read on a blocking thread.
    pub async fn watch(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let folder = Arc::clone(&self);
            // A panic in there would be a bug in a parser; the declarations stay as they were.
            let _ = tokio::task::spawn_blocking(move || folder.reload()).await;
        }
    }

    fn index(&self) -> Arc<Index> {
        Arc::clone(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Declarations for Folder {
    fn pod_by_uid(&self, uid: &str) -> Option<Arc<Pod>> {
        self.index().pod_by_uid(uid)
    }

    fn pod_by_container_id(&self, id: &str) -> Option<Arc<Pod>> {
        self.index().pod_by_container_id(id)
    }

    fn pod_by_config_hash(&self, hash: &str) -> Option<Arc<Pod>> {
        self.index().pod_by_config_hash(hash)
    }

    fn workload(&self, namespace: &str, kind: &str, name: &str) -> Option<Arc<Workload>> {
        self.index().workload(namespace, kind, name)
    }

    fn network(&self) -> Arc<Cluster> {
        self.index().network()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
