//! What runtimes write about their containers below `/run`: ids, bundles, cgroups, the names that CRI gave, capabilities.
//!
//! It tells a plain runc container from any other cgroup, and a pause sandbox from a container, which no cgroup
//! path does. Everything here is a hint from the node's own root-owned folders, read again for each container.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use policy::capabilities::Set;

use super::{KnownCgroups, Runtime};

mod parse;
#[cfg(test)]
mod tests;

/// Larger state files are not read: runc's are about 6 KiB, and 40 KiB with a long seccomp profile.
const LARGEST_FILE: u64 = 1 << 20;

/// Containers kept of one scan, about 300 bytes each.
const MOST_ENTRIES: usize = 16_384;

/// What is known of a container from its runtime's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateEntry {
    pub id: Box<str>,
    pub runtime: Runtime,
    /// The container's own folder, as a path below the `--cgroup-root`.
    pub cgroup: Option<Vec<u8>>,
    /// The OCI bundle, where `config.json` is, as the node names it.
    pub bundle: Option<PathBuf>,
    pub names: CriNames,
    /// The bounding set of capabilities that the OCI spec gives it; None where the spec could not be read.
    pub bounding: Option<Set>,
}

/// What a CRI implementation says in the OCI spec's annotations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CriNames {
    /// Whether this is a pod's pause sandbox; `None` where no CRI made the container.
    pub sandbox: Option<bool>,
    /// The container's name in its Pod.
    pub container: Option<Box<str>>,
    pub pod_uid: Option<Box<str>>,
    /// The image as it was asked for.
    pub image: Option<Box<str>>,
}

impl CriNames {
    /// Memory that the names take.
    pub(super) fn bytes(&self) -> usize {
        let Self { sandbox: _, container, pod_uid, image } = self;
        [container, pod_uid, image].into_iter().flatten().map(|name| name.len()).sum()
    }

    /// Reads the annotations of containerd (`io.kubernetes.cri.*`) and CRI-O.
    pub(crate) fn from_annotations(annotations: &BTreeMap<String, String>) -> Self {
        let first = |keys: [&str; 2]| keys.iter().find_map(|key| annotations.get(*key)).map(String::as_str);
        Self {
            sandbox: first(["io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType"])
                .map(|kind| kind == "sandbox"),
            container: first(["io.kubernetes.cri.container-name", "io.kubernetes.container.name"])
                .map(Box::from),
            pod_uid: first(["io.kubernetes.cri.sandbox-uid", "io.kubernetes.pod.uid"]).map(Box::from),
            image: first(["io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName"]).map(Box::from),
        }
    }
}

/// The form of a folder's state files.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// `ID/state.json` of runc.
    Runc,
    /// `ID/status` of crun, with the spec in the bundle.
    Crun,
    /// `ID/config.json`, the bundle of containerd's shim itself.
    Bundle,
}

/// Where containers' folders lie below `/run`, and how their files read. `NS` is a containerd namespace.
const PLACES: [(&str, Form); 5] = [
    ("containerd/runc/NS", Form::Runc),
    ("docker/runtime-runc/NS", Form::Runc),
    ("runc", Form::Runc),
    ("crun", Form::Crun),
    ("containerd/io.containerd.runtime.v2.task/NS", Form::Bundle),
];

/// The containers that runtimes keep state of.
#[derive(Debug)]
pub struct RunState {
    run: PathBuf,
    hierarchy: Vec<u8>,
    entries: HashMap<Box<str>, StateEntry>,
    by_cgroup: HashMap<Vec<u8>, Box<str>>,
}

impl RunState {
    /// Of a host whose `/run` is seen at `run` (in a pod `/proc/1/root/run`), for cgroups below `cgroup_root`.
    /// Nothing is read yet.
    pub fn new(run: &Path, cgroup_root: &Path) -> Self {
        Self {
            run: run.to_owned(),
            hierarchy: parse::in_hierarchy(cgroup_root.as_os_str().as_encoded_bytes())
                .unwrap_or_default()
                .to_vec(),
            entries: HashMap::new(),
            by_cgroup: HashMap::new(),
        }
    }

    /// Reads all containers' files again. What cannot be read is as if it were not there.
    pub fn rescan(&mut self) {
        self.entries.clear();
        self.by_cgroup.clear();
        self.refresh();
    }

    /// Reads the files of containers that are not known yet: for a cgroup that may be one's of any name.
    pub fn refresh(&mut self) {
        for (folder, form) in self.folders() {
            for id in names_in(&folder) {
                if self.entries.len() < MOST_ENTRIES && !self.entries.contains_key(id.as_str()) {
                    self.read(&folder, form, &id);
                }
            }
        }
    }

    /// The container of this id, read from its files if it is new. `id` is one path segment or nothing is found.
    pub fn find(&mut self, id: &str) -> Option<&StateEntry> {
        if !self.entries.contains_key(id) && is_segment(id) {
            for (folder, form) in self.folders() {
                if self.read(&folder, form, id) {
                    break;
                }
            }
        }
        self.entries.get(id)
    }

    /// Drops what is known of a container that is gone.
    pub fn forget(&mut self, id: &str) {
        if let Some(cgroup) = self.entries.remove(id).and_then(|entry| entry.cgroup) {
            self.by_cgroup.remove(&cgroup);
        }
    }

    /// The folders that hold a folder for each container, those with most to say first.
    fn folders(&self) -> Vec<(PathBuf, Form)> {
        let mut found = Vec::new();
        for (place, form) in PLACES {
            match place.strip_suffix("/NS") {
                None => found.push((self.run.join(place), form)),
                Some(above) => {
                    let above = self.run.join(above);
                    found.extend(names_in(&above).map(|namespace| (above.join(namespace), form)));
                }
            }
        }
        found
    }

    /// Reads one container's file; says whether there was one that could be understood.
    fn read(&mut self, folder: &Path, form: Form, id: &str) -> bool {
        let own = folder.join(id);
        let stated = match form {
            Form::Runc => bounded(&own.join("state.json")).and_then(|text| parse::runc(&text)),
            Form::Crun => bounded(&own.join("status")).and_then(|text| parse::crun(&text)),
            Form::Bundle => {
                bounded(&own.join("config.json")).and_then(|text| parse::spec(&text, &self.named(&own)))
            }
        };
        let Some(mut stated) = stated else { return false };
        if let (Form::Crun, Some(bundle)) = (form, &stated.bundle) {
            let config = bounded(&self.seen(bundle).join("config.json"));
            let config = config.and_then(|text| parse::spec(&text, bundle));
            (stated.annotations, stated.bounding) =
                config.map_or_else(Default::default, |spec| (spec.annotations, spec.bounding));
        }
        self.add(id, runtime(folder, &stated.annotations), &stated);
        true
    }

    /// The root of the node, above its `/run`.
    fn root(&self) -> &Path {
        self.run.parent().unwrap_or(Path::new("/"))
    }

    /// Where this process sees what the node names so.
    fn seen(&self, path: &Path) -> PathBuf {
        self.root().join(path.strip_prefix("/").unwrap_or(path))
    }

    /// How the node names what this process sees there.
    fn named(&self, path: &Path) -> PathBuf {
        Path::new("/").join(path.strip_prefix(self.root()).unwrap_or(path))
    }

    fn add(&mut self, id: &str, runtime: Runtime, stated: &parse::Stated) {
        let below = stated.cgroup.as_deref().and_then(|path| path.strip_prefix(&*self.hierarchy));
        let cgroup = below.filter(|path| path.starts_with(b"/")).map(<[u8]>::to_vec);
        if let Some(cgroup) = &cgroup {
            self.by_cgroup.insert(cgroup.clone(), id.into());
        }
        let names = CriNames::from_annotations(&stated.annotations);
        let bounding = stated.bounding;
        let entry =
            StateEntry { id: id.into(), runtime, cgroup, bundle: stated.bundle.clone(), names, bounding };
        self.entries.insert(id.into(), entry);
    }
}

impl KnownCgroups for RunState {
    fn at(&self, folder: &[u8]) -> Option<(&str, Runtime)> {
        let entry = self.entries.get(self.by_cgroup.get(folder)?)?;
        Some((&entry.id, entry.runtime))
    }
}

/// Which engine uses the runtime that keeps its state in `folder`.
fn runtime(folder: &Path, annotations: &BTreeMap<String, String>) -> Runtime {
    let has = |prefix: &str| annotations.keys().any(|key| key.starts_with(prefix));
    let through = |name: &str| folder.components().any(|part| part.as_os_str() == name);
    if through("docker") || (through("containerd") && folder.ends_with("moby")) {
        Runtime::Docker
    } else if through("containerd") {
        Runtime::Containerd
    } else if has("io.kubernetes.cri-o.") {
        Runtime::CriO
    } else if has("io.podman.") || annotations.get("io.container.manager").is_some_and(|by| by == "libpod") {
        Runtime::Podman
    } else {
        Runtime::Runc
    }
}

fn names_in(folder: &Path) -> impl Iterator<Item = String> + use<> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok())
}

/// Whether a name taken from a cgroup's path may be put behind a folder.
fn is_segment(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0'])
}

/// A file's content, unless it is larger than any state file or cannot be read.
fn bounded(path: &Path) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let read = File::open(path).ok()?.take(LARGEST_FILE + 1).read_to_end(&mut text).ok()?;
    (read as u64 <= LARGEST_FILE).then_some(text)
}
