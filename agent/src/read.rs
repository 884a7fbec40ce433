//! Reading the rings, without ever letting an event overtake one that it depends on.

use std::{collections::VecDeque, io};

use agent_common::event::Header;
use aya::maps::{MapData, RingBuf};
use tokio::io::{Interest, unix::AsyncFd};

use crate::observe::clock;

/// How many records of ring `lifecycle` are handled before others get their turn.
const TURN: usize = 4096;

/// Both rings.
///
/// Facts are read first and handled at their time among the lifecycle events: whatever led to a fact was put into
/// ring `lifecycle` before it, so it is there when the fact has been read. What happened after the facts were read waits
/// until they are read again: the end of a process must not overtake what the process did.
#[expect(missing_debug_implementations, reason = "aya's rings have none")]
pub struct Rings {
    lifecycle: AsyncFd<RingBuf<MapData>>,
    facts: AsyncFd<RingBuf<MapData>>,
    /// Facts read and not yet handled, with their times: those that are not older than what ring `lifecycle` still
    /// holds, so its size bounds them.
    waiting: VecDeque<(u64, Box<[u8]>)>,
    /// A lifecycle event that came after the facts were read.
    early: Option<Box<[u8]>>,
}

impl Rings {
    /// # Errors
    /// The runtime cannot watch a ring's descriptor.
    pub fn new(lifecycle: RingBuf<MapData>, facts: RingBuf<MapData>) -> io::Result<Self> {
        Ok(Self { lifecycle: watch(lifecycle)?, facts: watch(facts)?, waiting: VecDeque::new(), early: None })
    }

    /// Waits until there is something to read.
    ///
    /// # Errors
    /// The runtime is shutting down.
    pub async fn ready(&self) -> io::Result<()> {
        // Cleared before the ring is drained: what comes after is noticed anew.
        tokio::select! {
            ready = self.lifecycle.readable() => ready?.clear_ready(),
            ready = self.facts.readable() => ready?.clear_ready(),
        }
        Ok(())
    }

    /// Hands on what is there, in order, up to a turn's worth. Says whether there may be more.
    pub fn drain(&mut self, mut handle: impl FnMut(&[u8])) -> bool {
        let begun = clock::boot_time();
        while let Some(record) = self.facts.get_mut().next() {
            self.waiting.push_back((time(&record), Box::from(&*record)));
        }
        if let Some(record) = self.early.take() {
            hand_on(&record, &mut self.waiting, &mut handle);
        }
        for _ in 0..TURN {
            let Some(record) = self.lifecycle.get_mut().next() else {
                while let Some((_, fact)) = self.waiting.pop_front() {
                    handle(&fact);
                }
                return false;
            };
            if time(&record) > begun {
                self.early = Some(Box::from(&*record));
                return true;
            }
            hand_on(&record, &mut self.waiting, &mut handle);
        }
        true
    }
}

/// Hands a lifecycle event on, after the facts that are older. A fact of the same time is the same exec: its lifecycle
/// record goes first.
fn hand_on(record: &[u8], waiting: &mut VecDeque<(u64, Box<[u8]>)>, handle: &mut impl FnMut(&[u8])) {
    let now = time(record);
    while let Some((_, fact)) = waiting.pop_front_if(|(time, _)| *time < now) {
        handle(&fact);
    }
    handle(record);
}

fn watch(ring: RingBuf<MapData>) -> io::Result<AsyncFd<RingBuf<MapData>>> {
    // SAFETY: the ring owns its descriptor and keeps it open until it is dropped, and with it the registration.
    let registered = unsafe { AsyncFd::register_with_interest(ring, Interest::READABLE) };
    registered.map_err(|error| error.into_parts().1)
}

/// When a record was made, if it is long enough to say.
fn time(record: &[u8]) -> u64 {
    record.get(..size_of::<Header>()).map_or(0, |header| bytemuck::pod_read_unaligned::<Header>(header).time)
}
