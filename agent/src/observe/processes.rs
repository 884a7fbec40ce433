//! Who descends from whom, kept at fork: by the time of an exec the parent may be gone.

use std::{collections::HashMap, sync::Arc};

use policy::event::Ancestor;

/// How many ancestors an event names.
pub const ANCESTORS_MAX: usize = 8;
/// Live processes of all containers together: twice what a node's default `kernel.pid_max` lets 110 pods have.
/// At about 100 bytes each this is 6 MiB.
pub const PROCESSES_MAX: usize = 65_536;

/// What a process runs, and what ran before it in its line.
#[derive(Debug)]
struct Image {
    own: Arc<Ancestor>,
    /// The parent's image first, at most [`ANCESTORS_MAX`].
    before: Arc<[Arc<Ancestor>]>,
}

/// The live processes of containers.
#[derive(Debug, Default)]
pub struct Processes {
    images: HashMap<u32, Arc<Image>>,
    refused: u64,
}

impl Processes {
    /// A child begins with its parent's image.
    pub fn fork(&mut self, parent: u32, child: u32) {
        match self.images.get(&parent).cloned() {
            Some(image) => self.keep(child, image),
            // A number used again must not keep what its last owner ran.
            None => drop(self.images.remove(&child)),
        }
    }

    /// A process takes on a new image; what it ran before becomes its first ancestor.
    ///
    /// Where its fork was not seen, `parent` says whose line it goes on.
    pub fn exec(&mut self, pid: u32, parent: u32, own: Ancestor) {
        let previous = self.images.get(&pid).or_else(|| self.images.get(&parent));
        let before = match previous {
            Some(image) => {
                let line = std::iter::once(&image.own).chain(image.before.iter());
                line.take(ANCESTORS_MAX).cloned().collect()
            }
            None => Arc::from([]),
        };
        self.keep(pid, Arc::new(Image { own: Arc::new(own), before }));
    }

    /// A process is gone. Its children keep their line.
    pub fn exit(&mut self, pid: u32) {
        self.images.remove(&pid);
    }

    /// The ancestors of a process, its parent's image first.
    pub fn ancestors(&self, pid: u32) -> impl Iterator<Item = &Ancestor> {
        self.images.get(&pid).into_iter().flat_map(|image| image.before.iter().map(|ancestor| &**ancestor))
    }

    /// Live processes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.images.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// Processes that were not kept since the table was full.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }

    fn keep(&mut self, pid: u32, image: Arc<Image>) {
        if self.images.len() < PROCESSES_MAX || self.images.contains_key(&pid) {
            self.images.insert(pid, image);
        } else {
            self.refused += 1;
        }
    }
}

#[cfg(test)]
mod tests;
