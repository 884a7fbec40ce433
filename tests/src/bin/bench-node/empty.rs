//! Empty programs on every system call's enter and exit: the least that a sensor at that level costs.
//!
//! Loaded by bpf(2) itself, since nothing but the agent may link a loader.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use anyhow::{Context, Result};
use nix::libc;

/// `enum bpf_cmd` and `enum bpf_prog_type` of linux/bpf.h.
const BPF_PROG_LOAD: libc::c_int = 5;
const BPF_RAW_TRACEPOINT_OPEN: libc::c_int = 17;
const BPF_PROG_TYPE_RAW_TRACEPOINT: u32 = 17;

/// `r0 = 0; exit`, as `struct bpf_insn` is laid out on a little-endian machine.
const RETURN_ZERO: [u64; 2] = [0xb7, 0x95];

/// The first members of `union bpf_attr` for `BPF_PROG_LOAD`; the kernel takes what is left out as zero.
#[repr(C)]
struct ProgramLoad {
    kind: u32,
    instructions: u32,
    first_instruction: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log: u64,
}

/// `union bpf_attr` for `BPF_RAW_TRACEPOINT_OPEN`.
#[repr(C)]
struct RawTracepointOpen {
    name: u64,
    program: u32,
    zero: u32,
}

/// Two attached programs; dropping this detaches them.
#[derive(Debug)]
pub(crate) struct EmptyPrograms {
    _links: [OwnedFd; 2],
}

impl EmptyPrograms {
    pub(crate) fn attach() -> Result<Self> {
        let program = load().context("load an empty program")?;
        let attach = |name: &CStr| open(name, &program).with_context(|| format!("attach to {name:?}"));
        Ok(Self { _links: [attach(c"sys_enter")?, attach(c"sys_exit")?] })
    }
}

fn load() -> io::Result<OwnedFd> {
    let attributes = ProgramLoad {
        kind: BPF_PROG_TYPE_RAW_TRACEPOINT,
        instructions: RETURN_ZERO.len() as u32,
        first_instruction: RETURN_ZERO.as_ptr().expose_provenance() as u64,
        license: c"GPL".as_ptr().expose_provenance() as u64,
        log_level: 0,
        log_size: 0,
        log: 0,
    };
    // SAFETY: the attributes are laid out as the command wants, and what they point to outlives the call.
    unsafe { bpf(BPF_PROG_LOAD, &attributes) }
}

fn open(name: &CStr, program: &OwnedFd) -> io::Result<OwnedFd> {
    let attributes = RawTracepointOpen {
        name: name.as_ptr().expose_provenance() as u64,
        program: program.as_raw_fd().cast_unsigned(),
        zero: 0,
    };
    // SAFETY: as above; the descriptor is open, since it is borrowed.
    unsafe { bpf(BPF_RAW_TRACEPOINT_OPEN, &attributes) }
}

/// # Safety
/// `attributes` must be laid out as `command` wants, and hold only pointers that are valid for it.
unsafe fn bpf<T>(command: libc::c_int, attributes: &T) -> io::Result<OwnedFd> {
    // SAFETY: the caller's promise; the size is that of what is pointed to.
    let result =
        unsafe { libc::syscall(libc::SYS_bpf, command, std::ptr::from_ref(attributes), size_of::<T>()) };
    let descriptor = i32::try_from(result).map_err(|_| io::ErrorKind::InvalidData)?;
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: both commands return a descriptor that is new and the caller's.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}
