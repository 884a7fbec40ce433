//! proc_pid_status(5): the credentials of a process.

use policy::observed::Seccomp;

#[cfg(test)]
mod tests;

/// What a process may do, or several of them together: of each what is weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Capabilities by number, as the kernel keeps them.
    pub permitted: u64,
    pub bounding: u64,
    pub no_new_privileges: bool,
    pub seccomp: Seccomp,
}

impl Credentials {
    /// Of two tasks, what either may do.
    #[must_use]
    pub fn either(self, other: Self) -> Self {
        Self {
            permitted: self.permitted | other.permitted,
            bounding: self.bounding | other.bounding,
            no_new_privileges: self.no_new_privileges && other.no_new_privileges,
            seccomp: if strength(self.seccomp) < strength(other.seccomp) {
                self.seccomp
            } else {
                other.seccomp
            },
        }
    }

    /// None where a line is missing or does not read: half of a process's credentials are no facts.
    ///
    /// A process chooses its own name, which stands in the first line; the kernel escapes a line's end in it
    /// (fs/proc/array.c, `proc_task_name`), so no further line is its own work.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let field = |name: &str| {
            let mut lines = text.split(|byte| *byte == b'\n');
            let line = lines.find_map(|line| line.strip_prefix(name.as_bytes())?.strip_prefix(b":"))?;
            std::str::from_utf8(line).ok()
        };
        let set = |name: &str| u64::from_str_radix(field(name)?.trim(), 16).ok();
        Some(Self {
            permitted: set("CapPrm")?,
            bounding: set("CapBnd")?,
            no_new_privileges: match field("NoNewPrivs")?.trim() {
                "0" => false,
                "1" => true,
                _ => return None,
            },
            seccomp: match field("Seccomp")?.trim() {
                "0" => Seccomp::Disabled,
                "1" => Seccomp::Strict,
                "2" => Seccomp::Filter,
                _ => return None,
            },
        })
    }
}

/// A filter may let everything through; strict mode lets through next to nothing.
fn strength(seccomp: Seccomp) -> u8 {
    match seccomp {
        Seccomp::Disabled => 0,
        Seccomp::Filter => 1,
        Seccomp::Strict => 2,
    }
}
