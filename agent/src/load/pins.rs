//! What outlives the agent under `--enforce`, as files of the BPF file system: the links of the programs without which
//! denials would not be right, and the mode.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use agent_common::map::mode;
use aya::{
    maps::{Array, Map, MapData},
    programs::{RawTracePoint, links::FdLink},
};
use nix::sys::statfs::{BPF_FS_MAGIC, statfs};
use thiserror::Error;

use super::{Programs, sockets::ON_CGROUP};

/// Where they lie. One agent a node.
pub const FOLDER: &str = "/sys/fs/bpf/plumbline";

/// The programs that deny stand first and are removed first, so that none denies when the others do not tell any more
/// whose a task is.
pub const LASTING: [&str; 5] = ["exec", CAPABILITY, "cgroup_entered", "fork", "exit"];

/// A kernel may not have its tracepoint; then no mask of capabilities has an effect, and execs are denied all the same.
/// Nor need the hooks of calls on sockets be to be had, beside another's program.
const CAPABILITY: &str = "capability";

/// The file of map `MODE`.
const MODE: &str = "mode";

/// Why enforcement would end with the agent.
#[derive(Debug, Error)]
pub enum PinError {
    #[error(
        "no BPF file system is mounted at /sys/fs/bpf, so enforcement would end with the agent (mount -t bpf bpf /sys/fs/bpf)"
    )]
    NoFileSystem,
    #[error("cannot make {FOLDER}")]
    Folder(#[source] io::Error),
    #[error("cannot remove {}", .0.display())]
    Left(PathBuf, #[source] io::Error),
    #[error("program `{0}` is not attached, and enforcement needs it")]
    NotAttached(&'static str),
    #[error("cannot pin `{0}`, or reach it where it is pinned")]
    Refused(&'static str, #[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Programs {
    /// Pins what is to last. From then on it goes with its files and not with the agent.
    ///
    /// # Errors
    /// There is no BPF file system, a program that is needed is not attached, or the kernel refuses.
    pub fn pin(&mut self) -> Result<(), PinError> {
        let parent = Path::new(FOLDER).parent().unwrap_or(Path::new("/"));
        if !statfs(parent).is_ok_and(|fs| fs.filesystem_type() == BPF_FS_MAGIC) {
            return Err(PinError::NoFileSystem);
        }
        fs::create_dir_all(FOLDER).map_err(PinError::Folder)?;
        let folder = Path::new(FOLDER);
        let mode = self.ebpf.map("MODE").ok_or(PinError::NotAttached("MODE"))?;
        mode.pin(folder.join(MODE)).map_err(|error| PinError::Refused("MODE", Box::new(error)))?;
        for program in LASTING {
            if self.is_lasting(program) {
                let link = self.take_link(program)?;
                self.pin_link(program, link)?;
            }
        }
        for (program, _) in ON_CGROUP {
            let link = self.take_cgroup_link(program);
            if let Some(link) = link.map_err(|error| PinError::Refused(program, error))? {
                self.pin_link(program, link)?;
            }
        }
        Ok(())
    }

    fn pin_link(&mut self, program: &'static str, link: FdLink) -> Result<(), PinError> {
        let pinned = link.pin(Path::new(FOLDER).join(program));
        self.pinned.push(pinned.map_err(|error| PinError::Refused(program, Box::new(error)))?);
        Ok(())
    }

    /// Whether denials outlive this: it pinned what denies, and nobody has removed that meanwhile.
    #[must_use]
    pub fn are_pinned(&self) -> bool {
        !self.pinned.is_empty() && Path::new(FOLDER).join(LASTING[0]).exists()
    }

    fn is_lasting(&self, program: &str) -> bool {
        program != CAPABILITY || self.links.contains_key(CAPABILITY)
    }

    fn take_link(&mut self, program: &'static str) -> Result<FdLink, PinError> {
        let id = self.links.remove(program).ok_or(PinError::NotAttached(program))?;
        let found = self.ebpf.program_mut(program).ok_or(PinError::NotAttached(program))?;
        let refused = |error| PinError::Refused(program, Box::new(error));
        let found: &mut RawTracePoint = found.try_into().map_err(refused)?;
        Ok(found.take_link(id).map_err(refused)?.into())
    }
}

/// Ends denials by the mode, so that they end too where an agent still holds the programs whose files are removed.
///
/// # Errors
/// The mode is pinned and cannot be written.
pub fn disarm() -> Result<(), PinError> {
    let file = Path::new(FOLDER).join(MODE);
    if !file.exists() {
        return Ok(());
    }
    let refused = |error| PinError::Refused("MODE", error);
    let map = MapData::from_pin(file).map_err(|error| refused(error.into()))?;
    let mode = Array::<_, u32>::try_from(Map::Array(map));
    let written = mode.and_then(|mut mode| mode.set(0, mode::AUDIT, 0));
    written.map_err(|error| refused(error.into()))
}

/// Removes what an agent left pinned, of this version or another, and gives the files that there were. Once nothing else
/// holds a program, the kernel detaches it.
///
/// # Errors
/// Something is there and cannot be removed.
pub fn remove() -> Result<Vec<PathBuf>, PinError> {
    let folder = Path::new(FOLDER);
    let left = |path: &Path, error| PinError::Left(path.to_owned(), error);
    let mut files = match list(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files.map_err(|error| left(folder, error))?,
    };
    let denying = ON_CGROUP.iter().map(|(program, _)| *program).chain(LASTING);
    let order: Vec<_> = denying.collect();
    files.sort_by_key(|path| order.iter().position(|program| path.ends_with(program)).unwrap_or(order.len()));
    for path in &files {
        fs::remove_file(path).map_err(|error| left(path, error))?;
    }
    fs::remove_dir(folder).map_err(|error| left(folder, error))?;
    Ok(files)
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}
