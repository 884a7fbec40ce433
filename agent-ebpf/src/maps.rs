//! The maps, each with the bound that agent-common gives it. The hash maps that grow with what a container does
//! are not preallocated: an idle node pays for what it has.

use agent_common::{
    connections::{Entry, HOSTS_MAX, Host, POD_ADDRESSES_MAX, PORTS_MAX, PREFIXES_MAX, Port, Prefix},
    counter::SLOTS,
    event::{CGROUP_PATH_MAX, Cgroup, Exec, IpBytes, NAME_SIZE},
    map::{
        CAPABILITIES_MAX, CONTAINERS_MAX, CapabilityKey, Container, EXECUTABLES_MAX, ExecutableKey, Init,
        MARKS_MAX, Mark, PENDING_MAX, SOCKETS_MAX, SocketKey,
    },
};
use aya_ebpf::{
    bindings::BPF_F_NO_PREALLOC,
    macros::map,
    maps::{Array, HashMap, LpmTrie, LruHashMap, PerCpuArray, RingBuf},
};

/// Every exec, fork and exit in containers. The size is the loader's to change.
#[map]
pub(crate) static LIFECYCLE: RingBuf = RingBuf::with_byte_size(4 << 20, 0);

/// What is first seen, and cgroups: rare, and never behind the flood of the other ring.
#[map]
pub(crate) static FACTS: RingBuf = RingBuf::with_byte_size(1 << 20, 0);

#[map]
pub(crate) static COUNTERS: PerCpuArray<u64> = PerCpuArray::with_max_entries(SLOTS, 0);

/// Whether denials are carried out: [`agent_common::map::mode`].
#[map]
pub(crate) static MODE: Array<u32> = Array::with_max_entries(1, 0);

/// Cgroups that user space found to be containers.
#[map]
pub(crate) static CONTAINERS: HashMap<u64, Container> =
    HashMap::with_max_entries(CONTAINERS_MAX, BPF_F_NO_PREALLOC);

/// Cgroups just made, until user space has told what they are: their events are sent rather than missed.
#[map]
pub(crate) static PENDING: LruHashMap<u64, u32> = LruHashMap::with_max_entries(PENDING_MAX, 0);

#[map]
pub(crate) static INITS: HashMap<u64, Init> = HashMap::with_max_entries(CONTAINERS_MAX, BPF_F_NO_PREALLOC);

#[map]
pub(crate) static MARKS: LruHashMap<u32, Mark> = LruHashMap::with_max_entries(MARKS_MAX, 0);

#[map]
pub(crate) static EXECUTABLES: HashMap<ExecutableKey, u64> =
    HashMap::with_max_entries(EXECUTABLES_MAX, BPF_F_NO_PREALLOC);

#[map]
pub(crate) static CAPABILITIES: HashMap<CapabilityKey, u64> =
    HashMap::with_max_entries(CAPABILITIES_MAX, BPF_F_NO_PREALLOC);

#[map]
pub(crate) static SOCKETS: HashMap<SocketKey, u64> =
    HashMap::with_max_entries(SOCKETS_MAX, BPF_F_NO_PREALLOC);

/// The tables of where Pods may connect to ([`agent_common::connections`]): an address's set of ports.
#[map]
pub(crate) static HOSTS: HashMap<Host, u32> = HashMap::with_max_entries(HOSTS_MAX, BPF_F_NO_PREALLOC);

#[map]
pub(crate) static PREFIXES: LpmTrie<Prefix, Entry> = LpmTrie::with_max_entries(PREFIXES_MAX, 0);

/// What holds for ports of sets that are not all alike.
#[map]
pub(crate) static PORTS: LpmTrie<Port, u32> = LpmTrie::with_max_entries(PORTS_MAX, 0);

/// The addresses of declared Pods. A value says nothing.
#[map]
pub(crate) static POD_ADDRESSES: HashMap<IpBytes, u32> =
    HashMap::with_max_entries(POD_ADDRESSES_MAX, BPF_F_NO_PREALLOC);

/// Room for the tail of an exec: what is kept never passes the mask, what is read in one call is added to it.
pub(crate) const EXEC_TAIL_MASK: usize = 4095;

/// Where an exec is put together before it goes into a ring: too large for the stack.
#[repr(C)]
pub(crate) struct ExecScratch {
    pub(crate) fixed: Exec,
    pub(crate) tail: [u8; EXEC_TAIL_MASK + 1 + 1024],
}

#[map]
pub(crate) static EXEC_SCRATCH: PerCpuArray<ExecScratch> = PerCpuArray::with_max_entries(1, 0);

#[repr(C)]
pub(crate) struct CgroupScratch {
    pub(crate) fixed: Cgroup,
    pub(crate) tail: [u8; CGROUP_PATH_MAX + NAME_SIZE],
}

#[map]
pub(crate) static CGROUP_SCRATCH: PerCpuArray<CgroupScratch> = PerCpuArray::with_max_entries(1, 0);
