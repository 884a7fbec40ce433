//! Programs on the cgroup below which containers are looked for: the kernel asks them before a call on a socket.

use std::{fs::File, io, path::Path};

use aya::programs::{CgroupAttachMode, CgroupSock, CgroupSockAddr, Program, ProgramError};

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

impl Programs {
    /// Attaches them beside those of others. Where another's allows none beside it, ours is refused, and the rest goes on.
    pub fn attach_to(&mut self, cgroup: &Path) -> Vec<(&'static str, LoadError)> {
        let attach = |(program, _)| Some((program, self.attach_one_to(program, cgroup).err()?));
        ON_CGROUP.into_iter().filter_map(attach).collect()
    }

    fn attach_one_to(&mut self, program: &'static str, cgroup: &Path) -> Result<(), LoadError> {
        let refused = |source| LoadError::Program { program, source: Box::new(source) };
        let found = self.ebpf.program_mut(program).ok_or(LoadError::Incomplete(program))?;
        attach(found, cgroup).map_err(refused)
    }

    pub(super) fn unload_from_cgroup(&mut self) {
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
pub(crate) fn attach(program: &mut Program, cgroup: &Path) -> Result<(), ProgramError> {
    let cgroup = File::open(cgroup).map_err(|error| ProgramError::IOError(io::Error::other(error)))?;
    // The kernel's links run beside others whatever the mode says (kernel/bpf/cgroup.c, `cgroup_bpf_link_attach`).
    let mode = CgroupAttachMode::Single;
    match program {
        Program::CgroupSockAddr(program) => attach_addr(program, &cgroup, mode),
        Program::CgroupSock(program) => attach_sock(program, &cgroup, mode),
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

fn attach_addr(
    program: &mut CgroupSockAddr,
    cgroup: &File,
    mode: CgroupAttachMode,
) -> Result<(), ProgramError> {
    program.load()?;
    program.attach(cgroup, mode).map(drop)
}

fn attach_sock(program: &mut CgroupSock, cgroup: &File, mode: CgroupAttachMode) -> Result<(), ProgramError> {
    program.load()?;
    program.attach(cgroup, mode).map(drop)
}
