//! Capabilities.

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

/// `CAP_SYS_ADMIN`: the kernel asks for it at every mapping of memory, too.
pub const SYS_ADMIN: u8 = 21;

/// How many functions ask for capabilities without meaning to use them: see [`SILENT`].
pub const SILENT_FUNCTIONS: usize = 4;

/// Memory accounting (mm/util.c, `__vm_enough_memory`: may the last pages be used?), and the questions that the kernel
/// keeps out of its own audit log (kernel/capability.c).
pub const SILENT: [&str; SILENT_FUNCTIONS] = [
    "security_vm_enough_memory_mm",
    "has_capability_noaudit",
    "has_ns_capability_noaudit",
    "ns_capable_noaudit",
];

const _: () = assert!(matches!(NAMES[SYS_ADMIN as usize].as_bytes(), b"SYS_ADMIN"));
