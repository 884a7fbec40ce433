//! Which hooks there are for what is to be seen and stopped, and which of them this kernel gives us.
//!
//! One table. The best available hook wins; what is better and not used says why. Kernels are asked, not their
//! version: our program, or an empty one where we have none, is loaded, attached and taken away again.

use std::{fmt, path::Path};

use aya::{
    Btf, Ebpf,
    programs::{FEntry, KProbe, Lsm, ProgramError, RawTracePoint},
};
use serde::Serialize;

use crate::load::{LoadError, Programs, RingSizes, node::Node, sockets};

/// The ways into the kernel that the table knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    Lsm,
    Fentry,
    Kprobe,
    RawTracepoint,
    Cgroup,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lsm => "lsm",
            Self::Fentry => "fentry",
            Self::Kprobe => "kprobe",
            Self::RawTracepoint => "raw_tracepoint",
            Self::Cgroup => "cgroup",
        })
    }
}

/// A hook, and the program that this version has for it.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    way: Way,
    hook: &'static str,
    program: Option<&'static str>,
    /// Why there is none.
    because: &'static str,
}

/// Something to be seen or stopped, with the hooks for it, best first.
#[derive(Clone, Copy, Debug)]
struct Need {
    purpose: Purpose,
    what: &'static str,
    candidates: &'static [Candidate],
}

/// Whether a hook shows something or stops it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Purpose {
    Observation,
    Enforcement,
}

const fn with(way: Way, hook: &'static str, program: &'static str) -> Candidate {
    Candidate { way, hook, program: Some(program), because: NO_PROGRAM }
}

const fn without(way: Way, hook: &'static str) -> Candidate {
    Candidate { way, hook, program: None, because: NO_PROGRAM }
}

const fn never(way: Way, hook: &'static str, because: &'static str) -> Candidate {
    Candidate { way, hook, program: None, because }
}

/// The table. For observation a raw tracepoint is as early and as stable as the others and needs no tracefs;
/// the others stand here since they carry more (a return value, a denial).
const NEEDS: &[Need] = &[
    Need {
        purpose: Purpose::Observation,
        what: "exec",
        candidates: &[
            with(Way::RawTracepoint, "sched_process_exec", "exec"),
            without(Way::Lsm, "bprm_committed_creds"),
            without(Way::Fentry, "security_bprm_committed_creds"),
            without(Way::Kprobe, "security_bprm_committed_creds"),
        ],
    },
    Need {
        purpose: Purpose::Observation,
        what: "capability use",
        candidates: &[
            with(Way::RawTracepoint, "cap_capable", "capability"),
            without(Way::Lsm, "capable"),
            without(Way::Fentry, "cap_capable"),
            without(Way::Kprobe, "cap_capable"),
        ],
    },
    Need {
        purpose: Purpose::Observation,
        what: "fork",
        candidates: &[with(Way::RawTracepoint, "sched_process_fork", "fork")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "exit",
        candidates: &[with(Way::RawTracepoint, "sched_process_exit", "exit")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "cgroup made",
        candidates: &[with(Way::RawTracepoint, "cgroup_mkdir", "cgroup_made")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "cgroup removed",
        candidates: &[with(Way::RawTracepoint, "cgroup_rmdir", "cgroup_removed")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "cgroup entered",
        candidates: &[with(Way::RawTracepoint, "cgroup_attach_task", "cgroup_entered")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "connect, IPv4",
        candidates: &[with(Way::Cgroup, "connect4", "socket_connect4")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "connect, IPv6",
        candidates: &[with(Way::Cgroup, "connect6", "socket_connect6")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "sendto, IPv4",
        candidates: &[with(Way::Cgroup, "sendmsg4", "socket_sendto4")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "sendto, IPv6",
        candidates: &[with(Way::Cgroup, "sendmsg6", "socket_sendto6")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "bind, IPv4",
        candidates: &[with(Way::Cgroup, "bind4", "socket_bind4")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "bind, IPv6",
        candidates: &[with(Way::Cgroup, "bind6", "socket_bind6")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "raw socket",
        candidates: &[with(Way::Cgroup, "sock_create", "socket_made")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "listen, accept",
        candidates: &[with(Way::RawTracepoint, "inet_sock_set_state", "tcp_state")],
    },
    Need {
        purpose: Purpose::Observation,
        what: "UDP ingress",
        candidates: &[
            never(Way::Cgroup, "recvmsg4", ON_EACH_READ),
            never(Way::Cgroup, "recvmsg6", ON_EACH_READ),
        ],
    },
    Need {
        purpose: Purpose::Enforcement,
        what: "exec",
        candidates: &[
            without(Way::Lsm, "bprm_check_security"),
            // Not a denial but a kill, before the new image runs an instruction.
            with(Way::RawTracepoint, "sched_process_exec", "exec"),
        ],
    },
];

/// What the kernel said of a hook, and what we make of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "standing", content = "reason")]
pub enum Standing {
    Used,
    /// It loads and attaches; a better one is used, or this version has no program for it.
    AvailableNotUsed(&'static str),
    Refused(String),
}

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub purpose: Purpose,
    pub what: &'static str,
    pub way: Way,
    pub hook: &'static str,
    #[serde(flatten)]
    pub standing: Standing,
}

/// Asks the running kernel about the whole table.
///
/// # Errors
/// The maps or the object are refused: then no program can be tried at all.
pub fn probe(node: &Node) -> Result<Vec<Finding>, LoadError> {
    // Nothing is read from the rings: the smallest will do.
    let mut programs = Programs::load(node, RingSizes { lifecycle: 4096, facts: 4096 })?;
    let btf = Btf::from_sys_fs();
    let mut findings = Vec::new();
    for need in NEEDS {
        let mut used = false;
        for candidate in need.candidates {
            let standing = match try_out(programs.ebpf_mut(), candidate, btf.as_ref().ok(), &node.cgroup_root)
            {
                Err(reason) => Standing::Refused(reason),
                Ok(()) if candidate.program.is_none() => {
                    Standing::AvailableNotUsed(if used { "a better one is used" } else { candidate.because })
                }
                Ok(()) if used => Standing::AvailableNotUsed("a better one is used"),
                Ok(()) => {
                    used = true;
                    Standing::Used
                }
            };
            let Need { purpose, what, candidates: _ } = *need;
            findings.push(Finding { purpose, what, way: candidate.way, hook: candidate.hook, standing });
        }
    }
    Ok(findings)
}

const NO_PROGRAM: &str = "this version has no program for it";
const ON_EACH_READ: &str = "it is on the path of each read, so that from whom datagrams come is Unknown";

/// Loads and attaches the candidate's program, or an empty one of its kind, and takes it away again.
fn try_out(ebpf: &mut Ebpf, candidate: &Candidate, btf: Option<&Btf>, cgroup: &Path) -> Result<(), String> {
    let tried = match candidate.way {
        Way::RawTracepoint => raw_tracepoint(ebpf, candidate.program.unwrap_or("empty"), candidate.hook),
        Way::Lsm => lsm(ebpf, candidate.hook, btf.ok_or(NO_BTF)?),
        Way::Fentry => fentry(ebpf, candidate.hook, btf.ok_or(NO_BTF)?),
        Way::Kprobe => kprobe(ebpf, candidate.hook),
        Way::Cgroup => candidate.program.map_or(Ok(()), |program| on_cgroup(ebpf, program, cgroup)),
    };
    tried.map_err(|error| reason(&error, candidate.way))
}

const NO_BTF: &str = "this kernel has no BTF";

fn raw_tracepoint(ebpf: &mut Ebpf, program: &str, hook: &str) -> Result<(), ProgramError> {
    let program: &mut RawTracePoint = find(ebpf, program)?.try_into()?;
    program.load()?;
    let link = program.attach(hook).and_then(|link| program.detach(link));
    program.unload()?;
    link
}

fn lsm(ebpf: &mut Ebpf, hook: &str, btf: &Btf) -> Result<(), ProgramError> {
    let program: &mut Lsm = find(ebpf, "empty_lsm")?.try_into()?;
    program.load(hook, btf)?;
    let link = program.attach().and_then(|link| program.detach(link));
    program.unload()?;
    link
}

fn fentry(ebpf: &mut Ebpf, hook: &str, btf: &Btf) -> Result<(), ProgramError> {
    let program: &mut FEntry = find(ebpf, "empty_fentry")?.try_into()?;
    program.load(hook, btf)?;
    let link = program.attach().and_then(|link| program.detach(link));
    program.unload()?;
    link
}

fn kprobe(ebpf: &mut Ebpf, hook: &str) -> Result<(), ProgramError> {
    let program: &mut KProbe = find(ebpf, "empty_kprobe")?.try_into()?;
    program.load()?;
    let link = program.attach(hook, 0).and_then(|link| program.detach(link));
    program.unload()?;
    link
}

fn on_cgroup(ebpf: &mut Ebpf, program: &str, cgroup: &Path) -> Result<(), ProgramError> {
    let program = find(ebpf, program)?;
    let attached = sockets::attach(program, cgroup);
    sockets::unload(program)?;
    attached.map(drop)
}

fn find<'a>(ebpf: &'a mut Ebpf, name: &str) -> Result<&'a mut aya::programs::Program, ProgramError> {
    ebpf.program_mut(name).ok_or(ProgramError::NotLoaded)
}

/// The innermost cause, which is the kernel's own word, and what it usually means.
fn reason(error: &ProgramError, way: Way) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let meaning = match cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error) {
        Some(nix::libc::EPERM) if way == Way::Cgroup => {
            ": another program is there or above it and allows none beside it (`bpftool cgroup tree`), or a capability is missing"
        }
        Some(nix::libc::EPERM) => ": lockdown, or a capability is missing",
        Some(nix::libc::ENOENT) => ": this kernel has no such hook",
        Some(nix::libc::EINVAL) => ": this kernel was built without it",
        _ => "",
    };
    format!("{cause}{meaning}")
}

/// The table for a terminal, a line a hook.
#[must_use]
pub fn table(findings: &[Finding]) -> String {
    use fmt::Write;

    let mut out = String::new();
    let mut last = None;
    for Finding { purpose, what, way, hook, standing } in findings {
        let first = last.replace((purpose, what)) != Some((purpose, what));
        let (purpose, what) = if first { (format!("{purpose:?}"), *what) } else { (String::new(), "") };
        let standing = match standing {
            Standing::Used => "used".to_owned(),
            Standing::AvailableNotUsed(reason) => format!("available, not used: {reason}"),
            Standing::Refused(reason) => format!("refused: {reason}"),
        };
        // Writing to a String does not fail.
        let _ = writeln!(out, "{purpose:<12} {what:<15} {:<46} {standing}", format!("{way}/{hook}"));
    }
    out
}

#[cfg(test)]
mod tests;
