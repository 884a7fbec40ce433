//! The terms of the loss equations, counted in the kernel where each thing happens.
//!
//! For every [`Class`]: `runs = filtered + deduplicated + over_budget + submitted + lost`. Each CPU counts for
//! itself, so no increment is ever contended and the sum over CPUs is exact.

/// What a counter is about. One hook may serve two classes: an exec is both an `Exec` and an `Executable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum Class {
    /// Every exec, in ring `lifecycle`.
    Exec = 0,
    /// Every fork of a process (not of a thread), in ring `lifecycle`.
    Fork = 1,
    /// Every exit of a process, in ring `lifecycle`.
    Exit = 2,
    /// An executable first seen in a container, in ring `facts`.
    Executable = 3,
    /// A cgroup made or removed (in ring `facts`), or a task moved between cgroups (which only sets its mark).
    Cgroup = 4,
    /// A capability check that was granted, first seen in a container, in ring `facts`.
    Capability = 5,
    /// A call on a socket, by the task that makes it, first seen in a container, in ring `facts`.
    Socket = 6,
    /// A change of a TCP socket's state: listening, and connections accepted, alike.
    Tcp = 7,
}

impl Class {
    pub const ALL: [Self; 8] = [
        Self::Exec,
        Self::Fork,
        Self::Exit,
        Self::Executable,
        Self::Cgroup,
        Self::Capability,
        Self::Socket,
        Self::Tcp,
    ];

    /// The word used in metrics and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exec => "exec",
            Self::Fork => "fork",
            Self::Exit => "exit",
            Self::Executable => "executable",
            Self::Cgroup => "cgroup",
            Self::Capability => "capability",
            Self::Socket => "socket",
            Self::Tcp => "tcp",
        }
    }
}

/// What became of one run of a program, as far as the kernel side decides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum Outcome {
    /// The program ran.
    Runs = 0,
    /// Not of interest: not a container's, a thread, a script's interpreter, a check that was denied or means nothing.
    Filtered = 1,
    /// The same fact again.
    Deduplicated = 2,
    /// The container has used up its share of a table of facts; of an exec, ring `lifecycle` still carries it.
    OverBudget = 3,
    /// Put into a ring.
    Submitted = 4,
    /// The ring was full.
    Lost = 5,
}

impl Outcome {
    pub const ALL: [Self; 6] =
        [Self::Runs, Self::Filtered, Self::Deduplicated, Self::OverBudget, Self::Submitted, Self::Lost];

    /// The word used in metrics and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Filtered => "filtered",
            Self::Deduplicated => "deduplicated",
            Self::OverBudget => "over_budget",
            Self::Submitted => "submitted",
            Self::Lost => "lost",
        }
    }
}

/// What the kernel side did about an exec, a use of a capability or a call on a socket that a mask denies, beside the
/// equations: it is an event like others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum Denial {
    /// An exec was killed before it ran an instruction.
    Denied = 0,
    /// It would have been: in audit, or by a policy that does not block.
    WouldDeny = 1,
    /// The kernel refused the signal: the task was ending by itself, or another signal was on its way.
    Refused = 2,
    /// A task was killed for the use of a capability.
    Killed = 3,
    /// It would have been.
    WouldKill = 4,
    /// A call on a socket was refused, with EPERM.
    CallDenied = 5,
    /// It would have been.
    WouldDenyCall = 6,
}

impl Denial {
    pub const ALL: [Self; 7] = [
        Self::Denied,
        Self::WouldDeny,
        Self::Refused,
        Self::Killed,
        Self::WouldKill,
        Self::CallDenied,
        Self::WouldDenyCall,
    ];

    /// The word used in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::WouldDeny => "would_deny",
            Self::Refused => "refused",
            Self::Killed => "killed",
            Self::WouldKill => "would_kill",
            Self::CallDenied => "call_denied",
            Self::WouldDenyCall => "would_deny_call",
        }
    }
}

const EVENT_SLOTS: u32 = (Class::ALL.len() * Outcome::ALL.len()) as u32;

/// Slots of the per-CPU counter array.
pub const SLOTS: u32 = EVENT_SLOTS + Denial::ALL.len() as u32;

/// The slot of what was done about what masks deny.
#[must_use]
pub const fn denial_slot(denial: Denial) -> u32 {
    EVENT_SLOTS + denial as u32
}

/// The slot of one counter.
#[must_use]
pub const fn slot(class: Class, outcome: Outcome) -> u32 {
    class as u32 * Outcome::ALL.len() as u32 + outcome as u32
}

const _: () = {
    assert!(slot(Class::Tcp, Outcome::Lost) + 1 == denial_slot(Denial::Denied), "no slot has two meanings");
    assert!(denial_slot(Denial::WouldDenyCall) + 1 == SLOTS, "the last counter has the last slot");
};
