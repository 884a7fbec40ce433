//! Calls on sockets: connect, sendto on a socket that is not connected, bind, and raw sockets. What a mask denies is
//! refused, and all else goes on; nothing is on the path of what is sent over a connection.

use agent_common::{
    counter::{
        Class,
        Outcome::{self, Filtered, Runs},
    },
    event::{Header, IpBytes, Kind, SocketCall, SocketUse, Task},
    map::{Init, SOCKETS_PER_CONTAINER, SocketKey},
};
use aya_ebpf::{
    bindings::{bpf_sock, bpf_sock_addr},
    helpers::generated::{bpf_get_current_task, bpf_ktime_get_boot_ns},
    macros::{cgroup_sock, cgroup_sock_addr},
    programs::{SockAddrContext, SockContext},
};

use crate::{
    count::count_shared as count,
    deny::{self, Done},
    global::{CRED_EGID, CRED_EUID, SOCK_LOCAL_PORT, SOCK_USER_LOCKS, TASK_REAL_CRED},
    maps::{FACTS, INITS, SOCKETS},
    owner,
    read::{Address, at, read},
    share, task,
};

/// What a cgroup program answers so that the call goes on (include/linux/bpf-cgroup.h).
const GO_ON: i32 = 1;
/// So that it fails with EPERM.
const REFUSE: i32 = 0;
/// include/linux/net.h
const SOCK_RAW: u32 = 3;
/// include/uapi/linux/in.h
const IPPROTO_TCP: u32 = 6;
const IPPROTO_MPTCP: u32 = 262;
/// `SOCK_BINDPORT_LOCK` (include/net/sock.h), which bind(2) with a port sets and a port that the kernel chooses does not
/// (net/ipv4/af_inet.c, `__inet_bind`): in a byte of its own, or in the upper half of one whose lower half holds flags of
/// which this one is hardly ever set.
const HAS_CHOSEN_ITS_PORT: u8 = 0x08 | 0x80;

/// net/ipv4/af_inet.c, `BPF_CGROUP_RUN_PROG_INET4_CONNECT_LOCK` and its like: before the call does anything.
macro_rules! calls {
    ($($program:ident, $hook:ident: $call:ident $address:ident;)+) => {
        $(
            #[cgroup_sock_addr($hook)]
            pub(crate) fn $program(ctx: SockAddrContext) -> i32 {
                count(Class::Socket, Runs);
                answer(try_call(SocketCall::$call, $address(&ctx), &ctx))
            }
        )+
    };
}

calls! {
    socket_connect4, connect4: Connect ipv4;
    socket_connect6, connect6: Connect ipv6;
    socket_sendto4, sendmsg4: SendTo ipv4;
    socket_sendto6, sendmsg6: SendTo ipv6;
    socket_bind4, bind4: Bind ipv4;
    socket_bind6, bind6: Bind ipv6;
}

/// net/ipv4/af_inet.c and net/ipv6/af_inet6.c, `BPF_CGROUP_RUN_PROG_INET_SOCK`. Sockets of AF_PACKET do not come here;
/// that they were made shows as a use of NET_RAW.
#[cgroup_sock(sock_create)]
pub(crate) fn socket_made(ctx: SockContext) -> i32 {
    count(Class::Socket, Runs);
    answer(try_made(&ctx))
}

#[inline(always)]
fn answer((outcome, done): (Outcome, Done)) -> i32 {
    count(Class::Socket, outcome);
    if done == Done::Denied { REFUSE } else { GO_ON }
}

/// A field of a context, read once and as wide as it is: the verifier allows no other.
macro_rules! field {
    ($ctx:expr, $type:ty, $field:ident) => {
        // SAFETY: the kernel hands a live context to the program.
        unsafe { (&raw const (*$ctx.cast::<$type>()).$field).read_volatile() }
    };
}

#[inline(always)]
fn ipv4(ctx: &SockAddrContext) -> IpBytes {
    mapped(field!(ctx.sock_addr, bpf_sock_addr, user_ip4))
}

/// `::ffff:a.b.c.d` of an address in network order.
#[inline(always)]
pub(crate) fn mapped(address: u32) -> IpBytes {
    words([0, 0, 0xffff_u32.to_be(), address])
}

#[inline(always)]
fn ipv6(ctx: &SockAddrContext) -> IpBytes {
    let mut all = [0; 4];
    for (word, value) in all.iter_mut().enumerate() {
        // SAFETY: the kernel hands a live context to the program, whose address has four words.
        *value = unsafe { (&raw const (*ctx.sock_addr).user_ip6[word]).read_volatile() };
    }
    words(all)
}

#[inline(always)]
fn words(words: [u32; 4]) -> IpBytes {
    // SAFETY: both are sixteen bytes without any that mean nothing.
    unsafe { core::mem::transmute(words) }
}

#[inline(always)]
fn try_call(call: SocketCall, address: IpBytes, ctx: &SockAddrContext) -> (Outcome, Done) {
    let protocol = field!(ctx.sock_addr, bpf_sock_addr, protocol);
    if matches!(call, SocketCall::SendTo) {
        let socket = socket(ctx);
        if read::<u8>(socket, &SOCK_USER_LOCKS) & HAS_CHOSEN_ITS_PORT != 0 {
            return by_current(SocketCall::Reply, address, read(socket, &SOCK_LOCAL_PORT), protocol);
        }
    }
    let port = u16::from_be(field!(ctx.sock_addr, bpf_sock_addr, user_port) as u16);
    by_current(call, address, port, protocol)
}

/// The socket that the call is on. The verifier lets nobody count from its own pointer to one, so it is read from where
/// it is kept.
#[inline(always)]
fn socket(ctx: &SockAddrContext) -> Address {
    // SAFETY: the kernel hands a live context to the program.
    let kept = unsafe { (&raw const (*ctx.sock_addr).__bindgen_anon_1.sk).read_volatile() };
    at((&raw const kept) as Address)
}

#[inline(always)]
fn try_made(ctx: &SockContext) -> (Outcome, Done) {
    if field!(ctx.sock, bpf_sock, type_) != SOCK_RAW {
        return (Filtered, Done::Nothing);
    }
    by_current(SocketCall::RawSocket, [0; 16], 0, field!(ctx.sock, bpf_sock, protocol))
}

#[inline(always)]
fn by_current(call: SocketCall, address: IpBytes, port: u16, protocol: u32) -> (Outcome, Done) {
    let Some(cgroup) = owner::of_current() else { return (Filtered, Done::Nothing) };
    // SAFETY: takes nothing.
    let current = unsafe { bpf_get_current_task() };
    let used = SocketUse {
        header: Header { pid: task::tgid(current), cgroup, ..Header::default() },
        address,
        port,
        protocol: number(protocol),
        call: call as u8,
        ..SocketUse::default()
    };
    first_seen(used, current, deny::judge_call)
}

/// A container speaks TCP also where MPTCP carries it.
#[inline(always)]
pub(crate) fn number(protocol: u32) -> u8 {
    (if protocol == IPPROTO_MPTCP { IPPROTO_TCP } else { protocol }) as u8
}

/// Counts a call, and sends it where it is new to its container. `by` is who makes it, or 0; `judge` says what is done
/// about it, each time.
#[inline(always)]
pub(crate) fn first_seen(
    mut used: SocketUse,
    by: Address,
    judge: impl FnOnce(&SocketUse, bool, *mut Init) -> Done,
) -> (Outcome, Done) {
    let kind = if by == 0 { None } else { task::mark(used.header.pid) };
    let kind = match kind {
        None => Task::Container,
        Some(mark) if mark == Task::Injected as u32 => Task::Injected,
        Some(_) => return (Filtered, Done::Nothing),
    };
    // Before the container's first own exec, whoever runs in its cgroup is the runtime.
    let Some(init) = INITS.get_ptr_mut(used.header.cgroup) else { return (Filtered, Done::Nothing) };
    let done = judge(&used, kind as u32 == Task::Injected as u32, init);
    used.denied = u8::from(done == Done::Denied);
    used.would_deny = u8::from(done == Done::WouldDeny);
    let key = SocketKey {
        cgroup: used.header.cgroup,
        address: used.address,
        port: used.port,
        protocol: used.protocol,
        call: used.call,
        task: kind as u8,
        denied: used.denied,
        _pad: [0; 2],
    };
    // SAFETY: a field of a value of a map that is not preallocated, read within one program run.
    let share = || Some(unsafe { &raw mut (*init).sockets });
    let outcome = share::first_seen(&SOCKETS, &key, SOCKETS_PER_CONTAINER, share, || {
        used.header.kind = Kind::SocketUse as u16;
        used.header.task = kind as u16;
        // SAFETY: takes nothing.
        used.header.time = unsafe { bpf_ktime_get_boot_ns() };
        if by != 0 {
            let cred: Address = read(by, &TASK_REAL_CRED);
            used.uid = read(cred, &CRED_EUID);
            used.gid = read(cred, &CRED_EGID);
        }
        FACTS.output::<SocketUse>(used, 0).is_ok()
    });
    (outcome, done)
}
