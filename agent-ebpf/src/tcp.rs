//! TCP sockets that begin to listen, and connections that came from outside.

use agent_common::{
    counter::{
        Class,
        Outcome::{self, Filtered, Runs},
    },
    event::{Header, IpBytes, SocketCall, SocketUse},
};
use aya_ebpf::{
    helpers::generated::bpf_get_current_task, macros::raw_tracepoint, programs::RawTracePointContext,
};

use crate::{
    count::count_shared as count,
    deny::Done,
    global::{
        CGROUP_DATA_CGROUP, SOCK_CGROUP_DATA, SOCK_FAMILY, SOCK_LOCAL_IPV4, SOCK_LOCAL_IPV6, SOCK_LOCAL_PORT,
        SOCK_PEER_IPV4, SOCK_PEER_IPV6, SOCK_PROTOCOL,
    },
    owner,
    read::{Address, at, read},
    socket::{first_seen, mapped, number},
    task,
};

/// include/net/tcp_states.h
const ESTABLISHED: i32 = 1;
const SYN_RECV: i32 = 3;
const LISTEN: i32 = 10;
/// include/linux/socket.h
const AF_INET: u16 = 2;

/// include/trace/events/sock.h: `inet_sock_set_state(const struct sock *sk, const int oldstate, const int newstate)`.
#[raw_tracepoint(tracepoint = "inet_sock_set_state")]
pub(crate) fn tcp_state(ctx: RawTracePointContext) -> i32 {
    let (old, new) = (ctx.arg::<u64>(1) as i32, ctx.arg::<u64>(2) as i32);
    // A connection goes through eight states: those that nobody asks about cost as little as they can, and are no runs.
    if new == LISTEN {
        count(Class::Tcp, Runs);
        // SAFETY: takes nothing.
        count(Class::Tcp, try_state(ctx.arg(0), SocketCall::Listen, unsafe { bpf_get_current_task() }));
    } else if (old, new) == (SYN_RECV, ESTABLISHED) {
        count(Class::Tcp, Runs);
        // The last packet of the handshake is taken in wherever it comes: current is anybody.
        count(Class::Tcp, try_state(ctx.arg(0), SocketCall::Accept, 0));
    }
    0
}

/// The container is the socket's own (`sk_cgrp_data`), which is that of the task that made it; an accepted one has the
/// listening one's (net/core/sock.c, `sk_clone_lock`).
#[inline(always)]
fn try_state(socket: Address, call: SocketCall, by: Address) -> Outcome {
    let cgroup: Address = read(socket + u64::from(SOCK_CGROUP_DATA.load()), &CGROUP_DATA_CGROUP);
    let Some(cgroup) = (if cgroup == 0 { None } else { owner::of_cgroup(cgroup) }) else { return Filtered };
    let is_ipv4 = read::<u16>(socket, &SOCK_FAMILY) == AF_INET;
    let address = |ipv4, ipv6| if is_ipv4 { mapped(read(socket, ipv4)) } else { at_ipv6(socket, ipv6) };
    let local = address(&SOCK_LOCAL_IPV4, &SOCK_LOCAL_IPV6);
    let used = SocketUse {
        header: Header { pid: if by == 0 { 0 } else { task::tgid(by) }, cgroup, ..Header::default() },
        address: if by == 0 { address(&SOCK_PEER_IPV4, &SOCK_PEER_IPV6) } else { local },
        local,
        port: read(socket, &SOCK_LOCAL_PORT),
        protocol: number(u32::from(read::<u16>(socket, &SOCK_PROTOCOL))),
        call: call as u8,
        ..SocketUse::default()
    };
    first_seen(used, by, |_, _, _| Done::Nothing).0
}

#[inline(always)]
fn at_ipv6(socket: Address, offset: &aya_ebpf::Global<u32>) -> IpBytes {
    at(socket.wrapping_add(u64::from(offset.load())))
}
