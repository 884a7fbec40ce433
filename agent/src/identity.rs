//! Which container a cgroup is: told by its path, kept in step with the kernel side's maps.

use std::{
    collections::{HashMap, HashSet},
    fs,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    sync::Arc,
};

use agent_common::map::{CapabilityKey, Container, ExecutableKey, Init, SocketKey, container_flag};
use tracing::warn;

use crate::{
    connections::Connections,
    correlate::{
        self, ContainerRef,
        containers::{Containers, Limits},
        resolve::{Resolved, resolve},
        state::RunState,
        tree,
    },
    declarations::Declarations,
    deny::{Denials, Masks},
    load::{connections::KernelMaps, node::Node, tables::Tables},
    observe::facts::Look,
    observed::Due,
    origin::overlay,
};

mod network;
pub mod running;
mod told;

use told::Told;

/// How long a cgroup that looks like no container's may turn out to be one: a plain runc container is told by a state
/// file, which runc writes after it made the cgroup.
const UNDECIDED_NANOSECONDS: u64 = 2_000_000_000;
/// More than these are not asked about again before their time is up.
const ASKED_AGAIN_MAX: usize = 64;
/// As many as map `PENDING` holds.
const UNDECIDED_MAX: usize = agent_common::map::PENDING_MAX as usize;
/// Cgroups of a node: ten thousand containers with four folders each, and room.
const SCAN_MAX: usize = 65_536;

/// What is known of a cgroup.
#[derive(Clone, Debug)]
pub enum Standing {
    Container(Arc<Resolved>),
    /// It may still turn out to be a container.
    Undecided,
    Stranger,
}

/// What a look at all cgroups found.
#[derive(Debug, Default)]
pub struct Scanned {
    /// Containers that were not known, with their folders.
    pub found: Vec<(u64, PathBuf)>,
    /// Cgroups of containers that are not there any more: their removal was lost.
    pub gone: Vec<u64>,
}

/// A container that is there.
#[derive(Clone, Debug)]
pub struct Running {
    pub container: Arc<Resolved>,
    /// What the kernel side knows of it, with its counts.
    pub init: Init,
    /// Why nobody in it is killed.
    pub free: Option<Free>,
}

/// Why nobody is killed in a container, whatever the policies say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Free {
    Sandbox,
    Own,
    NoRoom,
    NotBegun,
}

struct Undecided {
    path: Vec<u8>,
    until: u64,
}

/// All cgroups below the root, and whose they are.
#[expect(missing_debug_implementations, reason = "aya's maps have none")]
pub struct Identity {
    node: Node,
    tables: Tables,
    declarations: Arc<dyn Declarations>,
    denials: Denials,
    connections: Connections<KernelMaps>,
    state: RunState,
    containers: Containers,
    /// The containers that are there, each with its own cgroup.
    live: HashMap<Arc<str>, u64>,
    undecided: HashMap<u64, Undecided>,
    told: Told,
    /// The cgroup that the agent itself runs in: never observed.
    own: Option<u64>,
    /// Containers that the kernel side had no room for: how many in all, and those that are there.
    unobserved: u64,
    untracked: HashSet<u64>,
    scan_wanted: bool,
    /// When all cgroups were looked at last.
    scanned: u64,
}

impl Identity {
    pub fn new(
        node: Node,
        tables: Tables,
        maps: KernelMaps,
        declarations: Arc<dyn Declarations>,
        denials: Denials,
    ) -> Self {
        let state = RunState::new(&node.root.join("run"), &node.cgroup_root);
        let own = own_cgroup(&node);
        let containers = Containers::new(Limits::default());
        let connections = Connections::new(maps, declarations.network());
        Self {
            node,
            tables,
            declarations,
            denials,
            connections,
            state,
            containers,
            live: HashMap::new(),
            undecided: HashMap::new(),
            told: Told::default(),
            own,
            unobserved: 0,
            untracked: HashSet::new(),
            scan_wanted: false,
            scanned: 0,
        }
    }

    /// Whose a cgroup is.
    pub fn of(&mut self, cgroup: u64) -> Standing {
        match self.containers.get(cgroup) {
            Some(container) => Standing::Container(Arc::clone(container)),
            None if self.undecided.contains_key(&cgroup) => Standing::Undecided,
            None => Standing::Stranger,
        }
    }

    /// A cgroup was made, at a path below the hierarchy's root.
    pub fn made(&mut self, cgroup: u64, path: &[u8], now: u64) {
        let Some(path) = path.strip_prefix(self.node.cgroup_path.as_slice()) else { return };
        match correlate::container(path, &self.state) {
            Some(told) => self.take(cgroup, &told, path),
            None if self.undecided.len() < UNDECIDED_MAX => {
                let until = now + UNDECIDED_NANOSECONDS;
                self.undecided.insert(cgroup, Undecided { path: path.to_vec(), until });
                self.told.begin(cgroup);
            }
            None => self.drop_tables(cgroup),
        }
    }

    /// A cgroup was removed. Events of it may still be on their way, so its container stays findable for a while.
    pub fn removed(&mut self, cgroup: u64) {
        self.undecided.remove(&cgroup);
        self.untracked.remove(&cgroup);
        self.drop_tables(cgroup);
        if let Some(container) = self.containers.remove(cgroup) {
            self.live.remove(&container.id);
            self.state.forget(&container.id);
        }
    }

    /// Asks again about cgroups that were no container's at first. Gives those that are nobody's, now that their time
    /// has passed.
    pub fn tick(&mut self, now: u64) -> Vec<u64> {
        let few = self.undecided.len() <= ASKED_AGAIN_MAX;
        let due = |undecided: &Undecided| few || undecided.until <= now;
        let asked: Vec<u64> =
            self.undecided.iter().filter(|(_, one)| due(one)).map(|(cgroup, _)| *cgroup).collect();
        if !asked.is_empty() {
            self.state.refresh();
        }
        let mut strangers = Vec::new();
        for cgroup in asked {
            let Some(Undecided { path, until }) = self.undecided.remove(&cgroup) else { continue };
            match correlate::container(&path, &self.state) {
                Some(told) => self.take(cgroup, &told, &path),
                None if until <= now => strangers.push(cgroup),
                None => drop(self.undecided.insert(cgroup, Undecided { path, until })),
            }
        }
        for stranger in &strangers {
            self.drop_tables(*stranger);
        }
        strangers
    }

    /// Whatever the kernel side keeps of a cgroup that is gone or nobody's.
    fn drop_tables(&mut self, cgroup: u64) {
        self.tables.decided(cgroup);
        let facts = self.told.end(cgroup);
        self.tables.forget(cgroup, &facts.executables, &facts.capabilities, &facts.sockets);
        self.connections.forget(cgroup);
    }

    /// An event came of a cgroup that is not known: the next tick looks for it.
    pub fn scan_soon(&mut self) {
        self.scan_wanted = true;
    }

    /// Whether it is time to look at every cgroup again. Not more often than twice in the time
    /// that an event waits.
    pub fn is_to_be_scanned(&mut self, now: u64) -> bool {
        let due = self.scan_wanted && now.saturating_sub(self.scanned) >= UNDECIDED_NANOSECONDS / 2;
        if due {
            (self.scan_wanted, self.scanned) = (false, now);
        }
        due
    }

    /// Looks at every cgroup there is: at start, and after events about cgroups were lost.
    pub fn scan(&mut self) -> Scanned {
        let scan = match tree::scan(&self.node.cgroup_root, SCAN_MAX) {
            Ok(scan) => scan,
            Err(error) => {
                warn!(%error, root = %self.node.cgroup_root.display(), "cannot list cgroups: containers that were running before the agent are not seen");
                return Scanned::default();
            }
        };
        if scan.truncated {
            warn!(limit = SCAN_MAX, "there are more cgroups than are looked at");
        }
        self.state.rescan();
        let mut scanned = Scanned::default();
        if !scan.truncated {
            let there: HashSet<u64> = scan.folders.iter().map(|folder| folder.id).collect();
            let known = self.live.values().copied();
            scanned.gone = known.filter(|cgroup| !there.contains(cgroup)).collect();
        }
        for folder in scan.folders {
            let known = self.containers.get(folder.id).is_some();
            let Some(told) = correlate::container(&folder.path, &self.state) else { continue };
            if known || told.nested {
                continue;
            }
            scanned.found.push((folder.id, self.folder(&folder.path)));
            self.take(folder.id, &told, &folder.path);
        }
        scanned
    }

    /// The container made its first own exec: by now its runtime has written what it is.
    pub fn started(&mut self, cgroup: u64, init: u32, root_device: u32) {
        let root_is_image = root_is_image(&self.node, init);
        let Some(facts) = self.told.get_mut(cgroup) else { return };
        facts.root_device = Some(root_device);
        facts.init = Some(init);
        facts.root_is_image = root_is_image;
        let Some(path) = self.containers.get(cgroup).map(|container| Arc::clone(&container.path)) else {
            return;
        };
        if let Some(told) = correlate::container(path.as_bytes(), &self.state).filter(|told| !told.nested) {
            self.admit(cgroup, &told, &path);
        }
    }

    /// The kernel side now has this executable in its table.
    pub fn executable(&mut self, key: ExecutableKey) {
        if !self.told.executable(key) {
            self.tables.forget_facts(key.cgroup, &[(key.file, key.task)], &[], &[]);
        }
    }

    /// The same of a capability.
    pub fn capability(&mut self, key: CapabilityKey) {
        if !self.told.capability(key) {
            self.tables.forget_facts(key.cgroup, &[], &[key], &[]);
        }
    }

    /// The same of a call on sockets.
    pub fn socket(&mut self, key: SocketKey) {
        if !self.told.socket(key) {
            self.tables.forget_facts(key.cgroup, &[], &[], &[key]);
        }
    }

    /// The capabilities used in containers.
    pub fn capabilities(&self) -> impl Iterator<Item = &CapabilityKey> {
        self.told.all().flat_map(|facts| &facts.capabilities)
    }

    /// How often one was.
    #[must_use]
    pub fn capability_uses(&self, key: &CapabilityKey) -> Option<u64> {
        self.tables.capability_uses(key)
    }

    /// Whether a superblock is that of the image that the container was made from, if that can be told.
    #[must_use]
    pub fn is_container_root(&self, cgroup: u64, device: u32) -> Option<bool> {
        let facts = self.told.get(cgroup)?;
        Some(facts.root_device? == device && facts.root_is_image)
    }

    /// Whether a container is still there.
    #[must_use]
    pub fn is_live(&self, container: &Resolved) -> bool {
        self.live.contains_key(&container.id)
    }

    /// The pid of the container's init.
    #[must_use]
    pub fn init(&self, cgroup: u64) -> Option<u32> {
        self.told.get(cgroup)?.init
    }

    /// Whether the kernel side has seen, or been told of, a container's first own exec.
    #[must_use]
    pub fn has_begun(&self, cgroup: u64) -> bool {
        self.tables.init(cgroup).is_some()
    }

    /// How to look at a container, which is there since its first own exec was seen.
    pub fn look(&mut self, container: &Resolved, due: Due) -> Option<Look> {
        let Due { cgroup, init_seen, task } = due;
        let bundle = self.state.find(&container.id).and_then(|state| state.bundle.clone());
        Some(Look { init: self.tables.init(cgroup)?, init_seen, task, bundle })
    }

    /// Declarations changed: whose each container is may be another answer now. The kernel side is told of those alone
    /// for which that makes a difference.
    pub fn declarations_changed(&mut self) {
        let Self { containers, state, declarations, denials, live, .. } = self;
        let mut changed = HashSet::new();
        containers.update(|container| {
            let told = correlate::container(container.path.as_bytes(), state)?;
            let resolved = resolve(&told, state.find(&container.id), &**declarations)
                .sharing(&container.id, &container.path);
            let is_told_alike = container.sandbox == resolved.sandbox
                && network::name(container) == network::name(&resolved)
                && denials.reads(container) == denials.reads(&resolved);
            if !is_told_alike {
                changed.extend(live.get(&container.id).copied());
            }
            Some(resolved)
        });
        let (others, left) = self.connections.update(self.declarations.network());
        changed.extend(others);
        for cgroup in changed {
            self.tell_denials(cgroup);
        }
        self.connections.take_away(&left);
    }

    /// Tells the kernel side again what is denied in a container.
    fn tell_denials(&mut self, cgroup: u64) {
        if let Some(container) = self.containers.get(cgroup).cloned() {
            self.track(cgroup, &container);
        }
    }

    /// The containers that are there, each with its own cgroup.
    pub fn running(&mut self) -> Vec<Running> {
        let Self { live, containers, tables, own, untracked, .. } = self;
        let running = |cgroup: &u64| {
            let container = Arc::clone(containers.get(*cgroup)?);
            let init = tables.init(*cgroup);
            let free = match init {
                _ if container.sandbox => Some(Free::Sandbox),
                _ if *own == Some(*cgroup) => Some(Free::Own),
                _ if untracked.contains(cgroup) => Some(Free::NoRoom),
                None => Some(Free::NotBegun),
                Some(_) => None,
            };
            Some(Running { container, init: init.unwrap_or_default(), free })
        };
        live.values().filter_map(running).collect()
    }

    /// What is denied.
    pub fn denials(&mut self) -> &mut Denials {
        &mut self.denials
    }

    /// Containers known, and those given up to keep within bounds.
    #[must_use]
    pub fn size(&self) -> (usize, u64) {
        (self.containers.len(), self.containers.evicted())
    }

    /// Containers that are not observed, for want of room in the kernel's map.
    #[must_use]
    pub fn unobserved(&self) -> u64 {
        self.unobserved
    }

    /// Takes a container's cgroup in. One below the container's own is the container, as far as events of it are on
    /// their way; the kernel side finds the container above it by itself.
    fn take(&mut self, cgroup: u64, told: &ContainerRef, path: &[u8]) {
        if !told.nested {
            return self.admit(cgroup, told, &String::from_utf8_lossy(path).into());
        }
        // The kernel side tells nothing more of it, not even its end.
        let facts = self.told.end(cgroup);
        self.tables.forget_facts(cgroup, &facts.executables, &facts.capabilities, &facts.sockets);
        let Some(&above) = self.live.get(&*told.id) else { return self.tables.decided(cgroup) };
        self.told.adopt(above, &facts);
        self.tables.adopt(cgroup, above);
        if let Some(container) = self.containers.get(above).cloned() {
            self.containers.insert(cgroup, container);
        }
    }

    fn admit(&mut self, cgroup: u64, told: &ContainerRef, path: &Arc<str>) {
        let id = self.live.get_key_value(&*told.id).map(|(id, _)| Arc::clone(id));
        let id = id.unwrap_or_else(|| Arc::from(&*told.id));
        let state = self.state.find(&id);
        let resolved = resolve(told, state, &*self.declarations).sharing(&id, path);
        self.track(cgroup, &resolved);
        self.tables.decided(cgroup);
        self.live.insert(id, cgroup);
        self.told.begin(cgroup);
        self.containers.insert(cgroup, Arc::new(resolved));
    }

    fn track(&mut self, cgroup: u64, resolved: &Resolved) {
        let ignored = resolved.sandbox || self.own == Some(cgroup);
        // Where the node is no container itself, every container's root can be told from it.
        let image_root =
            !self.node.root_is_overlay || self.told.get(cgroup).is_some_and(|facts| facts.root_is_image);
        let masks = if ignored { Masks::default() } else { self.denials.masks(resolved) };
        let tables = self.pod_tables(cgroup, resolved, &masks);
        let Masks { denied, audited } = masks;
        let flag = |is: bool, flag: u32| if is { flag } else { 0 };
        let container = Container {
            cgroup,
            flags: flag(ignored, container_flag::IGNORED) | flag(image_root, container_flag::IMAGE_ROOT),
            denied: denied.execs,
            audited: audited.execs,
            denied_calls: denied.calls,
            audited_calls: audited.calls,
            tables,
            _pad: 0,
            denied_uses: denied.uses,
            audited_uses: audited.uses,
        };
        if let Err(error) = self.tables.track(&container) {
            self.unobserved += 1;
            self.untracked.insert(cgroup);
            warn!(%error, container = &*resolved.id, "the kernel side has no room for this container: it is not observed");
        }
    }

    fn folder(&self, path: &[u8]) -> PathBuf {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

        self.node.cgroup_root.join(OsStr::from_bytes(path.strip_prefix(b"/").unwrap_or(path)))
    }
}

/// Whether a container's root can be told from the node's. On a node that is a container itself, with images unpacked
/// into plain folders of its own overlay, it is a part of that one, which says nothing of the image.
fn root_is_image(node: &Node, init: u32) -> bool {
    !node.root_is_overlay
        || fs::read(format!("/proc/{init}/mountinfo")).is_ok_and(|text| !overlay::root_is_part_of_one(&text))
}

/// The cgroup of this process, if it lies below the root.
fn own_cgroup(node: &Node) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = text.lines().find_map(|line| line.strip_prefix("0::"))?;
    let below = path.as_bytes().strip_prefix(node.cgroup_path.as_slice())?;
    let below = str::from_utf8(below).ok()?.trim_start_matches('/');
    Some(fs::metadata(node.cgroup_root.join(below)).ok()?.ino())
}
