//! Capabilities.

/// `CAP_SYS_ADMIN` (include/uapi/linux/capability.h): the kernel asks for it at every mapping of memory, too.
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
