//! Each capability, used in a way that harms nothing: most calls fail for another reason once they were allowed.
//!
//! Every use is made by a child, since some change the process. EPERM is a use that was denied.

use std::collections::BTreeMap;
use std::ffi::{CStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{
    AddressFamily, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, setsockopt, socket, sockopt,
};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, pause, setsid};
use policy::capabilities::NAMES;

use crate::{Failure, because};

/// Who is neither root nor anyone.
const STRANGER: u32 = 65_534;
/// How often each capability is used.
const TIMES: u32 = 3;

/// How a capability is used once, or why it is not.
enum Use {
    Call(fn(&Path) -> Result<(), Errno>),
    Not(&'static str),
}

/// Uses all that this process has, on the files `own`, `strangers`, `lent` and `groups` of `folder`, and prints `NAME TIMES`
/// for each, or `NAME not used: why`.
pub(crate) fn use_all(folder: &Path) -> Result<(), Failure> {
    let bounding = bounding()?;
    let mut lines = BTreeMap::new();
    let mut killed = 0;
    for (number, name) in NAMES.iter().enumerate() {
        let used = match of(name) {
            _ if bounding >> number & 1 == 0 => Err("it is not in the bounding set".to_owned()),
            Use::Not(why) => Err(why.to_owned()),
            Use::Call(call) => times(call, folder)?,
        };
        if *name == "KILL" && used.is_ok() {
            killed = TIMES;
        }
        lines.insert(*name, used);
    }
    // Whom this process may not signal otherwise, it made a stranger first.
    if let Some(Ok(times)) = lines.get_mut("SETUID") {
        *times += killed;
    }
    for (name, used) in lines {
        let used = used.map_or_else(|why| format!("not used: {why}"), |times| times.to_string());
        writeln!(io::stdout(), "{name} {used}").map_err(because("write to standard output"))?;
    }
    Ok(())
}

/// Uses the capability of this name, which needs no file.
pub(crate) fn use_one(name: &Path) -> Result<(), Failure> {
    match of(&name.to_string_lossy()) {
        Use::Not(why) => Err(format!("{} is not used: {why}", name.display())),
        Use::Call(call) => call(Path::new("/tmp")).map_err(because(format!("use {}", name.display()))),
    }
}

/// Uses the capability of this name in a child, whose next step is to leave a mark; so often.
pub(crate) fn use_in_children(name: &Path, arguments: &[OsString]) -> Result<(), Failure> {
    let [marks, times] = arguments else { return Err("a file for marks and a number are needed".to_owned()) };
    let times: u32 = times.to_str().and_then(|times| times.parse().ok()).ok_or("that is no number")?;
    let mut marks = OpenOptions::new()
        .create(true)
        .append(true)
        .open(marks)
        .map_err(because("open the file for marks"))?;
    let Use::Call(call) = of(&name.to_string_lossy()) else { return Err("it is not used here".to_owned()) };
    let (mut killed, mut went_on) = (0, 0);
    for _ in 0..times {
        // SAFETY: this process has one thread, so the child owns every lock that it may take.
        match unsafe { fork() }.map_err(because("fork"))? {
            ForkResult::Child => {
                let done = call(Path::new("/tmp")).and_then(|()| marks.write_all(b"x").map_err(errno));
                std::process::exit(done.err().map_or(0, |errno| errno as i32))
            }
            ForkResult::Parent { child } => {
                match waitpid(child, None).map_err(because("wait for the child"))? {
                    WaitStatus::Exited(_, 0) => went_on += 1,
                    WaitStatus::Signaled(_, Signal::SIGKILL, _) => killed += 1,
                    other => return Err(format!("the child ended with {other:?}")),
                }
            }
        }
    }
    writeln!(io::stdout(), "{killed} {went_on}").map_err(because("write to standard output"))
}

fn bounding() -> Result<u64, Failure> {
    let status = fs::read_to_string("/proc/self/status").map_err(because("read /proc/self/status"))?;
    let bits = status.lines().find_map(|line| line.strip_prefix("CapBnd:"));
    bits.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).ok_or_else(|| "no CapBnd".to_owned())
}

/// How often it was granted, or the kernel's word for why not.
fn times(call: fn(&Path) -> Result<(), Errno>, folder: &Path) -> Result<Result<u32, String>, Failure> {
    for _ in 0..TIMES {
        // SAFETY: this process has one thread, so the child owns every lock that it may take.
        match unsafe { fork() }.map_err(because("fork"))? {
            ForkResult::Child => std::process::exit(call(folder).err().map_or(0, |errno| errno as i32)),
            ForkResult::Parent { child } => {
                match waitpid(child, None).map_err(because("wait for the child"))? {
                    WaitStatus::Exited(_, 0) => {}
                    WaitStatus::Exited(_, errno) => return Ok(Err(Errno::from_raw(errno).to_string())),
                    other => return Err(format!("the child ended with {other:?}")),
                }
            }
        }
    }
    Ok(Ok(TIMES))
}

/// A system call by number. Its arguments are numbers and addresses of static strings.
fn system_call(number: libc::c_long, arguments: [libc::c_long; 4]) -> Result<libc::c_long, Errno> {
    let [one, two, three, four] = arguments;
    // SAFETY: none of the calls made here writes through an argument, and those that read read static strings.
    Errno::result(unsafe { libc::syscall(number, one, two, three, four) })
}

/// A call that succeeds.
fn done(number: libc::c_long, arguments: [libc::c_long; 4]) -> Result<(), Errno> {
    system_call(number, arguments).map(drop)
}

/// A call that fails for this reason, which the kernel looks at only after the capability.
fn failing(number: libc::c_long, arguments: [libc::c_long; 4], reason: Errno) -> Result<(), Errno> {
    match system_call(number, arguments) {
        Err(errno) if errno == reason => Ok(()),
        Err(errno) => Err(errno),
        Ok(_) => Err(Errno::EEXIST),
    }
}

fn text(text: &'static CStr) -> libc::c_long {
    text.as_ptr() as libc::c_long
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn errno(error: io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO))
}

/// The sources' names are those of Linux 6.18.
fn of(name: &str) -> Use {
    match name {
        "CHOWN" => Use::Call(|folder| chown(folder.join("own"), Some(STRANGER), None).map_err(errno)),
        "DAC_OVERRIDE" => Use::Call(|folder| {
            OpenOptions::new().append(true).open(folder.join("strangers")).map(drop).map_err(errno)
        }),
        "DAC_READ_SEARCH" => {
            Use::Call(|folder| File::open(folder.join("strangers")).map(drop).map_err(errno))
        }
        "FOWNER" => Use::Call(|folder| {
            let mode = fs::Permissions::from_mode(0o644);
            fs::set_permissions(folder.join("lent"), mode).map_err(errno)
        }),
        "FSETID" => Use::Call(|folder| set_group_id(&folder.join("groups"))),
        "KILL" => Use::Call(|_| kill_a_stranger()),
        "SETGID" => Use::Call(|_| done(libc::SYS_setgid, [STRANGER.into(), 0, 0, 0])),
        "SETUID" => Use::Call(|_| done(libc::SYS_setuid, [STRANGER.into(), 0, 0, 0])),
        "SETPCAP" => Use::Call(|_| done(libc::SYS_prctl, [libc::PR_CAPBSET_DROP.into(), 0, 0, 0])),
        "LINUX_IMMUTABLE" => Use::Call(mark_as_appended_to),
        "NET_BIND_SERVICE" => Use::Call(|_| TcpListener::bind(("127.0.0.1", 1)).map(drop).map_err(errno)),
        "NET_ADMIN" => Use::Call(|_| force_a_buffer()),
        "NET_RAW" => Use::Call(|_| {
            let kind = [libc::AF_INET.into(), libc::SOCK_RAW.into(), libc::IPPROTO_UDP.into(), 0];
            done(libc::SYS_socket, kind)
        }),
        "IPC_LOCK" => Use::Call(|_| lock_memory()),
        "IPC_OWNER" => Use::Call(|_| read_a_semaphore()),
        // kernel/module/main.c, finit_module: may_init_module, then the descriptor.
        "SYS_MODULE" => Use::Call(|_| failing(libc::SYS_finit_module, [-1, text(c""), 0, 0], Errno::EBADF)),
        "SYS_RAWIO" => Use::Call(ask_for_a_block),
        "SYS_CHROOT" => Use::Call(|_| done(libc::SYS_chroot, [text(c"/"), 0, 0, 0])),
        "SYS_PTRACE" => Use::Call(|_| look_at_who_is_not_dumpable()),
        // kernel/acct.c, acct: capable, then the file.
        "SYS_PACCT" => {
            Use::Call(|_| failing(libc::SYS_acct, [text(c"/nothing/there"), 0, 0, 0], Errno::ENOENT))
        }
        // kernel/sys.c, sethostname: ns_capable, then the length.
        "SYS_ADMIN" => Use::Call(|_| failing(libc::SYS_sethostname, [text(c""), -1, 0, 0], Errno::EINVAL)),
        // kernel/reboot.c, reboot: ns_capable, then the magic numbers.
        "SYS_BOOT" => Use::Call(|_| failing(libc::SYS_reboot, [0; 4], Errno::EINVAL)),
        "SYS_NICE" => Use::Call(|_| done(libc::SYS_setpriority, [i64::from(libc::PRIO_PROCESS), 0, -1, 0])),
        "SYS_TIME" => Use::Call(|_| set_an_impossible_tick()),
        "SYS_TTY_CONFIG" => Use::Call(|_| hang_up()),
        "MKNOD" => Use::Call(|folder| {
            let path = folder.join("node");
            // What an earlier use made.
            drop(fs::remove_file(&path));
            mknod(&path, SFlag::S_IFCHR, Mode::S_IRUSR, makedev(1, 3))
        }),
        "LEASE" => Use::Call(|folder| {
            let lent = File::open(folder.join("lent")).map_err(errno)?;
            done(libc::SYS_fcntl, [lent.as_raw_fd().into(), libc::F_SETLEASE.into(), libc::F_RDLCK.into(), 0])
        }),
        // kernel/printk/printk.c, check_syslog_permissions; 9 is SYSLOG_ACTION_SIZE_UNREAD.
        "SYSLOG" => Use::Call(|_| done(libc::SYS_syslog, [9, 0, 0, 0])),
        "WAKE_ALARM" => {
            Use::Call(|_| done(libc::SYS_timerfd_create, [libc::CLOCK_BOOTTIME_ALARM.into(), 0, 0, 0]))
        }
        "AUDIT_CONTROL" => Use::Call(|_| log_in_again()),
        "AUDIT_READ" => Use::Call(|_| listen_to_the_audit_log()),
        "SETFCAP" => Use::Call(remove_no_capability),
        "PERFMON" => Use::Call(|_| open_an_impossible_event()),
        // kernel/bpf/syscall.c, bpf_btf_load: the capability, then what is empty here.
        "BPF" => Use::Call(|_| {
            let empty = (&raw const NO_TYPES) as libc::c_long;
            let size = size_of_val(&NO_TYPES) as libc::c_long;
            failing(libc::SYS_bpf, [BPF_BTF_LOAD, empty, size, 0], Errno::EINVAL)
        }),
        "CHECKPOINT_RESTORE" => Use::Call(|_| choose_no_pid()),
        "AUDIT_WRITE" => Use::Not("it would write to the machine's audit log"),
        "SYS_RESOURCE" => Use::Not("no call was tried where it is in the bounding set"),
        "NET_BROADCAST" => Use::Not("no kernel asks for it"),
        "MAC_OVERRIDE" | "MAC_ADMIN" => Use::Not("only Smack asks for it"),
        "BLOCK_SUSPEND" => Use::Not("only a kernel that can suspend asks for it"),
        _ => Use::Not("no harmless call is known"),
    }
}

/// Uses a capability on a child that is `prepared`, and that ends by SIGTERM.
fn on_a_child(prepared: fn() -> Result<(), Errno>, used: fn(Pid) -> Result<(), Errno>) -> Result<(), Errno> {
    let (mut ready, mut tell) = io::pipe().map_err(errno)?;
    // SAFETY: this process has one thread, so the child owns every lock that it may take.
    match unsafe { fork() }? {
        ForkResult::Child => {
            if prepared().is_ok() && tell.write_all(&[1]).is_ok() {
                pause();
            }
            std::process::exit(1)
        }
        ForkResult::Parent { child } => {
            drop(tell);
            ready.read_exact(&mut [0; 1]).map_err(errno)?;
            used(child)?;
            waitpid(child, None).map(drop)
        }
    }
}

/// Signals a child that is a stranger, which takes SETUID.
fn kill_a_stranger() -> Result<(), Errno> {
    let estranged = || done(libc::SYS_setuid, [STRANGER.into(), 0, 0, 0]);
    on_a_child(estranged, |child| kill(child, Signal::SIGTERM))
}

/// kernel/ptrace.c, `__ptrace_may_access`: of the same user, but not dumpable.
fn look_at_who_is_not_dumpable() -> Result<(), Errno> {
    let hidden = || done(libc::SYS_prctl, [libc::PR_SET_DUMPABLE.into(), 0, 0, 0]);
    on_a_child(hidden, |child| {
        let seen = fs::read_link(format!("/proc/{child}/cwd"));
        kill(child, Signal::SIGTERM)?;
        seen.map(drop).map_err(errno)
    })
}

/// fs/attr.c, `setattr_prepare`: of a group that is not ours, the bit is left out without the capability.
fn set_group_id(file: &Path) -> Result<(), Errno> {
    fs::set_permissions(file, fs::Permissions::from_mode(0o2644)).map_err(errno)?;
    let mode = fs::metadata(file).map_err(errno)?.permissions().mode();
    if mode & 0o2000 == 0 { Err(Errno::EPERM) } else { Ok(()) }
}

/// include/uapi/linux/fs.h, `struct fsxattr`: flags, four more numbers, eight bytes without meaning.
static APPENDED_TO_AND_IMPOSSIBLE: [u32; 7] = [FS_XFLAG_APPEND | FS_XFLAG_EXTSZINHERIT, 0, 0, 0, 0, 0, 0];
const FS_XFLAG_APPEND: u32 = 0x10;
/// Of folders only.
const FS_XFLAG_EXTSZINHERIT: u32 = 0x1000;
/// `_IOW('X', 32, struct fsxattr)`.
const FS_IOC_FSSETXATTR: libc::c_long = 0x401c_5820;

/// fs/file_attr.c, `fileattr_set_prepare`: the capability, then what is impossible for a file.
fn mark_as_appended_to(folder: &Path) -> Result<(), Errno> {
    let file = File::create(folder.join("appended")).map_err(errno)?;
    let flags = (&raw const APPENDED_TO_AND_IMPOSSIBLE) as libc::c_long;
    failing(libc::SYS_ioctl, [file.as_raw_fd().into(), FS_IOC_FSSETXATTR, flags, 0], Errno::EINVAL)
}

/// ipc/util.c, ipcperms: the creator may remove it, but its mode lets nobody read.
fn read_a_semaphore() -> Result<(), Errno> {
    let id = system_call(libc::SYS_semget, [libc::IPC_PRIVATE.into(), 1, 0, 0])?;
    let read = done(libc::SYS_semctl, [id, 0, libc::GETVAL.into(), 0]);
    done(libc::SYS_semctl, [id, 0, libc::IPC_RMID.into(), 0])?;
    read
}

/// fs/ioctl.c, `ioctl_fibmap`: the capability, then the block's number.
fn ask_for_a_block(folder: &Path) -> Result<(), Errno> {
    static NO_BLOCK: libc::c_int = -1;
    const FIBMAP: libc::c_long = 1;
    let file = File::open(folder.join("lent")).map_err(errno)?;
    let block = (&raw const NO_BLOCK) as libc::c_long;
    failing(libc::SYS_ioctl, [file.as_raw_fd().into(), FIBMAP, block, 0], Errno::EINVAL)
}

/// kernel/time/ntp.c: the capability, then the length of a tick, which is refused.
fn set_an_impossible_tick() -> Result<(), Errno> {
    // SAFETY: it is of numbers, for which zero is a value.
    let mut time: libc::timex = unsafe { std::mem::zeroed() };
    (time.modes, time.tick) = (libc::ADJ_TICK, 1);
    // SAFETY: the address is that of a live local that may be written.
    match Errno::result(unsafe { libc::adjtimex(&raw mut time) }) {
        Err(Errno::EINVAL) => Ok(()),
        Err(errno) => Err(errno),
        Ok(_) => Err(Errno::EEXIST),
    }
}

/// kernel/audit.c, `audit_set_loginuid_perm`: who is logged in already may not change it. It is this process's alone.
fn log_in_again() -> Result<(), Errno> {
    const FILE: &str = "/proc/self/loginuid";
    if fs::read_to_string(FILE).map_err(errno)? == u32::MAX.to_string() {
        fs::write(FILE, "0").map_err(errno)?;
    }
    fs::write(FILE, "0").map_err(errno)
}

/// kernel/audit.c, `audit_multicast_bind`.
fn listen_to_the_audit_log() -> Result<(), Errno> {
    const READ_LOG: u32 = 1;
    let (kind, flags) = (SockType::Raw, SockFlag::SOCK_CLOEXEC);
    let socket = socket(AddressFamily::Netlink, kind, flags, SockProtocol::NetlinkAudit)?;
    bind(socket.as_raw_fd(), &NetlinkAddr::new(0, READ_LOG))
}

/// security/commoncap.c, `cap_inode_removexattr`: the capability, then whether there is one to remove.
fn remove_no_capability(folder: &Path) -> Result<(), Errno> {
    let file = File::create(folder.join("plain")).map_err(errno)?;
    let name = text(c"security.capability");
    failing(libc::SYS_fremovexattr, [file.as_raw_fd().into(), name, 0, 0], Errno::ENODATA)
}

/// include/uapi/linux/perf_event.h, the first version of `struct perf_event_attr`: of software, without the kernel, with
/// namespaces, which only who may see the machine gets, and with a period that none can have.
static IMPOSSIBLE_EVENT: [u64; 8] = [64 << 32 | 1, 0, 1 << 63, 0, 0, 1 << 28 | 1 << 5, 0, 0];

/// kernel/events/core.c, `perf_event_open`: the capability, then the period.
fn open_an_impossible_event() -> Result<(), Errno> {
    let event = (&raw const IMPOSSIBLE_EVENT) as libc::c_long;
    // SAFETY: it reads a static and writes nothing.
    match Errno::result(unsafe { libc::syscall(libc::SYS_perf_event_open, event, 0, -1, -1, 0) }) {
        Err(Errno::EINVAL) => Ok(()),
        Err(errno) => Err(errno),
        Ok(_) => Err(Errno::EEXIST),
    }
}

/// The command of bpf(2) that loads types, and types of no length.
const BPF_BTF_LOAD: libc::c_long = 18;
/// It ends before `btf_log_true_size`, which the kernel would write.
static NO_TYPES: [u32; 7] = [0; 7];

/// kernel/pid_namespace.c, `pid_ns_ctl_handler`: the capability, then whether it is a number.
fn choose_no_pid() -> Result<(), Errno> {
    match fs::write("/proc/sys/kernel/ns_last_pid", "none").map_err(errno) {
        Err(Errno::EINVAL) => Ok(()),
        Err(errno) => Err(errno),
        Ok(()) => Err(Errno::EEXIST),
    }
}

/// mm/mlock.c, mlockall: without a limit of memory that may be locked, the capability decides.
fn lock_memory() -> Result<(), Errno> {
    static NOTHING: libc::rlimit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    let limit = (&raw const NOTHING) as libc::c_long;
    done(libc::SYS_prlimit64, [0, libc::RLIMIT_MEMLOCK as libc::c_long, limit, 0])?;
    done(libc::SYS_mlockall, [libc::MCL_FUTURE.into(), 0, 0, 0])
}

/// In a session of its own, so that no terminal is hung up.
fn hang_up() -> Result<(), Errno> {
    setsid()?;
    done(libc::SYS_vhangup, [0; 4])
}

fn force_a_buffer() -> Result<(), Errno> {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).map_err(errno)?;
    setsockopt(&socket, sockopt::RcvBufForce, &4096)
}
