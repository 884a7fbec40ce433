//! Programs on the cgroup below which containers are looked for: the kernel asks them before a call on a socket.

use std::{fs::File, io, path::Path};

use aya::programs::{
    CgroupAttachMode, Program, ProgramError, cgroup_sock::CgroupSockLinkId,
    cgroup_sock_addr::CgroupSockAddrLinkId, links::FdLink,
};

use super::{LoadError, Programs};

/// The programs, each with the hook that it is for (include/uapi/linux/bpf.h, `BPF_CGROUP_*`).
pub const ON_CGROUP: [(&str, &str); 7] = [
    ("socket_connect4", "connect4"),
    ("socket_connect6", "connect6"),
    ("socket_sendto4", "sendmsg4"),
    ("socket_sendto6", "sendmsg6"),
    ("socket_bind4", "bind4"),
    ("socket_bind6", "bind6"),
    ("socket_made", "sock_create"),
];

/// Why a link cannot be taken out. Before kernel 5.7 there were none.
type Refusal = Box<dyn std::error::Error + Send + Sync>;

/// Where one is attached.
#[derive(Debug)]
pub(crate) enum Attached {
    Addr(CgroupSockAddrLinkId),
    Sock(CgroupSockLinkId),
}

impl Programs {
    /// Attaches them beside those of others. Where another's allows none beside it, ours is refused, and the rest goes on.
    pub fn attach_to(&mut self, cgroup: &Path) -> Vec<(&'static str, LoadError)> {
        let attach = |(program, _)| Some((program, self.attach_one_to(program, cgroup).err()?));
        ON_CGROUP.into_iter().filter_map(attach).collect()
    }

    fn attach_one_to(&mut self, program: &'static str, cgroup: &Path) -> Result<(), LoadError> {
        let refused = |source| LoadError::Program { program, source: Box::new(source) };
        let found = self.ebpf.program_mut(program).ok_or(LoadError::Incomplete(program))?;
        let attached = attach(found, cgroup).map_err(refused)?;
        self.on_cgroup.insert(program, attached);
        Ok(())
    }

    /// The hooks at which none is attached. Asked before anything is pinned.
    #[must_use]
    pub fn refused_hooks(&self) -> Vec<&'static str> {
        let refused = ON_CGROUP.into_iter().filter(|(program, _)| !self.on_cgroup.contains_key(program));
        refused.map(|(_, hook)| hook).collect()
    }

    /// Takes the link of one out, so that it can outlive this. None where it is not attached.
    pub(super) fn take_cgroup_link(&mut self, program: &'static str) -> Result<Option<FdLink>, Refusal> {
        let (Some(attached), Some(found)) = (self.on_cgroup.remove(program), self.ebpf.program_mut(program))
        else {
            return Ok(None);
        };
        let link = match (attached, found) {
            (Attached::Addr(id), Program::CgroupSockAddr(program)) => program.take_link(id)?.try_into()?,
            (Attached::Sock(id), Program::CgroupSock(program)) => program.take_link(id)?.try_into()?,
            _ => return Ok(None),
        };
        Ok(Some(link))
    }

    pub(super) fn unload_from_cgroup(&mut self) {
        self.on_cgroup.clear();
        for (name, _) in ON_CGROUP {
            // One that was not loaded says so; there is nothing to take away.
            let _ = self.ebpf.program_mut(name).map(unload);
        }
    }
}

/// Loads a program and attaches it. It goes with its unloading.
///
/// # Errors
/// The kernel refuses: EPERM where another's program is there and was attached for itself alone.
pub(crate) fn attach(program: &mut Program, cgroup: &Path) -> Result<Attached, ProgramError> {
    let cgroup = File::open(cgroup).map_err(|error| ProgramError::IOError(io::Error::other(error)))?;
    // The kernel's links run beside others whatever the mode says (kernel/bpf/cgroup.c, `cgroup_bpf_link_attach`).
    let mode = CgroupAttachMode::Single;
    match program {
        Program::CgroupSockAddr(program) => {
            program.load()?;
            program.attach(&cgroup, mode).map(Attached::Addr)
        }
        Program::CgroupSock(program) => {
            program.load()?;
            program.attach(&cgroup, mode).map(Attached::Sock)
        }
        _ => Err(ProgramError::NotLoaded),
    }
}

/// # Errors
/// It is not loaded.
pub(crate) fn unload(program: &mut Program) -> Result<(), ProgramError> {
    match program {
        Program::CgroupSockAddr(program) => program.unload(),
        Program::CgroupSock(program) => program.unload(),
        _ => Err(ProgramError::NotLoaded),
    }
}
