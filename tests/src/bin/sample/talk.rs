//! HTTP, as much of it as a probe needs, and connections that fail.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

use super::{Failure, because};

/// How long who is to be reached may take to be there.
const PATIENCE: Duration = Duration::from_secs(10);
const A_MOMENT: Duration = Duration::from_millis(50);
/// A first packet that is lost is sent again after a second: another attempt is sooner.
const CONNECTS_WITHIN: Duration = Duration::from_millis(250);
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

const REQUEST: &[u8] = b"GET / HTTP/1.0\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n";

/// An address, or what it is instead.
pub(crate) fn parse<T: FromStr>(text: &Path) -> Result<T, Failure> {
    text.to_str().and_then(|text| text.parse().ok()).ok_or_else(|| format!("no address: {}", text.display()))
}

/// Answers until it is killed. Who says nothing is left.
pub(crate) fn serve(address: &Path) -> Result<(), Failure> {
    let listener = TcpListener::bind(parse::<SocketAddr>(address)?).map_err(because("listen"))?;
    for stream in listener.incoming() {
        // One that is gone again is no reason to end.
        let _ = stream.and_then(answer);
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
    let mut asked = Vec::new();
    let mut buffer = [0; 512];
    // Left unread, part of a request would make the end of the connection a reset.
    while !asked.ends_with(b"\r\n\r\n") && asked.len() < 8192 {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            length => asked.extend(&buffer[..length]),
        }
    }
    stream.write_all(ANSWER)
}

/// Tries until the peer answers: it may be about to start.
pub(crate) fn reach(peer: &Path) -> Result<(), Failure> {
    let peer = parse(peer)?;
    let end = Instant::now() + PATIENCE;
    loop {
        match ask(peer) {
            Ok(answer) if answer == ANSWER => return Ok(()),
            Ok(_) => return Err(format!("{peer} answers something else")),
            Err(failure) if Instant::now() > end => return Err(format!("reach {peer}: {failure}")),
            Err(_) => thread::sleep(A_MOMENT),
        }
    }
}

fn ask(peer: SocketAddr) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&peer, CONNECTS_WITHIN)?;
    stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
    stream.write_all(REQUEST)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Asks for a connection that must fail.
pub(crate) fn fails(error: &Path, peer: &Path) -> Result<(), Failure> {
    let expected = match error.to_str() {
        Some("EPERM") => Errno::EPERM,
        Some("ENETUNREACH") => Errno::ENETUNREACH,
        _ => return Err(format!("no error: {}", error.display())),
    };
    let peer: SocketAddr = parse(peer)?;
    match TcpStream::connect(peer) {
        Err(error) if error.raw_os_error() == Some(expected as i32) => Ok(()),
        other => Err(format!("connect to {peer}: {other:?} instead of {expected}")),
    }
}

/// Sends a datagram in a network of its own in which nobody is, so that nothing goes anywhere.
pub(crate) fn send(port: &Path, peer: &Path) -> Result<(), Failure> {
    let (port, peer): (u16, SocketAddr) = (parse(port)?, parse(peer)?);
    unshare(CloneFlags::CLONE_NEWNET).map_err(because("unshare the network"))?;
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).map_err(because("bind"))?;
    match socket.send_to(b"x", peer) {
        Err(error) if error.kind() == io::ErrorKind::NetworkUnreachable => Ok(()),
        other => Err(format!("{other:?}: somebody is there")),
    }
}
