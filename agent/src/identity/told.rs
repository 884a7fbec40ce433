//! What events told of containers, for as long as their cgroups are there: an event that comes after its cgroup's end
//! leaves nothing.

use std::collections::HashMap;

use agent_common::{
    event::FileId,
    map::{
        CAPABILITIES_PER_CONTAINER, CapabilityKey, EXECUTABLES_PER_CONTAINER, ExecutableKey,
        SOCKETS_PER_CONTAINER, SocketKey,
    },
};

/// Twice what the kernel side lets one container have, since two processors may pass the last place at once.
const EXECUTABLES_MAX: usize = 2 * EXECUTABLES_PER_CONTAINER as usize;
const CAPABILITIES_MAX: usize = 2 * CAPABILITIES_PER_CONTAINER as usize;
const SOCKETS_MAX: usize = 2 * SOCKETS_PER_CONTAINER as usize;

/// What events told of one.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// `s_dev` of its init's root.
    pub(super) root_device: Option<u32>,
    pub(super) init: Option<u32>,
    /// Whether its root is an overlay of its own, so that overlayfs tells the image's files from others.
    pub(super) root_is_image: bool,
    /// What the kernel side has in its table for it: each file, with the kind of task as a number.
    pub(super) executables: Vec<(FileId, u32)>,
    pub(super) capabilities: Vec<CapabilityKey>,
    pub(super) sockets: Vec<SocketKey>,
}

/// Of all cgroups that are containers or may turn out to be.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Boxed, since up to half of a table is room.
    cgroups: HashMap<u64, Box<Facts>>,
}

impl Told {
    /// A cgroup is there, and may be a container's.
    pub(super) fn begin(&mut self, cgroup: u64) {
        self.cgroups.entry(cgroup).or_default();
    }

    /// It is gone, or nobody's.
    pub(super) fn end(&mut self, cgroup: u64) -> Facts {
        self.cgroups.remove(&cgroup).map_or_else(Facts::default, |facts| *facts)
    }

    /// What was told of a cgroup inside a container is the container's, as far as nothing is known of that.
    pub(super) fn adopt(&mut self, container: u64, nested: &Facts) {
        let Some(facts) = self.cgroups.get_mut(&container).filter(|facts| facts.init.is_none()) else {
            return;
        };
        let Facts { root_device, init, root_is_image, executables: _, capabilities: _, sockets: _ } = nested;
        (facts.root_device, facts.init, facts.root_is_image) = (*root_device, *init, *root_is_image);
    }

    pub(super) fn get(&self, cgroup: u64) -> Option<&Facts> {
        self.cgroups.get(&cgroup).map(|facts| &**facts)
    }

    pub(super) fn get_mut(&mut self, cgroup: u64) -> Option<&mut Facts> {
        self.cgroups.get_mut(&cgroup).map(|facts| &mut **facts)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Facts> {
        self.cgroups.values().map(|facts| &**facts)
    }

    /// The kernel side has this in its table. False where nobody will take it out at the cgroup's end.
    pub(super) fn executable(&mut self, key: ExecutableKey) -> bool {
        let Some(facts) = self.cgroups.get_mut(&key.cgroup) else { return false };
        keep(&mut facts.executables, (key.file, key.task), EXECUTABLES_MAX)
    }

    /// The same of a capability.
    pub(super) fn capability(&mut self, key: CapabilityKey) -> bool {
        let Some(facts) = self.cgroups.get_mut(&key.cgroup) else { return false };
        keep(&mut facts.capabilities, key, CAPABILITIES_MAX)
    }

    /// The same of a call on sockets.
    pub(super) fn socket(&mut self, key: SocketKey) -> bool {
        let Some(facts) = self.cgroups.get_mut(&key.cgroup) else { return false };
        keep(&mut facts.sockets, key, SOCKETS_MAX)
    }
}

fn keep<T>(kept: &mut Vec<T>, new: T, most: usize) -> bool {
    let has_room = kept.len() < most;
    if has_room {
        // Most containers have a few for good: a list left to itself has room for twice as many.
        if kept.len() == kept.capacity() {
            kept.reserve_exact(1 + kept.len() / 8);
        }
        kept.push(new);
    }
    has_room
}

#[cfg(test)]
mod tests;
