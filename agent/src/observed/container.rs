//! What is kept of one container between looks.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use policy::Known;
use policy::capabilities::Set;
use policy::observed::{CapabilitySets, Facts, Namespaces};

use super::Ids;
use super::image::Image;
use super::kept::Kept;
use crate::declarations::Pod;
use crate::observe::facts::{Credentials, Looked};

/// A container whose tasks run under more pairs of ids than these is not looked at for further ones.
pub(super) const PAIRS_MAX: usize = 16;
/// After so many looks that showed nothing new, further ones follow after 2, then 4, then 8 seconds.
pub(super) const UNCHANGED_MIN: u32 = 4;
const RESTS_MAX: u32 = 3;
/// Contradictions of one container that are told, each once.
pub(super) const TOLD_MAX: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Container {
    pub(super) init_seen: u64,
    /// At its first exec, where that was seen.
    pub(super) first: Option<Ids>,
    /// Effective ids of tasks that were looked at, or are about to be, each with the task. The first exec's come first,
    /// and without it.
    pub(super) pairs: Vec<((u32, u32), Option<u32>)>,
    /// Capabilities that its own tasks had at an exec, all of them together.
    pub(super) permitted: u64,
    /// The id that root goes by outside, from the first look on.
    pub(super) root: Option<u32>,
    pub(super) credentials: Option<Credentials>,
    /// Of which namespaces that its specification names it is known whose they are: a sandbox that ends takes its paths
    /// with it.
    pub(super) joined: Namespaces,
    /// How often it had used what lets it change what it may do.
    pub(super) uses: u64,
    /// Looks in a row that showed nothing new.
    pub(super) unchanged: u32,
    /// Until when further uses make no look.
    pub(super) rests_until: u64,
    pub(super) turn: Turn,
    pub(super) task: Option<(u32, u64)>,
    /// What it was held against last.
    pub(super) pod: Option<Arc<Pod>>,
    /// Of a container whose Pod pins its image.
    pub(super) image: Option<Box<Image>>,
    pub(super) contradictions: Kept,
    /// What tells what it was held against last, and how it contradicted that.
    pub(super) outcome: Option<u64>,
    pub(super) told: Vec<u64>,
}

/// Whether a contradiction is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    News,
    Again,
    /// It would be, if not so many were already.
    NoRoom,
}

/// Where a container is between looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Turn {
    #[default]
    Idle,
    /// In the queue.
    Waits,
    /// Being looked at; `again` if something happened since that was asked.
    Asked { again: bool },
}

impl Container {
    /// Root is looked for however many other ids came before.
    pub(super) fn is_new(&self, effective: (u32, u32)) -> bool {
        let has = |is_it: &dyn Fn((u32, u32)) -> bool| self.pairs.iter().any(|(ids, _)| is_it(*ids));
        match self.pairs.len() < PAIRS_MAX {
            true => !has(&|ids| ids == effective),
            false => self.root == Some(effective.0) && !has(&|(uid, _)| uid == effective.0),
        }
    }

    /// Notes what a task was permitted at its exec. Whether it is more than any before it had, which can be as often as
    /// there are capabilities.
    pub(super) fn is_permitted_more(&mut self, permitted: u64) -> bool {
        let before = self.permitted;
        self.permitted |= permitted;
        self.permitted != before
    }

    /// How long, in nanoseconds, further uses make no look: programs such as sshd use them all the time and never change
    /// their container.
    pub(super) fn rest(&self) -> u64 {
        match self.unchanged.saturating_sub(UNCHANGED_MIN) {
            0 => 0,
            more => 1_000_000_000 << more.min(RESTS_MAX),
        }
    }

    /// A look showed something new.
    pub(super) fn changed(&mut self) {
        (self.unchanged, self.rests_until) = (0, 0);
    }

    /// Takes down that this is told.
    pub(super) fn tell(&mut self, hash: u64) -> Telling {
        if self.told.contains(&hash) {
            return Telling::Again;
        }
        if self.told.len() >= TOLD_MAX {
            return Telling::NoRoom;
        }
        self.told.push(hash);
        Telling::News
    }

    /// What any of its tasks was seen to have counts, since children have no more than their parents have.
    pub(super) fn facts(&mut self, looked: &Looked) -> Facts {
        let known = [self.credentials, looked.credentials];
        self.credentials = known.into_iter().flatten().reduce(Credentials::either);
        let permitted = self.permitted;
        let with_executed =
            |known: Credentials| Credentials { permitted: known.permitted | permitted, ..known };
        let credentials = self.credentials.map(with_executed);
        self.root = looked.facts.uid_map.as_ref().known().and_then(|map| map.outside(0)).or(self.root);
        self.joined = first_known(self.joined, looked.facts.joined);
        let of = |id: fn(Ids) -> u32| self.first.map_or(Known::Unknown, |ids| Known::Known(id(ids)));
        Facts {
            capabilities: credentials.map_or(Known::Unknown, |credentials| sets(credentials).into()),
            no_new_privileges: credentials.map_or(Known::Unknown, |of| of.no_new_privileges.into()),
            seccomp: credentials.map_or(Known::Unknown, |of| of.seccomp.into()),
            uid: of(|ids| ids.uid),
            gid: of(|ids| ids.gid),
            effective_uids: self.pairs.iter().map(|((uid, _), _)| *uid).collect(),
            joined: self.joined,
            ..looked.facts.clone()
        }
    }
}

fn first_known(before: Namespaces, now: Namespaces) -> Namespaces {
    let either = |before: Known<bool>, now| if before == Known::Unknown { now } else { before };
    Namespaces {
        pid: either(before.pid, now.pid),
        ipc: either(before.ipc, now.ipc),
        network: either(before.network, now.network),
        user: either(before.user, now.user),
    }
}

pub(super) fn sets(credentials: Credentials) -> CapabilitySets {
    CapabilitySets { permitted: names(credentials.permitted), bounding: names(credentials.bounding) }
}

fn names(bits: u64) -> BTreeSet<Cow<'static, str>> {
    Set::from_bits(bits).names().map(Cow::Borrowed).collect()
}
