//! Loading the programs into the kernel and attaching them.

use std::{collections::HashMap, fs, io, os::fd::AsFd};

use agent_common::{
    counter::{Class, Denial, Outcome, SLOTS, denial_slot, slot},
    map::mode,
    offset::ABSENT,
};
use aya::{
    Ebpf, EbpfLoader,
    maps::{self, Array, Map, MapData, MapError, PerCpuArray, RingBuf},
    programs::{ProgramError, RawTracePoint, links::PinnedLink, raw_trace_point::RawTracePointLinkId},
};
use thiserror::Error;
use tracing::warn;

pub mod connections;
#[cfg(feature = "ebpf-log")]
mod diagnostics;
pub mod node;
pub mod offsets;
pub mod pins;
pub mod sockets;
mod symbols;
pub mod tables;

use node::Node;

/// The eBPF object, aligned as its ELF headers ask.
static PROGRAMS: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/programs"));

/// The programs that observe, with the raw tracepoint each is attached to. Those that tell whose a task is come
/// first, so that no exec is seen before its container can be known.
pub const OBSERVERS: [(&str, &str); 8] = [
    ("cgroup_made", "cgroup_mkdir"),
    ("cgroup_removed", "cgroup_rmdir"),
    ("cgroup_entered", "cgroup_attach_task"),
    ("fork", "sched_process_fork"),
    ("exit", "sched_process_exit"),
    ("exec", "sched_process_exec"),
    ("capability", "cap_capable"),
    ("tcp_state", "inet_sock_set_state"),
];

/// The map that says whether denials are carried out.
const MODE: &str = "MODE";

/// Sizes of the rings in bytes: powers of two and multiples of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingSizes {
    pub lifecycle: u32,
    pub facts: u32,
}

/// Why the programs are not at work.
#[derive(Debug, Error)]
pub enum LoadError {
    #[error(transparent)]
    Offsets(#[from] offsets::OffsetError),
    #[error(
        "the kernel refused the programs' maps or object; the agent must be root with CAP_BPF and CAP_PERFMON, and lockdown may stand in the way (`plumb-agent probe`)"
    )]
    Object(#[source] Box<aya::EbpfError>),
    #[error("the kernel refused program `{program}`")]
    Program { program: &'static str, source: Box<ProgramError> },
    #[error("the programs do not fit this agent: `{0}` is missing")]
    Incomplete(&'static str),
    #[error("map `{map}`")]
    Map { map: &'static str, source: Box<MapError> },
    #[error("no further descriptor of map `{MODE}` can be had")]
    Descriptor(#[source] io::Error),
}

/// Whether denials are carried out, which others may change at any time.
#[expect(missing_debug_implementations, reason = "aya's maps have none")]
pub struct Mode(Array<MapData, u32>);

impl Mode {
    /// What it is now. What cannot be read is not enforced.
    #[must_use]
    pub fn is_enforcing(&self) -> bool {
        self.0.get(&0, 0).is_ok_and(|value| value == mode::ENFORCE)
    }
}

/// The programs in the kernel. They detach when this is dropped, but for those that are pinned.
#[derive(Debug)]
pub struct Programs {
    ebpf: Ebpf,
    /// Of the programs that are attached and not pinned.
    links: HashMap<&'static str, RawTracePointLinkId>,
    on_cgroup: HashMap<&'static str, sockets::Attached>,
    pinned: Vec<PinnedLink>,
    /// Whether the kernel told where the functions are that ask for capabilities by themselves.
    tells_checks: bool,
}

impl Programs {
    /// Creates the maps and hands the programs what they need to know of this kernel and node. Nothing is
    /// attached yet.
    ///
    /// # Errors
    /// No BTF, or the kernel refuses the maps.
    pub fn load(node: &Node, rings: RingSizes) -> Result<Self, LoadError> {
        let offsets = offsets::resolve()?;
        if offsets.contains(&("OVL_ENTRY_NUMLOWER", ABSENT)) {
            warn!(
                "this kernel does not describe overlayfs as the programs read it (6.5 or newer, module loaded): origins on overlayfs stay unknown"
            );
        }
        let silent_checks = symbols::silent_checks();
        let mut loader = EbpfLoader::new();
        // No relocation needs the kernel's types, and parsing them costs 23 MB.
        loader.btf(None);
        for (global, offset) in &offsets {
            loader.override_global(global, offset, true);
        }
        loader
            .override_global("NODE_MOUNT_NAMESPACE", &node.mount_namespace, true)
            .override_global("NODE_ROOT_INODE", &node.root_inode, true)
            .override_global("NODE_ROOT_DEVICE", &node.root_device, true)
            .override_global("CGROUP_ROOT", &node.cgroup_id, true)
            .override_global("CGROUP_ROOT_LEVEL", &node.cgroup_level, true)
            .override_global("SILENT_CHECKS", &silent_checks, true)
            .map_max_entries("LIFECYCLE", rings.lifecycle)
            .map_max_entries("FACTS", rings.facts);
        let ebpf = loader.load(PROGRAMS).map_err(|error| LoadError::Object(Box::new(error)))?;
        Ok(Self {
            ebpf,
            links: HashMap::new(),
            on_cgroup: HashMap::new(),
            pinned: Vec::new(),
            tells_checks: silent_checks[0] != 0,
        })
    }

    /// Attaches the observers, in their order. Those that this kernel refuses are given back with the reason:
    /// what they would have seen is not seen, and the rest goes on.
    pub fn attach(&mut self) -> Vec<(&'static str, LoadError)> {
        let attach = |(program, tracepoint)| Some((program, self.attach_one(program, tracepoint).err()?));
        OBSERVERS.into_iter().filter_map(attach).collect()
    }

    /// Attaches one program to a raw tracepoint.
    ///
    /// # Errors
    /// The verifier or the tracepoint refuses it.
    pub fn attach_one(&mut self, program: &'static str, tracepoint: &str) -> Result<(), LoadError> {
        let refused = |source| LoadError::Program { program, source: Box::new(source) };
        let found: &mut RawTracePoint = self
            .ebpf
            .program_mut(program)
            .ok_or(LoadError::Incomplete(program))?
            .try_into()
            .map_err(refused)?;
        found.load().map_err(refused)?;
        let link = found.attach(tracepoint).map_err(refused)?;
        self.links.insert(program, link);
        Ok(())
    }

    /// Why nobody is killed by the kernel side for the use of a capability, if so. Asked before anything is pinned.
    #[must_use]
    pub fn why_no_uses(&self) -> Option<&'static str> {
        if !self.links.contains_key("capability") {
            return Some("this kernel does not show uses of capabilities");
        }
        (!self.tells_checks).then_some(
            "the kernel does not tell which checks of capabilities are meant (CAP_SYSLOG, kernel.kptr_restrict)",
        )
    }

    /// Whether denials are carried out.
    ///
    /// # Errors
    /// The map cannot be read.
    pub fn is_enforcing(&self) -> Result<bool, LoadError> {
        let map = self.ebpf.map(MODE).ok_or(LoadError::Incomplete(MODE))?;
        let read = Array::<_, u32>::try_from(map).and_then(|array| array.get(&0, 0));
        Ok(read.map_err(|source| LoadError::Map { map: MODE, source: Box::new(source) })? == mode::ENFORCE)
    }

    /// The mode, for who asks of it often.
    ///
    /// # Errors
    /// The map is not there, or no descriptor is left.
    pub fn mode(&self) -> Result<Mode, LoadError> {
        let refused = |source| LoadError::Map { map: MODE, source: Box::new(source) };
        let Some(Map::Array(map)) = self.ebpf.map(MODE) else { return Err(LoadError::Incomplete(MODE)) };
        let descriptor = map.fd().as_fd().try_clone_to_owned().map_err(LoadError::Descriptor)?;
        let map = MapData::from_fd(descriptor).map_err(refused)?;
        Ok(Mode(Array::try_from(Map::Array(map)).map_err(refused)?))
    }

    /// From the next exec on, denials are carried out.
    ///
    /// # Errors
    /// The map cannot be written.
    pub fn enforce(&mut self) -> Result<(), LoadError> {
        let map = self.ebpf.map_mut(MODE).ok_or(LoadError::Incomplete(MODE))?;
        let written = Array::<_, u32>::try_from(map).and_then(|mut array| array.set(0, mode::ENFORCE, 0));
        written.map_err(|source| LoadError::Map { map: MODE, source: Box::new(source) })
    }

    /// Detaches and unloads the observers, but for those that are pinned. The maps stay.
    pub fn detach(&mut self) {
        self.links.clear();
        for (name, _) in OBSERVERS {
            let program: Option<&mut RawTracePoint> =
                self.ebpf.program_mut(name).and_then(|program| program.try_into().ok());
            // One that was not loaded says so; there is nothing to take away.
            let _ = program.map(RawTracePoint::unload);
        }
        self.unload_from_cgroup();
    }

    /// Takes a ring out.
    ///
    /// # Errors
    /// The object has no such ring.
    pub fn ring(&mut self, map: &'static str) -> Result<RingBuf<MapData>, LoadError> {
        RingBuf::try_from(self.take(map)?).map_err(|source| LoadError::Map { map, source: Box::new(source) })
    }

    /// Takes a hash map out, its keys and values as the bytes that agent-common lays out.
    ///
    /// # Errors
    /// The object has no such map, or one of another shape.
    pub fn hash<const K: usize, const V: usize>(
        &mut self,
        map: &'static str,
    ) -> Result<maps::HashMap<MapData, [u8; K], [u8; V]>, LoadError> {
        maps::HashMap::try_from(self.take(map)?)
            .map_err(|source| LoadError::Map { map, source: Box::new(source) })
    }

    /// The same of a map of prefixes.
    ///
    /// # Errors
    /// As above.
    pub fn trie<const K: usize, const V: usize>(
        &mut self,
        map: &'static str,
    ) -> Result<maps::LpmTrie<MapData, [u8; K], [u8; V]>, LoadError> {
        maps::LpmTrie::try_from(self.take(map)?)
            .map_err(|source| LoadError::Map { map, source: Box::new(source) })
    }

    /// Takes the counters out.
    ///
    /// # Errors
    /// The object has none.
    pub fn counters(&mut self) -> Result<Counters, LoadError> {
        let map = "COUNTERS";
        let array = PerCpuArray::try_from(self.take(map)?)
            .map_err(|source| LoadError::Map { map, source: Box::new(source) })?;
        Ok(Counters { array })
    }

    /// The object itself, to try its empty programs out.
    pub(crate) fn ebpf_mut(&mut self) -> &mut Ebpf {
        &mut self.ebpf
    }

    fn take(&mut self, map: &'static str) -> Result<Map, LoadError> {
        self.ebpf.take_map(map).ok_or(LoadError::Incomplete(map))
    }

    /// How often the kernel did not run a program that was due, since one was at work on that CPU
    /// (`recursion_misses`, kernel/bpf/syscall.c `bpf_prog_show_fdinfo` since 5.12).
    ///
    /// # Errors
    /// /proc cannot be read.
    pub fn missed(&self) -> io::Result<Vec<(String, u64)>> {
        let mut missed = Vec::new();
        for (name, program) in self.ebpf.programs() {
            let Ok(fd) = program.fd() else { continue };
            let fd = std::os::fd::AsRawFd::as_raw_fd(&fd.as_fd());
            let text = fs::read_to_string(format!("/proc/self/fdinfo/{fd}"))?;
            missed.push((name.to_owned(), field(&text, "recursion_misses").unwrap_or(0)));
        }
        Ok(missed)
    }
}

fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.trim().parse().ok())
}

/// The kernel side's own counts.
#[expect(missing_debug_implementations, reason = "aya's maps have none")]
pub struct Counters {
    array: PerCpuArray<MapData, u64>,
}

impl Counters {
    /// All counters, summed over CPUs.
    ///
    /// # Errors
    /// The kernel refuses to read the map.
    pub fn read(&self) -> Result<Counts, MapError> {
        let mut counts = Counts::default();
        for (index, total) in (0..).zip(&mut counts.slots) {
            *total = self.array.get(&index, 0)?.iter().sum();
        }
        Ok(counts)
    }
}

/// A snapshot of the kernel side's counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    slots: [u64; SLOTS as usize],
}

impl Default for Counts {
    fn default() -> Self {
        Self { slots: [0; SLOTS as usize] }
    }
}

impl Counts {
    #[must_use]
    pub fn of(&self, class: Class, outcome: Outcome) -> u64 {
        self.slots[slot(class, outcome) as usize]
    }

    /// What was done about execs that masks deny.
    #[must_use]
    pub fn denials(&self, denial: Denial) -> u64 {
        self.slots[denial_slot(denial) as usize]
    }

    #[cfg(test)]
    pub(crate) fn with(mut self, class: Class, outcome: Outcome, number: u64) -> Self {
        self.slots[slot(class, outcome) as usize] = number;
        self
    }
}

#[cfg(test)]
mod tests;
