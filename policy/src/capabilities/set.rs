//! Capabilities as the kernel keeps them: a bit for each.

use std::ops::{BitOr, Sub};

use cel::{Array, Lookup, Value};
use serde::{Serialize, Serializer};

#[cfg(test)]
mod tests;

/// include/uapi/linux/capability.h since 5.9, without the prefix `CAP_`, by number.
pub const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// Some of the capabilities that have a name. In JSON, and for expressions, it is the list of their names, sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Set(u64);

impl Set {
    /// Those of a mask of the kernel's: `CapBnd` and its like. A number without a name is left out.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits & ((1 << NAMES.len()) - 1))
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every capability of another set is in this one.
    pub const fn contains(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Their names, sorted.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        SORTED.into_iter().filter(move |number| self.0 >> number & 1 == 1).map(|number| NAMES[number])
    }
}

/// By name, as container runtimes compare them: in capitals, with or without the prefix `CAP_`. What is no capability's
/// name is left out: no kernel gives it.
impl<'a> FromIterator<&'a str> for Set {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let bit = |written: &str| {
            let name = super::name(written);
            NAMES.iter().position(|known| *known == name).map_or(0, |number| 1 << number)
        };
        Self(names.into_iter().fold(0, |bits, name| bits | bit(name)))
    }
}

impl Sub for Set {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Set {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Serialize for Set {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl Array for Set {
    fn size(&self) -> usize {
        self.len()
    }

    fn get(&self, index: usize) -> Lookup<'_> {
        self.names().nth(index).map_or(Lookup::Absent, |name| Lookup::Found(Value::from(name)))
    }
}

/// The numbers in the order of their names.
const SORTED: [usize; NAMES.len()] = sorted();

const fn sorted() -> [usize; NAMES.len()] {
    let mut order = [0; NAMES.len()];
    let mut next = 0;
    while next < order.len() {
        let mut place = next;
        while place > 0 && is_before(NAMES[next].as_bytes(), NAMES[order[place - 1]].as_bytes()) {
            order[place] = order[place - 1];
            place -= 1;
        }
        order[place] = next;
        next += 1;
    }
    order
}

const fn is_before(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() {
        if one[index] != other[index] {
            return one[index] < other[index];
        }
        index += 1;
    }
    one.len() < other.len()
}
