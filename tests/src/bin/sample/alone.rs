//! A network of the program's own in which it is every address, so that no call on a socket goes anywhere else.

use nix::libc::{self, IFF_UP};
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket};
use std::os::fd::{AsRawFd, OwnedFd};

use crate::{Failure, because};

/// The first interface of a network namespace is its loopback (drivers/net/loopback.c, `loopback_net_init`).
const LOOPBACK: u32 = 1;
/// `struct nlmsghdr`; in an answer the error follows it (include/uapi/linux/netlink.h, `struct nlmsgerr`).
const HEADER: usize = 16;

/// Leaves the network for one that consists of loopback, to which all addresses of both families belong.
pub(crate) fn be() -> Result<(), Failure> {
    unshare(CloneFlags::CLONE_NEWNET).map_err(because("unshare the network"))?;
    let kernel = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::empty(), SockProtocol::NetlinkRoute)
        .map_err(because("ask for the network"))?;
    ask(&kernel, libc::RTM_NEWLINK, &link_up()).map_err(because("bring loopback up"))?;
    for family in [libc::AF_INET, libc::AF_INET6] {
        ask(&kernel, libc::RTM_NEWROUTE, &route(family)).map_err(because("add a route"))?;
    }
    Ok(())
}

/// `struct ifinfomsg`: the interface, its flags, and which of them are meant.
fn link_up() -> Vec<u8> {
    let up = IFF_UP.cast_unsigned();
    [0, LOOPBACK, up, up].into_iter().flat_map(u32::to_ne_bytes).collect()
}

/// `struct rtmsg` with `RTA_OIF`: what `ip route add local default dev lo` asks for.
fn route(family: i32) -> Vec<u8> {
    let (no_prefix, no_source, no_service) = (0, 0, 0);
    let mut route = vec![family as u8, no_prefix, no_source, no_service];
    route.extend([libc::RT_TABLE_LOCAL, libc::RTPROT_BOOT, libc::RT_SCOPE_HOST, libc::RTN_LOCAL]);
    route.extend(0_u32.to_ne_bytes());
    route.extend([8, libc::RTA_OIF].into_iter().flat_map(u16::to_ne_bytes));
    route.extend(LOOPBACK.to_ne_bytes());
    route
}

fn ask(kernel: &OwnedFd, kind: u16, what: &[u8]) -> nix::Result<()> {
    let flags = libc::NLM_F_REQUEST | libc::NLM_F_ACK | libc::NLM_F_CREATE;
    let mut message = ((HEADER + what.len()) as u32).to_ne_bytes().to_vec();
    message.extend([kind, flags as u16].into_iter().flat_map(u16::to_ne_bytes));
    // The number of the message, and of its sender: nobody asks.
    message.extend([0; 8]);
    message.extend(what);
    send(kernel.as_raw_fd(), &message, MsgFlags::empty())?;
    let mut answer = [0; 256];
    recv(kernel.as_raw_fd(), &mut answer, MsgFlags::empty())?;
    let error = answer[HEADER..].first_chunk().copied().map_or(0, i32::from_ne_bytes);
    if error == 0 { Ok(()) } else { Err(nix::Error::from_raw(-error)) }
}
