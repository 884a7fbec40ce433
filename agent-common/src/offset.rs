//! Where the kernel's structures keep what the programs read.
//!
//! The one list, from which agent-ebpf makes its read-only globals and the agent what it looks up in BTF. An
//! entry says whether a kernel must have it, and names the global, the structure and its member; several members are
//! names that different kernels gave the same thing, newest first. What a kernel may lack is [`ABSENT`] there.

/// The value of a global whose member this kernel does not have.
pub const ABSENT: u32 = u32::MAX;

/// Calls `$each!` with the list. See the module's documentation for its grammar.
#[macro_export]
macro_rules! for_each_offset {
    ($each:ident) => {
        $each! {
            must TASK_TGID: task_struct tgid;
            must TASK_PID: task_struct pid;
            must TASK_REAL_PARENT: task_struct real_parent;
            must TASK_MM: task_struct mm;
            must TASK_FS: task_struct fs;
            must TASK_NSPROXY: task_struct nsproxy;
            must TASK_CGROUPS: task_struct cgroups;
            must TASK_REAL_CRED: task_struct real_cred;
            must CRED_EUID: cred euid;
            must CRED_EGID: cred egid;
            // 64 bits, which before 6.3 were two halves: in the same order where the lowest byte comes first.
            must CRED_CAP_PERMITTED: cred cap_permitted;
            must CRED_USER_NS: cred user_ns;
            must USER_NS_PARENT: user_namespace parent;
            must USER_NS_NS: user_namespace ns;
            must TASK_SIGNAL: task_struct signal;
            must SIGNAL_LIVE: signal_struct live;
            must MM_ARG_START: mm_struct arg_start;
            must MM_ARG_END: mm_struct arg_end;
            must FS_ROOT: fs_struct root;
            must NSPROXY_MNT_NS: nsproxy mnt_ns;
            must MNT_NS_NS: mnt_namespace ns;
            must NS_INUM: ns_common inum;
            must CSS_SET_DFL_CGRP: css_set dfl_cgrp;
            must CGROUP_KN: cgroup kn;
            must CGROUP_LEVEL: cgroup level;
            must CGROUP_HIERARCHY: cgroup root;
            // Since 6.1 an array of pointers, before it one of ids.
            may CGROUP_ANCESTORS: cgroup ancestors;
            may CGROUP_ANCESTOR_IDS: cgroup ancestor_ids;
            must SOCK_PROTOCOL: sock sk_protocol;
            must SOCK_CGROUP_DATA: sock sk_cgrp_data;
            // Bits, in older kernels the upper half of a byte.
            must SOCK_USER_LOCKS: sock sk_userlocks;
            must CGROUP_DATA_CGROUP: sock_cgroup_data cgroup;
            must SOCK_FAMILY: sock_common skc_family;
            must SOCK_PEER_IPV4: sock_common skc_daddr;
            must SOCK_LOCAL_IPV4: sock_common skc_rcv_saddr;
            must SOCK_LOCAL_PORT: sock_common skc_num;
            must SOCK_PEER_IPV6: sock_common skc_v6_daddr;
            must SOCK_LOCAL_IPV6: sock_common skc_v6_rcv_saddr;
            must HIERARCHY_ID: cgroup_root hierarchy_id;
            must KERNFS_ID: kernfs_node id;
            must BPRM_FILE: linux_binprm file;
            must BPRM_FILENAME: linux_binprm filename;
            must BPRM_INTERP: linux_binprm interp;
            must FILE_INODE: file f_inode;
            must FILE_PATH: file f_path;
            must PATH_MNT: path mnt;
            must PATH_DENTRY: path dentry;
            must DENTRY_PARENT: dentry d_parent;
            must DENTRY_NAME: dentry d_name;
            must DENTRY_INODE: dentry d_inode;
            must QSTR_NAME: qstr name;
            must INODE_SB: inode i_sb;
            must INODE_INO: inode i_ino;
            must INODE_NLINK: inode i_nlink;
            // 6.11 split the timespec; 6.7 renamed it.
            may INODE_CTIME_SEC: inode i_ctime_sec;
            may INODE_CTIME_NSEC: inode i_ctime_nsec;
            may INODE_CTIME: inode __i_ctime i_ctime;
            must SB_DEV: super_block s_dev;
            must SB_MAGIC: super_block s_magic;
            must VFSMOUNT_ROOT: vfsmount mnt_root;
            must MOUNT_MNT: mount mnt;
            must MOUNT_PARENT: mount mnt_parent;
            must MOUNT_MOUNTPOINT: mount mnt_mountpoint;
            // Absent where overlayfs is a module that is not loaded: its BTF comes with it.
            may OVL_INODE_VFS: ovl_inode vfs_inode;
            may OVL_INODE_UPPER: ovl_inode __upperdentry;
            may OVL_INODE_ENTRY: ovl_inode oe;
            may OVL_ENTRY_NUMLOWER: ovl_entry __numlower;
        }
    };
}
