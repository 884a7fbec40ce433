//! The maps through which user space tells the programs what it knows, and reads what they counted.

use agent_common::{
    event::{FileId, Task},
    map::{CapabilityKey, Container, ExecutableKey, Init, Mark, SocketKey},
};
use aya::maps::{HashMap, MapData, MapError};

use super::{LoadError, Programs};

/// include/uapi/linux/bpf.h: only where there is none yet.
const BPF_NOEXIST: u64 = 1;

/// Writing ends of the maps. A map that is full is an error; what the map then lacks is not tracked.
#[expect(missing_debug_implementations, reason = "aya's maps have none")]
pub struct Tables {
    containers: HashMap<MapData, [u8; 8], [u8; size_of::<Container>()]>,
    pending: HashMap<MapData, [u8; 8], [u8; 4]>,
    inits: HashMap<MapData, [u8; 8], [u8; size_of::<Init>()]>,
    marks: HashMap<MapData, [u8; 4], [u8; 4]>,
    executables: HashMap<MapData, [u8; size_of::<ExecutableKey>()], [u8; 8]>,
    capabilities: HashMap<MapData, [u8; size_of::<CapabilityKey>()], [u8; 8]>,
    sockets: HashMap<MapData, [u8; size_of::<SocketKey>()], [u8; 8]>,
}

impl Tables {
    /// # Errors
    /// The object lacks a map or has it in another shape.
    pub fn take(programs: &mut Programs) -> Result<Self, LoadError> {
        Ok(Self {
            containers: programs.hash("CONTAINERS")?,
            pending: programs.hash("PENDING")?,
            inits: programs.hash("INITS")?,
            marks: programs.hash("MARKS")?,
            executables: programs.hash("EXECUTABLES")?,
            capabilities: programs.hash("CAPABILITIES")?,
            sockets: programs.hash("SOCKETS")?,
        })
    }

    /// Events of this cgroup are wanted, or, if it is to be ignored, are not; and what is denied in it.
    ///
    /// # Errors
    /// There are as many containers as the map holds.
    pub fn track(&mut self, container: &Container) -> Result<(), MapError> {
        self.containers.insert(container.cgroup.to_ne_bytes(), bytes(container), 0)
    }

    /// User space has told what this cgroup is.
    pub fn decided(&mut self, cgroup: u64) {
        // It may have been evicted already.
        let _ = self.pending.remove(&cgroup.to_ne_bytes());
    }

    /// What the kernel side saw of a container at its first exec of its own, with what it counted since.
    pub fn init(&self, cgroup: u64) -> Option<Init> {
        self.inits.get(&cgroup.to_ne_bytes(), 0).ok().map(bytemuck::cast)
    }

    /// What the first own exec would have told of a container that was running before. What an exec told stays, with
    /// its counts.
    ///
    /// # Errors
    /// The map is full, or has it already.
    pub fn seed_init(&mut self, cgroup: u64, init: &Init) -> Result<(), MapError> {
        self.inits.insert(cgroup.to_ne_bytes(), bytes(init), BPF_NOEXIST)
    }

    /// # Errors
    /// The map refuses.
    pub fn mark(&mut self, pid: u32, task: Task) -> Result<(), MapError> {
        self.marks.insert(pid.to_ne_bytes(), bytes(&Mark { task: task as u32 }), 0)
    }

    /// A cgroup turned out to lie in a container: what was noted of it before that is the container's.
    pub fn adopt(&mut self, nested: u64, container: u64) {
        if let Ok(init) = self.inits.get(&nested.to_ne_bytes(), 0) {
            // The container may have had its first exec elsewhere already.
            let _ = self.inits.insert(container.to_ne_bytes(), init, BPF_NOEXIST);
            let _ = self.inits.remove(&nested.to_ne_bytes());
        }
        self.decided(nested);
    }

    /// How often a capability was used.
    pub fn capability_uses(&self, key: &CapabilityKey) -> Option<u64> {
        self.capabilities.get(&bytes(key), 0).ok().map(u64::from_ne_bytes)
    }

    /// How often a call on sockets was made.
    pub fn socket_uses(&self, key: &SocketKey) -> Option<u64> {
        self.sockets.get(&bytes(key), 0).ok().map(u64::from_ne_bytes)
    }

    /// A container is gone.
    pub fn forget(
        &mut self,
        cgroup: u64,
        executables: &[(FileId, u32)],
        capabilities: &[CapabilityKey],
        sockets: &[SocketKey],
    ) {
        // Each may be absent: a container that executed nothing has no init.
        let _ = self.containers.remove(&cgroup.to_ne_bytes());
        let _ = self.inits.remove(&cgroup.to_ne_bytes());
        self.forget_facts(cgroup, executables, capabilities, sockets);
    }

    /// What was first seen of a container is not kept count of any more.
    pub fn forget_facts(
        &mut self,
        cgroup: u64,
        executables: &[(FileId, u32)],
        capabilities: &[CapabilityKey],
        sockets: &[SocketKey],
    ) {
        for (file, task) in executables {
            let key = ExecutableKey { cgroup, file: *file, task: *task, _pad: 0 };
            let _ = self.executables.remove(&bytes(&key));
        }
        for key in capabilities {
            let _ = self.capabilities.remove(&bytes(key));
        }
        for key in sockets {
            let _ = self.sockets.remove(&bytes(key));
        }
    }
}

fn bytes<T: bytemuck::NoUninit, const N: usize>(value: &T) -> [u8; N] {
    bytemuck::cast(*value)
}
