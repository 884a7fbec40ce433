//! Control groups shaped as a node's, under a folder of their own that is removed with everything in it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

mod hierarchy;

pub use hierarchy::Hierarchies;

/// How long the kernel may take to end what was killed in a group before its removal fails.
const DRAIN: Duration = Duration::from_secs(20);

/// Tells apart the groups that one process makes.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// A folder directly below a hierarchy's root. Dropping it kills what runs inside and removes it.
#[derive(Debug)]
pub struct Subtree {
    path: PathBuf,
}

impl Subtree {
    /// Makes `plumbline-test-<pid>-<n>` below `hierarchy`, which is a mounted hierarchy's root.
    pub fn create(hierarchy: &Path) -> Result<Self> {
        let name = format!("plumbline-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = hierarchy.join(name);
        make(&path)?;
        Ok(Self { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the group of a container as the kubelet's cgroupfs driver and containerd name it.
    pub fn container(&self) -> Result<ContainerGroup> {
        let number = u64::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let process = std::process::id();
        let pod_uid = format!("{process:08x}-0000-4000-8000-{number:012x}");
        let container_id = format!("{process:032x}{number:032x}");
        self.container_of(&pod_uid, &container_id)
    }

    /// Makes the group of the container `container_id` of the pod `pod_uid`.
    pub fn container_of(&self, pod_uid: &str, container_id: &str) -> Result<ContainerGroup> {
        let place = format!("kubepods/burstable/pod{pod_uid}/{container_id}");
        self.container_at(&place, pod_uid, container_id)
    }

    /// Makes the group of a container at `place`, as another runtime or driver names it.
    pub fn container_at(&self, place: &str, pod_uid: &str, container_id: &str) -> Result<ContainerGroup> {
        let path = self.path.join(place);
        make(&path)?;
        Ok(ContainerGroup { path, pod_uid: pod_uid.to_owned(), container_id: container_id.to_owned() })
    }
}

impl Drop for Subtree {
    fn drop(&mut self) {
        if let Err(failure) = kill(&self.path).and_then(|()| remove(&self.path)) {
            eprintln!("left behind: {failure:#}");
        }
    }
}

/// The group of one container; it lives as long as its [`Subtree`].
#[derive(Debug, Clone)]
pub struct ContainerGroup {
    path: PathBuf,
    pub pod_uid: String,
    pub container_id: String,
}

impl ContainerGroup {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A group that whoever is inside the container made.
    pub fn nested(&self, name: &str) -> Result<Self> {
        let path = self.path.join(name);
        make(&path)?;
        Ok(Self { path, ..self.clone() })
    }

    /// What `bpf_get_current_cgroup_id` returns inside: the inode number of the folder.
    pub fn id(&self) -> Result<u64> {
        Ok(fs::metadata(&self.path).with_context(|| format!("stat {}", self.path.display()))?.ino())
    }
}

/// Moves the calling process into `group`.
pub fn join(group: &Path) -> Result<()> {
    adopt(group, std::process::id())
}

/// Moves the process `pid` into `group`, as a runtime does before the container's first exec.
pub fn adopt(group: &Path, pid: u32) -> Result<()> {
    let procs = group.join("cgroup.procs");
    fs::write(&procs, pid.to_string()).with_context(|| format!("write {pid} to {}", procs.display()))
}

/// The processes in `group` itself, not in groups below it.
pub fn processes(group: &Path) -> Result<Vec<u32>> {
    let procs = group.join("cgroup.procs");
    let text = fs::read_to_string(&procs).with_context(|| format!("read {}", procs.display()))?;
    Ok(text.lines().filter_map(|line| line.parse().ok()).collect())
}

/// Makes the group `path` with those above it.
pub fn make(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("make the cgroup {}", path.display()))
}

/// Kills whatever runs in the unified group `path` and below; one of another hierarchy is left alone.
pub fn kill(path: &Path) -> Result<()> {
    let kill = path.join("cgroup.kill");
    if kill.exists() {
        fs::write(&kill, "1").with_context(|| format!("write {}", kill.display()))?;
    }
    Ok(())
}

/// Removes `path` and the groups below it, once their processes are gone.
pub fn remove(path: &Path) -> Result<()> {
    for entry in fs::read_dir(path).with_context(|| format!("read {}", path.display()))?.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove(&entry.path())?;
        }
    }
    let end = Instant::now() + DRAIN;
    loop {
        match fs::remove_dir(path) {
            Ok(()) => return Ok(()),
            Err(busy) if Instant::now() > end => bail!("remove the cgroup {}: {busy}", path.display()),
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}
