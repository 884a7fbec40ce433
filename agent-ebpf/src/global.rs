//! Read-only globals, set by user space before the programs are loaded, so that the verifier sees constants.

use agent_common::{capability::SILENT_FUNCTIONS, for_each_offset, offset::ABSENT};
use aya_ebpf::Global;

macro_rules! define {
    ($($presence:ident $name:ident: $structure:ident $($member:ident)+;)+) => {
        $(
            #[unsafe(no_mangle)]
            pub(crate) static $name: Global<u32> = Global::new(ABSENT);
        )+
    };
}

for_each_offset!(define);

/// The node's own mount namespace, by inode number.
#[unsafe(no_mangle)]
pub(crate) static NODE_MOUNT_NAMESPACE: Global<u32> = Global::new(0);

/// The inode of the node's own root folder.
#[unsafe(no_mangle)]
pub(crate) static NODE_ROOT_INODE: Global<u64> = Global::new(0);

/// Its file system's device: every ext4 has the same inode number at its root.
#[unsafe(no_mangle)]
pub(crate) static NODE_ROOT_DEVICE: Global<u32> = Global::new(0);

/// The cgroup below which containers are looked for, by id and by its depth.
#[unsafe(no_mangle)]
pub(crate) static CGROUP_ROOT: Global<u64> = Global::new(0);

#[unsafe(no_mangle)]
pub(crate) static CGROUP_ROOT_LEVEL: Global<u32> = Global::new(0);

/// Where the functions begin and end from which the kernel asks for capabilities without meaning to use them: pairs of
/// addresses, zeroes where the kernel does not tell.
#[unsafe(no_mangle)]
pub(crate) static SILENT_CHECKS: Global<[u64; 2 * SILENT_FUNCTIONS]> = Global::new([0; 2 * SILENT_FUNCTIONS]);
