//! The path of a file as its task sees it, by the walk that d_path does (fs/d_path.c, `prepend_path`).

use agent_common::event::{NAME_SIZE, PATH_DEPTH_MAX, PATH_MAX, flag};

use crate::{
    global::{
        DENTRY_NAME, DENTRY_PARENT, MOUNT_MNT, MOUNT_MOUNTPOINT, MOUNT_PARENT, QSTR_NAME, VFSMOUNT_ROOT,
    },
    read::{Address, read, string},
    task::Place,
};

/// A file's place in the tree.
pub(crate) struct Position {
    pub(crate) mount: Address,
    pub(crate) dentry: Address,
}

/// Writes the components from the leaf to the root and gives their length together, with the flags they earn.
///
/// # Safety
/// `tail` must have `PATH_MAX + NAME_SIZE` bytes in one map value.
#[inline(always)]
pub(crate) unsafe fn components(tail: *mut u8, mut at: Position, place: &Place) -> (usize, u32) {
    let mut length = 0usize;
    for _ in 0..PATH_DEPTH_MAX {
        if at.dentry == place.root_dentry && at.mount == place.root_mount {
            return (length, 0);
        }
        if at.dentry == read::<Address>(at.mount, &VFSMOUNT_ROOT) {
            let mount = at.mount - u64::from(MOUNT_MNT.load());
            let parent: Address = read(mount, &MOUNT_PARENT);
            if parent == mount {
                return (length, flag::UNREACHABLE);
            }
            at = Position {
                mount: parent + u64::from(MOUNT_MNT.load()),
                dentry: read(mount, &MOUNT_MOUNTPOINT),
            };
            continue;
        }
        if length > PATH_MAX - NAME_SIZE {
            return (length, flag::PATH_TRUNCATED);
        }
        let name: Address = read(at.dentry + u64::from(DENTRY_NAME.load()), &QSTR_NAME);
        // SAFETY: the offset is below PATH_MAX and a component has at most NAME_SIZE bytes: the caller's room.
        length += unsafe { string(tail.add(length), NAME_SIZE as u32, name) };
        // For the verifier, which does not see the bound above through the sum.
        length &= PATH_MAX - 1;
        let parent: Address = read(at.dentry, &DENTRY_PARENT);
        if parent == at.dentry {
            return (length, flag::DETACHED);
        }
        at.dentry = parent;
    }
    (length, flag::PATH_TRUNCATED)
}
