//! From a ring's bytes to an event: pure, total, and never trusting a length that it was told.

use agent_common::{capability::SYS_ADMIN, event as abi};
use bytemuck::AnyBitPattern;
use policy::capabilities::NAMES;
use thiserror::Error;

const _: () =
    assert!(matches!(NAMES[SYS_ADMIN as usize].as_bytes(), b"SYS_ADMIN"), "both halves count alike");

/// An event that borrows from the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    Exec(Exec<'a>),
    Fork(abi::Fork),
    Exit(abi::Exit),
    /// The same as `Exec`, of an executable first seen in its container.
    Executable(Exec<'a>),
    CgroupMade(Cgroup<'a>),
    CgroupRemoved(Cgroup<'a>),
    CapabilityUse(CapabilityUse),
    SocketUse(SocketUse),
}

/// A capability that was granted to a container's task for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapabilityUse {
    pub fixed: abi::CapabilityUse,
    pub task: abi::Task,
    /// Without its prefix.
    pub capability: &'static str,
    pub user_namespace: abi::UserNamespace,
}

/// A call on a socket that a container's task made for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketUse {
    pub fixed: abi::SocketUse,
    pub task: abi::Task,
    pub call: abi::SocketCall,
}

/// An exec with its tail taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exec<'a> {
    pub fixed: abi::Exec,
    pub task: abi::Task,
    components: &'a [u8],
    /// What was asked to be executed: `bprm->filename`.
    pub filename: &'a [u8],
    arguments: &'a [u8],
}

/// A cgroup and its path below the hierarchy's root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cgroup<'a> {
    pub fixed: abi::Cgroup,
    pub path: &'a [u8],
}

/// Why a ring's record is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    #[error("a record of {0} bytes is shorter than what it holds")]
    Short(usize),
    #[error("no event has kind {0}")]
    Kind(u16),
    #[error("no task has kind {0}")]
    Task(u16),
    #[error("no capability has number {0}")]
    Capability(u8),
    #[error("no user namespace has kind {0}")]
    UserNamespace(u8),
    #[error("no call on a socket has number {0}")]
    SocketCall(u8),
}

/// Takes one record apart.
///
/// # Errors
/// The record names a kind that does not exist or is shorter than its lengths say.
pub fn decode(bytes: &[u8]) -> Result<Event<'_>, DecodeError> {
    let (header, _) = fixed::<abi::Header>(bytes)?;
    match abi::Kind::from_number(header.kind).ok_or(DecodeError::Kind(header.kind))? {
        abi::Kind::Exec => exec(bytes).map(Event::Exec),
        abi::Kind::Executable => exec(bytes).map(Event::Executable),
        abi::Kind::Fork => Ok(Event::Fork(fixed(bytes)?.0)),
        abi::Kind::Exit => Ok(Event::Exit(fixed(bytes)?.0)),
        abi::Kind::CgroupMade => cgroup(bytes).map(Event::CgroupMade),
        abi::Kind::CgroupRemoved => cgroup(bytes).map(Event::CgroupRemoved),
        abi::Kind::CapabilityUse => capability_use(bytes).map(Event::CapabilityUse),
        abi::Kind::SocketUse => socket_use(bytes).map(Event::SocketUse),
    }
}

fn socket_use(bytes: &[u8]) -> Result<SocketUse, DecodeError> {
    let (fixed, _) = fixed::<abi::SocketUse>(bytes)?;
    let task = abi::Task::from_number(fixed.header.task).ok_or(DecodeError::Task(fixed.header.task))?;
    let call = abi::SocketCall::from_number(fixed.call).ok_or(DecodeError::SocketCall(fixed.call))?;
    Ok(SocketUse { fixed, task, call })
}

fn capability_use(bytes: &[u8]) -> Result<CapabilityUse, DecodeError> {
    let (fixed, _) = fixed::<abi::CapabilityUse>(bytes)?;
    let task = abi::Task::from_number(fixed.header.task).ok_or(DecodeError::Task(fixed.header.task))?;
    let named = NAMES.get(usize::from(fixed.capability));
    let capability = named.ok_or(DecodeError::Capability(fixed.capability))?;
    let user_namespace = abi::UserNamespace::from_number(fixed.user_namespace)
        .ok_or(DecodeError::UserNamespace(fixed.user_namespace))?;
    Ok(CapabilityUse { fixed, task, capability, user_namespace })
}

fn exec(bytes: &[u8]) -> Result<Exec<'_>, DecodeError> {
    let (fixed, tail) = fixed::<abi::Exec>(bytes)?;
    let task = abi::Task::from_number(fixed.header.task).ok_or(DecodeError::Task(fixed.header.task))?;
    let short = DecodeError::Short(bytes.len());
    let (components, tail) = tail.split_at_checked(fixed.path_length.into()).ok_or(short)?;
    let (filename, tail) = tail.split_at_checked(fixed.filename_length.into()).ok_or(short)?;
    let (arguments, _) = tail.split_at_checked(fixed.arguments_length.into()).ok_or(short)?;
    Ok(Exec { fixed, task, components, filename: without_nul(filename), arguments })
}

fn cgroup(bytes: &[u8]) -> Result<Cgroup<'_>, DecodeError> {
    let (fixed, tail) = fixed::<abi::Cgroup>(bytes)?;
    let path = tail.get(..fixed.path_length.into()).ok_or(DecodeError::Short(bytes.len()))?;
    Ok(Cgroup { fixed, path: without_nul(path) })
}

/// The record's fixed part, and what follows it.
fn fixed<T: AnyBitPattern>(bytes: &[u8]) -> Result<(T, &[u8]), DecodeError> {
    let (fixed, tail) = bytes.split_at_checked(size_of::<T>()).ok_or(DecodeError::Short(bytes.len()))?;
    Ok((bytemuck::pod_read_unaligned(fixed), tail))
}

fn without_nul(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(&[0]).unwrap_or(bytes)
}

impl<'a> Exec<'a> {
    /// Whether a bit of [`abi::flag`] is set.
    #[must_use]
    pub fn is(&self, flag: u32) -> bool {
        self.fixed.flags & flag != 0
    }

    /// The path's components as they stand in the ring: equal for equal paths.
    #[must_use]
    pub fn components(&self) -> &'a [u8] {
        self.components
    }

    /// The executable's path, from its task's root. A detached file (a memfd) has a name instead.
    #[must_use]
    pub fn path(&self) -> Vec<u8> {
        let mut path = Vec::with_capacity(self.components.len() + 1);
        for component in without_nul(self.components).rsplit(|byte| *byte == 0) {
            path.push(b'/');
            path.extend_from_slice(component);
        }
        path
    }

    /// The path, unless the kernel side could not follow all of it, or there is none: of a file that is a mount by itself
    /// and has no place any more, as runc's own program when it guards that.
    #[must_use]
    pub fn whole_path(&self) -> Option<Vec<u8>> {
        (!self.is(abi::flag::PATH_TRUNCATED) && !self.components.is_empty()).then(|| self.path())
    }

    /// The arguments that were kept, and whether the last of them was cut or others were left out.
    pub fn arguments(&self) -> (impl Iterator<Item = &'a [u8]>, bool) {
        let cut = usize::try_from(self.fixed.arguments_total).is_ok_and(|total| total > self.arguments.len());
        let kept = if self.arguments.is_empty() { None } else { Some(without_nul(self.arguments)) };
        (kept.into_iter().flat_map(|kept| kept.split(|byte| *byte == 0)), cut)
    }
}

#[cfg(test)]
mod tests;
