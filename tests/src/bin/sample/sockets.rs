//! Calls on sockets of every kind, over loopback, each as often as it is said afterwards.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, setsockopt, socket, sockopt};

use super::{Failure, because};

/// Does them all and writes a line for each: kind, protocol, address, port, how often.
pub(super) fn call_all() -> Result<(), Failure> {
    let (v4, v6) = (IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST));
    let (listener4, listener6) = (listen(v4)?, listen(v6)?);
    let (port4, port6) = (port(&listener4)?, port(&listener6)?);
    come_together(&listener4, || connect_plain(v4, port4), 3)?;
    // An IPv4 address in an IPv6 socket is the same peer.
    come_together(&listener4, || connect_plain(Ipv4Addr::LOCALHOST.to_ipv6_mapped().into(), port4), 1)?;
    come_together(&listener6, || connect_plain(v6, port6), 2)?;
    let sender = UdpSocket::bind((v4, 0)).map_err(because("bind"))?;
    for _ in 0..5 {
        sender.send_to(b"x", (v4, port4)).map_err(because("send"))?;
    }
    sender.connect((v4, port4)).map_err(because("connect"))?;
    // Over a connection nothing is asked.
    let _ = sender.send(b"x");
    for _ in 0..2 {
        let raw = socket(AddressFamily::Inet, SockType::Raw, SockFlag::empty(), SockProtocol::Icmp);
        raw.map_err(because("make a raw socket"))?;
    }
    let mut out = io::stdout();
    let told = [
        format!("Bind TCP {v4} 0 1"),
        format!("Bind TCP {v6} 0 1"),
        format!("Bind UDP {v4} 0 1"),
        format!("Listen TCP {v4} {port4} 1"),
        format!("Listen TCP {v6} {port6} 1"),
        format!("Connect TCP {v4} {port4} 4"),
        format!("Connect TCP {v6} {port6} 2"),
        format!("Connect UDP {v4} {port4} 1"),
        format!("Accept TCP {v4} {port4} 4"),
        format!("Accept TCP {v6} {port6} 2"),
        format!("SendTo UDP {v4} {port4} 5"),
        "RawSocket ICMP - - 2".to_owned(),
    ];
    writeln!(out, "{}", told.join("\n")).map_err(because("write to standard output"))
}

fn listen(ip: IpAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind((ip, 0)).map_err(because("listen"))
}

fn port(listener: &TcpListener) -> Result<u16, Failure> {
    listener.local_addr().map(|address: SocketAddr| address.port()).map_err(because("tell the port"))
}

fn come_together<T>(
    listener: &TcpListener,
    connect: impl Fn() -> Result<T, Failure>,
    times: usize,
) -> Result<(), Failure> {
    for _ in 0..times {
        let _client = connect()?;
        listener.accept().map_err(because("accept"))?;
    }
    Ok(())
}

fn connect_plain(ip: IpAddr, port: u16) -> Result<TcpStream, Failure> {
    TcpStream::connect((ip, port)).map_err(because("connect"))
}

/// Makes that many short connections over loopback, and says how many a second.
pub(super) fn connect_often(times: &Path) -> Result<(), Failure> {
    let times: u32 = times.to_str().and_then(|times| times.parse().ok()).ok_or("no number")?;
    let ip = IpAddr::from(Ipv4Addr::LOCALHOST);
    let listener = listen(ip)?;
    let port = port(&listener)?;
    let begin = Instant::now();
    for _ in 0..times {
        let client = connect_plain(ip, port)?;
        let (server, _) = listener.accept().map_err(because("accept"))?;
        // Reset, so that no port waits for packets that come late.
        let at_once = nix::libc::linger { l_onoff: 1, l_linger: 0 };
        setsockopt(&client, sockopt::Linger, &at_once).map_err(because("set SO_LINGER"))?;
        drop((client, server));
    }
    let rate = f64::from(times) / begin.elapsed().as_secs_f64();
    writeln!(io::stdout(), "rate {rate:.1}").map_err(because("write to standard output"))
}

/// Asks for a connection to `ADDRESS:PORT` in a network of its own in which nobody is, so that nothing goes anywhere.
pub(super) fn call(peer: &Path) -> Result<(), Failure> {
    let peer: SocketAddr = peer.to_str().and_then(|peer| peer.parse().ok()).ok_or("no address")?;
    unshare(CloneFlags::CLONE_NEWNET).map_err(because("unshare the network"))?;
    match TcpStream::connect(peer) {
        // The second is said of IPv6, of which nobody has an address.
        Err(error)
            if [io::ErrorKind::NetworkUnreachable, io::ErrorKind::AddrNotAvailable]
                .contains(&error.kind()) =>
        {
            Ok(())
        }
        other => Err(format!("{other:?}: somebody is there")),
    }
}

/// Listens until it is killed, or for longer than that takes.
pub(super) fn listen_for_long() -> Result<(), Failure> {
    let _listener = listen(Ipv4Addr::LOCALHOST.into())?;
    thread::sleep(Duration::from_secs(10));
    Err("nobody killed it".to_owned())
}
