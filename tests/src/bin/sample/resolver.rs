//! A resolver that knows every name: enough for a container that has no network to ask as others do.

use std::net::{Ipv4Addr, UdpSocket};

use crate::{Failure, because};

/// RFC 1035, section 4.1.1: identifier, flags, and how many of four kinds of entries follow.
const HEADER: usize = 12;
/// Section 4.2.1: what a question over UDP may have at most.
const MOST: usize = 512;
/// Type A, class IN.
const ADDRESS: [u8; 4] = [0, 1, 0, 1];

/// Answers until it is killed.
pub(crate) fn serve() -> Result<(), Failure> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 53)).map_err(because("bind the resolver's port"))?;
    let mut buffer = [0; MOST];
    loop {
        let (length, who) = socket.recv_from(&mut buffer).map_err(because("receive a question"))?;
        if let Some(answer) = answer(&buffer[..length]) {
            socket.send_to(&answer, who).map_err(because("send an answer"))?;
        }
    }
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
