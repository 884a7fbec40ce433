//! A resolver that knows every name, and who asks it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::time::Duration;

use crate::talk::parse;
use crate::{Failure, because};

/// RFC 1035, section 4.1.1: identifier, flags, and how many of four kinds of entries follow.
const HEADER: usize = 12;
/// Section 4.2.1: what a question over UDP may have at most.
const MOST: usize = 512;
/// Type A, class IN.
const ADDRESS: [u8; 4] = [0, 1, 0, 1];

/// As often, and as long each time, a question is asked: the resolver may be about to start.
const TIMES: u32 = 50;
const PATIENCE: Duration = Duration::from_millis(200);

/// Answers on loopback or on this address until it is killed.
pub(crate) fn serve(ip: Option<&Path>) -> Result<(), Failure> {
    let ip = ip.map_or(Ok(Ipv4Addr::LOCALHOST.into()), parse::<IpAddr>)?;
    let socket = UdpSocket::bind((ip, 53)).map_err(because("bind the resolver's port"))?;
    let mut buffer = [0; MOST];
    loop {
        let (length, who) = socket.recv_from(&mut buffer).map_err(because("receive a question"))?;
        if let Some(answer) = answer(&buffer[..length]) {
            socket.send_to(&answer, who).map_err(because("send an answer"))?;
        }
    }
}

/// Asks for a name until the peer, and nobody else, answers.
pub(crate) fn ask(peer: &Path) -> Result<(), Failure> {
    let peer: SocketAddr = parse(peer)?;
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).map_err(because("bind"))?;
    socket.set_read_timeout(Some(PATIENCE)).map_err(because("set a timeout"))?;
    let question = question();
    let mut buffer = [0; MOST];
    for _ in 0..TIMES {
        socket.send_to(&question, peer).map_err(because("send a question"))?;
        match socket.recv_from(&mut buffer) {
            Ok((length, who)) if who == peer && answer(&question) == Some(buffer[..length].to_vec()) => {
                return Ok(());
            }
            Ok((_, who)) => return Err(format!("{who} says something else")),
            Err(_) => {}
        }
    }
    Err(format!("{peer} does not answer"))
}

/// For the address of `plumbline.test`.
fn question() -> Vec<u8> {
    let mut question = vec![0x17, 0x2a, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    question.extend(b"\x09plumbline\x04test\0");
    question.extend(ADDRESS);
    question
}

/// The answer to a message with one question: loopback's address, or nothing of the kind that was asked for.
fn answer(message: &[u8]) -> Option<Vec<u8>> {
    let (header, rest) = message.split_at_checked(HEADER)?;
    let name = rest.iter().position(|length| *length == 0)? + 1;
    let question = rest.get(..name + ADDRESS.len())?;
    let is_known = question.ends_with(&ADDRESS);
    let mut answer = header[..2].to_vec();
    // A response, recursion desired and available; one question, and this many answers.
    answer.extend([0x81, 0x80, 0, 1, 0, u8::from(is_known), 0, 0, 0, 0]);
    answer.extend(question);
    if is_known {
        // The name is at the header's end; it holds for a minute.
        answer.extend([0xc0, HEADER as u8]);
        answer.extend(ADDRESS);
        answer.extend([0, 0, 0, 60, 0, 4]);
        answer.extend(Ipv4Addr::LOCALHOST.octets());
    }
    Some(answer)
}

#[cfg(test)]
mod tests;
