//! Calls to peers as they are asked for, each with what the kernel says to it.
//!
//! A line asks for one thing, and after an empty one the answers come, each in a line:
//!
//! - `WAY ADDRESS PORT TIMES`: so many calls. Ways are `tcp`; `mptcp`; `fast`, a connection that is asked for by sending
//!   (TCP Fast Open); `udp`; `send`, a datagram without a connection; and `stray`, one by a socket that is connected to
//!   somebody else. The answer says how many got EPERM, and the last other errno, 0 for none.
//! - `keep ADDRESS PORT`: a TCP connection to this program itself, which is kept.
//! - `talk`: sends a byte over each that is kept, and reads it.
//!
//! The answers to these are an errno.

use std::io::{self, BufRead, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::str::FromStr;

use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, SockaddrIn, SockaddrIn6, SockaddrLike, connect, sendto,
    socket,
};

use crate::{Failure, alone, because};

/// Answers until nobody asks any more.
pub(crate) fn serve() -> Result<(), Failure> {
    alone::be()?;
    let mut peers = Peers::new()?;
    let mut out = io::stdout();
    let mut answers = Vec::new();
    for line in io::stdin().lock().lines() {
        let line = line.map_err(because("read what is asked for"))?;
        if !line.is_empty() {
            writeln!(answers, "{}", peers.answer(&line)?).map_err(because("keep an answer"))?;
            continue;
        }
        // All at once: who asks reads only after it has asked.
        out.write_all(&answers).and_then(|()| out.flush()).map_err(because("answer"))?;
        answers.clear();
    }
    Ok(())
}

struct Peers {
    /// Datagrams' sockets for IPv4 and for IPv6: they never connect.
    senders: [OwnedFd; 2],
    /// These are connected to loopback.
    connected: [OwnedFd; 2],
    kept: Vec<(TcpStream, TcpStream)>,
}

impl Peers {
    fn new() -> Result<Self, Failure> {
        let make = || -> nix::Result<[OwnedFd; 2]> {
            Ok([datagrams(AddressFamily::Inet)?, datagrams(AddressFamily::Inet6)?])
        };
        let (senders, connected) = (make(), make());
        let (senders, connected) =
            senders.and_then(|senders| Ok((senders, connected?))).map_err(because("make sockets"))?;
        let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        for (socket, address) in connected.iter().zip(loopback) {
            connect_to(socket, SocketAddr::new(address, 9)).map_err(because("connect to loopback"))?;
        }
        Ok(Self { senders, connected, kept: Vec::new() })
    }

    fn answer(&mut self, line: &str) -> Result<String, Failure> {
        let words: Vec<&str> = line.split(' ').collect();
        let errno =
            |done: io::Result<()>| done.err().and_then(|error| error.raw_os_error()).unwrap_or(0).to_string();
        match *words {
            [way, address, port, times] => self.call(way, peer(address, port)?, number(times)?),
            ["keep", address, port] => Ok(errno(self.keep(peer(address, port)?))),
            ["talk"] => Ok(errno(self.talk())),
            _ => Err(format!("{line:?} asks for nothing")),
        }
    }

    fn call(&self, way: &str, peer: SocketAddr, times: u32) -> Result<String, Failure> {
        let (mut denied, mut other) = (0, 0);
        for _ in 0..times {
            let family = usize::from(peer.is_ipv6());
            let done = match way {
                "tcp" => stream(peer, 0).and_then(|own| connect_to(&own, peer)),
                "mptcp" => stream(peer, libc::IPPROTO_MPTCP).and_then(|own| connect_to(&own, peer)),
                "fast" => stream(peer, 0).and_then(|own| send_to(&own, peer, FAST)),
                "udp" => datagrams(family_of(peer)).and_then(|own| connect_to(&own, peer)),
                "send" => send_to(&self.senders[family], peer, MsgFlags::empty()),
                "stray" => send_to(&self.connected[family], peer, MsgFlags::empty()),
                _ => return Err(format!("{way:?} is no way")),
            };
            match done {
                Err(Errno::EPERM) => denied += 1,
                done => other = done.err().map_or(0, |errno| errno as i32),
            }
        }
        Ok(format!("{denied} {other}"))
    }

    fn keep(&mut self, peer: SocketAddr) -> io::Result<()> {
        let everywhere: IpAddr =
            if peer.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let listener = TcpListener::bind((everywhere, peer.port()))?;
        let client = TcpStream::connect(peer)?;
        let (server, _) = listener.accept()?;
        self.kept.push((client, server));
        Ok(())
    }

    fn talk(&mut self) -> io::Result<()> {
        for (client, server) in &mut self.kept {
            client.write_all(b"x")?;
            server.read_exact(&mut [0])?;
        }
        Ok(())
    }
}

const FAST: MsgFlags = MsgFlags::from_bits_retain(libc::MSG_FASTOPEN);

fn family_of(peer: SocketAddr) -> AddressFamily {
    if peer.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 }
}

fn datagrams(family: AddressFamily) -> nix::Result<OwnedFd> {
    socket(family, SockType::Datagram, SockFlag::empty(), None)
}

/// Of such a protocol, 0 for TCP. It does not wait for the other side.
fn stream(peer: SocketAddr, protocol: i32) -> nix::Result<OwnedFd> {
    // SAFETY: it takes numbers alone.
    let made =
        unsafe { libc::socket(family_of(peer) as i32, libc::SOCK_STREAM | libc::SOCK_NONBLOCK, protocol) };
    // SAFETY: a descriptor that was just made, and is nobody's yet.
    Errno::result(made).map(|made| unsafe { OwnedFd::from_raw_fd(made) })
}

fn connect_to(own: &OwnedFd, peer: SocketAddr) -> nix::Result<()> {
    connect(own.as_raw_fd(), &*for_kernel(peer))
}

fn send_to(own: &OwnedFd, peer: SocketAddr, flags: MsgFlags) -> nix::Result<()> {
    sendto(own.as_raw_fd(), b"x", &*for_kernel(peer), flags).map(drop)
}

fn for_kernel(peer: SocketAddr) -> Box<dyn SockaddrLike> {
    match peer {
        SocketAddr::V4(peer) => Box::new(SockaddrIn::from(peer)),
        SocketAddr::V6(peer) => Box::new(SockaddrIn6::from(peer)),
    }
}

fn peer(address: &str, port: &str) -> Result<SocketAddr, Failure> {
    let address: IpAddr = address.parse().map_err(because(format!("read {address}")))?;
    Ok(SocketAddr::new(address, number(port)?))
}

fn number<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(because(format!("read {text}")))
}
