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
    since: u64,
    /// The parent's image first, at most [`ANCESTORS_MAX`]; at its end an unknown one, where the line was not seen
    /// from its beginning.
    before: Arc<[Arc<Ancestor>]>,
}

#[derive(Clone, Debug)]
struct Process {
    cgroup: u64,
    image: Arc<Image>,
}

/// One exec.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub cgroup: u64,
    pub pid: u32,
    pub parent: u32,
    /// By the kernel's clock: an exec has a record in each ring.
    pub time: u64,
    /// Nothing of the container ran before it: it is the container's init.
    pub first: bool,
}

/// The live processes of containers.
#[derive(Debug, Default)]
pub struct Processes {
    images: HashMap<u32, Process>,
    refused: u64,
}

impl Processes {
    /// A child begins with its parent's image.
    pub fn fork(&mut self, parent: u32, child: u32) {
        match self.images.get(&parent).cloned() {
            Some(process) => self.keep(child, process),
            // A number used again must not keep what its last owner ran.
            None => drop(self.images.remove(&child)),
        }
    }

    /// A process takes on a new image; what it ran before becomes its first ancestor. A container's line begins with its
    /// init, whatever the runtime ran in that task before.
    ///
    /// Where its fork was not seen, its parent says whose line it goes on; where that one is not known either, the
    /// line begins with an unknown.
    pub fn exec(&mut self, step: Step, own: Arc<Ancestor>) {
        let previous = self.images.get(&step.pid).or_else(|| self.images.get(&step.parent));
        let before = match previous {
            _ if step.first => Arc::from([]),
            Some(Process { image, .. }) => {
                let line = std::iter::once(&image.own).chain(image.before.iter());
                line.take(ANCESTORS_MAX).cloned().collect()
            }
            None => Arc::from([Arc::new(Ancestor::UNKNOWN)]),
        };
        let image = Arc::new(Image { own, since: step.time, before });
        self.keep(step.pid, Process { cgroup: step.cgroup, image });
    }

    /// Whether a process is known to run what it began to run at this time.
    #[must_use]
    pub fn has_run(&self, pid: u32, since: u64) -> bool {
        self.images.get(&pid).is_some_and(|process| process.image.since == since)
    }

    /// A cgroup is gone, or nobody's: no process of it is left to be asked about.
    pub fn forget(&mut self, cgroup: u64) {
        self.images.retain(|_, process| process.cgroup != cgroup);
    }

    /// A process is gone. Its children keep their line.
    pub fn exit(&mut self, pid: u32) {
        self.images.remove(&pid);
    }

    /// What a process runs, if its exec was seen.
    #[must_use]
    pub fn running(&self, pid: u32) -> Option<&Arc<Ancestor>> {
        self.images.get(&pid).map(|process| &process.image.own)
    }

    /// The ancestors of a process, its parent's image first.
    pub fn ancestors(&self, pid: u32) -> impl Iterator<Item = &Ancestor> {
        self.images
            .get(&pid)
            .into_iter()
            .flat_map(|process| process.image.before.iter().map(|ancestor| &**ancestor))
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

    fn keep(&mut self, pid: u32, process: Process) {
        if self.images.len() < PROCESSES_MAX || self.images.contains_key(&pid) {
            self.images.insert(pid, process);
        } else {
            self.refused += 1;
        }
    }
}

#[cfg(test)]
mod tests;
