//! What the kernel knows of where a file's content comes from.

use agent_common::{
    event::{Exec, FileId, flag, magic::OVERLAYFS},
    offset::ABSENT,
};

use crate::{
    global::{
        INODE_CTIME, INODE_CTIME_NSEC, INODE_CTIME_SEC, INODE_INO, INODE_NLINK, INODE_SB, OVL_ENTRY_NUMLOWER,
        OVL_INODE_ENTRY, OVL_INODE_UPPER, OVL_INODE_VFS, SB_DEV, SB_MAGIC,
    },
    read::{Address, at, read},
    task::Place,
};

/// `I_CTIME_QUERIED`, include/linux/fs.h since 6.13: not part of the nanoseconds.
const CTIME_QUERIED: u32 = 1 << 31;
const NANOSECONDS: u64 = 1_000_000_000;

/// Fills in the file's identity, its superblock and what overlayfs knows of it.
#[inline(always)]
pub(crate) fn describe(exec: &mut Exec, inode: Address, place: &Place) {
    let superblock: Address = read(inode, &INODE_SB);
    exec.file = FileId {
        inode: read(inode, &INODE_INO),
        ctime: ctime(inode),
        device: read(superblock, &SB_DEV),
        _pad: 0,
    };
    exec.magic = read(superblock, &SB_MAGIC);
    exec.links = read(inode, &INODE_NLINK);
    exec.lower_count = 0;
    if superblock == place.root_superblock {
        exec.flags |= flag::ROOT_SUPERBLOCK;
    }
    if exec.magic == OVERLAYFS && OVL_INODE_VFS.load() != ABSENT && OVL_ENTRY_NUMLOWER.load() != ABSENT {
        overlay(exec, inode - u64::from(OVL_INODE_VFS.load()));
    }
}

/// fs/overlayfs/ovl_entry.h: an inode with an upper dentry was written after start or copied up; how many lower
/// layers stand below tells which.
#[inline(always)]
fn overlay(exec: &mut Exec, inode: Address) {
    exec.flags |= flag::OVERLAY;
    if read::<Address>(inode, &OVL_INODE_UPPER) != 0 {
        exec.flags |= flag::UPPER;
    }
    exec.lower_count = read(read::<Address>(inode, &OVL_INODE_ENTRY), &OVL_ENTRY_NUMLOWER);
}

#[inline(always)]
fn ctime(inode: Address) -> u64 {
    if INODE_CTIME_SEC.load() != ABSENT {
        let nanoseconds: u32 = read(inode, &INODE_CTIME_NSEC);
        read::<u64>(inode, &INODE_CTIME_SEC) * NANOSECONDS + u64::from(nanoseconds & !CTIME_QUERIED)
    } else {
        let timespec = inode + u64::from(INODE_CTIME.load());
        at::<u64>(timespec) * NANOSECONDS + at::<u64>(timespec + 8)
    }
}
