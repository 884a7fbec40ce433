//! Uses of capabilities, as far as the kernel side tells one from another.

use std::borrow::Cow;

use agent_common::{
    denial::{self, USES},
    event::UserNamespace as Told,
};
use policy::{
    Known,
    capabilities::NAMES,
    event::{Ancestry, Detail, Event, Executable, Origin, Script, UserNamespace},
};

use super::execs::task;

/// The masks of uses that fail, whatever else they are, by whichever program.
pub(super) fn masks(fails: impl Fn(&Event) -> bool) -> [u64; USES] {
    let mut masks = [0; USES];
    for like in likes() {
        for capability in 0..NAMES.len() {
            if like.events(capability).iter().all(&fails) {
                masks[like.mask()] |= 1 << capability;
            }
        }
    }
    masks
}

/// What uses of different capabilities have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Like {
    pub(super) injected: bool,
    pub(super) user_namespace: Told,
}

/// All of them.
pub(super) fn likes() -> impl Iterator<Item = Like> {
    let of_both = [Told::Container, Told::Ancestor, Told::Child];
    [false, true].into_iter().flat_map(move |injected| {
        of_both.into_iter().map(move |user_namespace| Like { injected, user_namespace })
    })
}

impl Like {
    /// Which mask is of these.
    pub(super) fn mask(self) -> usize {
        denial::of_use(self.injected, self.user_namespace)
    }

    /// The namespace that policies see.
    pub(super) fn seen(self) -> UserNamespace {
        match self.user_namespace {
            Told::Container => UserNamespace::Container,
            Told::Ancestor => UserNamespace::Ancestor,
            Told::Child => UserNamespace::Child,
        }
    }

    /// What policies see of the use of a capability. The kernel side knows nothing of the program, so that all else is
    /// Unknown, and there may be a script.
    fn events(self, capability: usize) -> [Event; 2] {
        let script = Script { path: Known::Unknown, origin: Origin::Unknown };
        [None, Some(script)].map(|script| Event {
            task: Known::Known(task(self.injected)),
            executable: Executable { path: Known::Unknown, origin: Origin::Unknown, script },
            ancestry: Ancestry::default(),
            uid: Known::Unknown,
            gid: Known::Unknown,
            detail: Detail::CapabilityUse {
                capability: Known::Known(Cow::Borrowed(NAMES[capability])),
                user_namespace: Known::Known(self.seen()),
            },
        })
    }
}

#[cfg(test)]
mod tests;
