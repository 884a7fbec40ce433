//! What the kernel shows of a container, read from /proc: credentials, ids, labels, namespaces, mounts; and beside it
//! what its runtime was told.
//!
//! Only tasks of the container's own are looked at, each held by its folder in /proc, and what is read of one that is in
//! another user or mount namespace than the container is no fact of the container. What cannot be read is Unknown.

use std::path::PathBuf;

use agent_common::map::Init;
use policy::Known;
use policy::observed::{Facts, Label, Namespaces as Shared, OciSpec};

use crate::load::node::{self, Node};

mod additions;
mod cdi;
mod descendants;
mod ids;
mod joined;
mod label;
mod modules;
mod mounts;
mod plugins;
pub(crate) mod process;
mod shim;
mod spec;
mod status;
#[cfg(test)]
mod tests;

use additions::Additions;
use modules::Modules;
use mounts::{Mounts, NodeMountinfo};
use process::Process;
pub use status::Credentials;

/// Larger texts of mounts are not read: 4,096 of ordinary length fit.
const CONTAINER_MOUNTINFO_MAX: u64 = 1 << 20;

/// Which tasks of a container are looked at.
#[derive(Clone, Debug)]
pub struct Look {
    /// Its first process, and the namespaces and the root that it had at its first exec inside.
    pub init: Init,
    /// A time by CLOCK_BOOTTIME at which that process was there.
    pub init_seen: u64,
    /// Another task of its own, and a time at which it was there.
    pub task: Option<(u32, u64)>,
    /// Where its runtime keeps its OCI specification, as the node names it.
    pub bundle: Option<PathBuf>,
}

/// What a look showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Looked {
    /// Of the tasks looked at that are in the container's user namespace.
    pub credentials: Option<Credentials>,
    /// Everything but credentials, and but the ids of its first exec, which only that exec tells.
    pub facts: Facts,
    pub spec: Option<OciSpec>,
    /// Where the node's CDI specifications mount something.
    pub cdi_targets: Known<Vec<String>>,
    /// Whether plugins of the runtime may add mounts.
    pub mount_plugins: Known<bool>,
}

/// What looking needs to know of the node.
#[derive(Debug)]
pub struct Reader {
    proc: PathBuf,
    node_root: PathBuf,
    mountinfo: NodeMountinfo,
    additions: additions::Kept,
    namespaces: node::Namespaces,
    modules: Modules,
}

impl Reader {
    #[must_use]
    pub fn new(node: &Node) -> Self {
        Self {
            proc: PathBuf::from("/proc"),
            node_root: node.root.clone(),
            mountinfo: NodeMountinfo::new(node.mountinfo.clone()),
            additions: additions::Kept::default(),
            namespaces: node.namespaces,
            modules: Modules::read(&node.root.join("sys")),
        }
    }

    /// Looks at a container's tasks, at this time by CLOCK_BOOTTIME. None where none of them is there any more.
    #[must_use]
    pub fn look(&mut self, look: &Look, now: u64) -> Option<Looked> {
        let init = Process::open(&self.proc, look.init.pid, look.init_seen);
        let task = look.task.and_then(|(pid, seen)| Process::open(&self.proc, pid, seen));
        if init.is_none() && task.is_none() {
            return None;
        }
        let tasks = [&init, &task].into_iter().flatten();
        let credentials = tasks.filter_map(|process| Self::credentials(process, &look.init));
        let credentials = credentials.reduce(Credentials::either);
        let facts = init.as_ref().map(|init| self.facts(init, &look.init)).unwrap_or_default();
        let spec = look.bundle.as_deref().and_then(|bundle| spec::read(&self.node_root, bundle));
        let joined = spec.as_ref().map(|spec| joined::of(spec, &self.node_root, self.namespaces));
        let runs_here =
            look.bundle.as_deref().and_then(|bundle| shim::runs_here(&self.node_root, bundle, spec.as_ref()));
        let Additions { cdi_targets, mount_plugins } =
            self.additions.of(look.init_seen, now, &self.node_root, &self.proc);
        Some(Looked {
            credentials,
            facts: Facts { runs_here: known(runs_here), joined: joined.unwrap_or_default(), ..facts },
            spec,
            cdi_targets,
            mount_plugins,
        })
    }

    /// A task that made a user namespace has all capabilities there, and never comes back from it: one that is in the
    /// container's after the reading was there before it.
    fn credentials(process: &Process, container: &Init) -> Option<Credentials> {
        let credentials = Credentials::parse(&process.small("status")?)?;
        (process.namespace("user")? == container.user_namespace).then_some(credentials)
    }

    fn facts(&mut self, init: &Process, container: &Init) -> Facts {
        let map = |name: &str| known(init.small(name).and_then(|text| ids::parse(&text)));
        let mounts = Self::mounts(init, container);
        let sources = mounts.as_ref().and_then(|mounts| mounts.sources(&mut self.mountinfo));
        Facts {
            uid_map: map("uid_map"),
            gid_map: map("gid_map"),
            apparmor: Self::label(self.modules.apparmor, init, "attr/apparmor/current"),
            selinux: Self::label(self.modules.selinux, init, "attr/current"),
            namespaces: self.shared(init, container),
            descended: self.descended(container),
            root_writable: known(mounts.as_ref().and_then(|mounts| mounts.is_writable("/"))),
            sys_writable: known(mounts.as_ref().map(|mounts| mounts.is_writable("/sys") == Some(true))),
            masked: known(mounts.as_ref().map(Mounts::masked)),
            mounts: known(sources),
            ..Facts::default()
        }
    }

    fn label(module: Known<bool>, process: &Process, file: &str) -> Known<Label> {
        match module {
            Known::Unknown => Known::Unknown,
            Known::Known(false) => Label::Off.into(),
            Known::Known(true) => {
                let text = process.small(file);
                known(text.as_deref().and_then(label::label).map(|label| Label::On(label.to_owned())))
            }
        }
    }

    /// Which namespaces the container has from the node. The user namespace is the one that the kernel side saw: the
    /// process may have made one of its own since.
    fn shared(&self, init: &Process, container: &Init) -> Shared {
        let user = known(self.namespaces.user.map(|user| user == container.user_namespace));
        Shared { user, ..self.shared_by(|kind, node| Some(init.namespace(kind)? == node)) }
    }

    /// Which of the node's any task that descends from its first process went to.
    fn descended(&self, container: &Init) -> Shared {
        let tasks = descendants::of(&self.proc, container.pid);
        let is_there = |task: &Process, kind: &str, node| task.namespace(kind) == Some(node);
        self.shared_by(|kind, node| Some(tasks.iter().any(|task| is_there(task, kind, node))))
    }

    fn shared_by(&self, is_shared: impl Fn(&str, u32) -> Option<bool>) -> Shared {
        let node::Namespaces { pid, ipc, network, user: _ } = self.namespaces;
        let of = |kind: &str, node: Option<u32>| known(node.and_then(|node| is_shared(kind, node)));
        Shared { pid: of("pid", pid), ipc: of("ipc", ipc), network: of("net", network), user: Known::Unknown }
    }

    /// The container's mounts as its first process sees them, unless that one went to another mount namespace or root.
    fn mounts(init: &Process, container: &Init) -> Option<Mounts> {
        let in_place = || {
            init.namespace("mnt") == Some(container.mount_namespace)
                && init.root() == Some((container.root_device, container.root_inode))
        };
        let text = in_place().then(|| init.read("mountinfo", CONTAINER_MOUNTINFO_MAX))??;
        in_place().then(|| Mounts::parse(&text))?
    }
}

fn known<T>(value: Option<T>) -> Known<T> {
    value.map_or(Known::Unknown, Known::Known)
}
