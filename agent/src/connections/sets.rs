//! Sets of ports in the kernel: each is there once, however many addresses have it.

use std::collections::{HashMap, HashSet};

use agent_common::connections::{PORT_BITS, Port, SET_BITS, ports, verdict};
use policy::network::{Ports, Protocol, Verdict};

use super::maps::{Full, Maps};

/// The sets that are in the kernel, by what they say.
#[derive(Debug)]
pub(super) struct Sets {
    numbers: HashMap<Ports, u32>,
    next: u32,
}

impl Default for Sets {
    fn default() -> Self {
        Self { numbers: HashMap::new(), next: ports::FIRST }
    }
}

impl Sets {
    /// The number of a set, which is written if it is not there yet.
    pub(super) fn number(&mut self, ports: &Ports, maps: &mut impl Maps) -> Result<u32, Full> {
        if let Some(number) = uniform(ports).or_else(|| self.numbers.get(ports).copied()) {
            return Ok(number);
        }
        let number = self.next;
        // Numbers are not used again: a program may still hold one that was taken away.
        self.next += 1;
        let write = |(bits, port, verdict): (u32, Port, u32)| maps.set_port(bits, port, verdict);
        if let Err(full) = entries(number, ports).try_for_each(write) {
            erase(number, ports, maps);
            return Err(full);
        }
        self.numbers.insert(ports.clone(), number);
        Ok(number)
    }

    /// Takes away those that no table has any more.
    pub(super) fn keep(&mut self, used: &HashSet<&Ports>, maps: &mut impl Maps) {
        self.numbers.retain(|ports, number| {
            let is_used = used.contains(ports);
            if !is_used {
                erase(*number, ports, maps);
            }
            is_used
        });
    }
}

/// The number that stands for all ports alike.
fn uniform(ports: &Ports) -> Option<u32> {
    let numbers = [
        (Verdict::Denied, ports::DENIED),
        (Verdict::Unknown, ports::UNKNOWN),
        (Verdict::Allowed, ports::ALLOWED),
    ];
    numbers.into_iter().find_map(|(verdict, number)| (*ports == Ports::all(verdict)).then_some(number))
}

/// What the map has of a set: first what holds for whole protocols, so that taken away in this order, a port of it is not
/// denied for a moment that was allowed.
fn entries(set: u32, ports: &Ports) -> impl Iterator<Item = (u32, Port, u32)> {
    let protocols = Protocol::ALL.into_iter().map(move |protocol| {
        (SET_BITS, Port { set, protocol: number(protocol), _pad: 0, port: [0; 2] }, verdict::DENIED)
    });
    let ranges = ports.ranges().iter().flat_map(move |range| {
        blocks(range.first, range.last).map(move |(first, bits)| {
            let port = Port { set, protocol: number(range.protocol), _pad: 0, port: first.to_be_bytes() };
            (SET_BITS + bits, port, held(range.verdict))
        })
    });
    protocols.chain(ranges)
}

fn erase(set: u32, ports: &Ports, maps: &mut impl Maps) {
    for (bits, port, _) in entries(set, ports) {
        maps.remove_port(bits, port);
    }
}

/// A range as blocks of a power of two, each with its first port and the number of bits that its ports have in common.
fn blocks(first: u16, last: u16) -> impl Iterator<Item = (u16, u32)> {
    let (mut next, end) = (u32::from(first), u32::from(last) + 1);
    std::iter::from_fn(move || {
        let start = u16::try_from(next).ok().filter(|_| next < end)?;
        let fits = (end - next).ilog2();
        let size = next.trailing_zeros().min(fits);
        next += 1 << size;
        Some((start, PORT_BITS - SET_BITS - size))
    })
}

/// IANA, Protocol Numbers.
fn number(protocol: Protocol) -> u8 {
    match protocol {
        Protocol::Tcp => 6,
        Protocol::Udp => 17,
        Protocol::Sctp => 132,
    }
}

fn held(verdict: Verdict) -> u32 {
    match verdict {
        Verdict::Denied => verdict::DENIED,
        Verdict::Unknown => verdict::UNKNOWN,
        Verdict::Allowed => verdict::ALLOWED,
    }
}

#[cfg(test)]
mod tests;
