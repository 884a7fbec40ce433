//! Which container a cgroup belongs to, told from the cgroup's path.
//!
//! Paths are those of the unified hierarchy, relative to the agent's `--cgroup-root`. A node that is itself a
//! container (kind's are: `/docker/<id>/kubelet/kubepods/...`) must therefore be given its own folder as the
//! root, or everything in it is seen as one container: the outermost container owns all that lies below it,
//! because what is below is made by whoever is inside.

pub mod containers;
pub(crate) mod lru;
pub mod resolve;
mod segment;
pub mod state;
pub mod tree;

#[cfg(test)]
mod tests;

use segment::Named;

/// The program that made a container, as far as its cgroup or its state files say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Runtime {
    Containerd,
    CriO,
    Docker,
    Podman,
    /// runc, or a runtime with its command line, used without an engine above it.
    Runc,
}

impl Runtime {
    /// The name as policies and records say it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Containerd => "containerd",
            Self::CriO => "cri-o",
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Runc => "runc",
        }
    }

    /// The runtime that a `status.containerStatuses[].containerID` names before its `://`.
    pub fn from_scheme(scheme: &str) -> Option<Self> {
        match scheme {
            "containerd" => Some(Self::Containerd),
            "cri-o" => Some(Self::CriO),
            "docker" => Some(Self::Docker),
            "podman" => Some(Self::Podman),
            _ => None,
        }
    }
}

/// A container as its cgroup's path shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerRef {
    /// The runtime's id: 64 hexadecimal digits, or the name given to runc or ctr.
    pub id: Box<str>,
    /// Absent where the path does not say: kubelet's cgroupfs driver names folders by the bare id.
    pub runtime: Option<Runtime>,
    /// The pod's uid (dashes restored), or a static pod's `kubernetes.io/config.hash`.
    pub pod_uid: Option<Box<str>>,
    /// How many bytes of the path name the container's own folder.
    pub folder: usize,
    /// Whether the path goes on below the container's own folder.
    pub nested: bool,
}

/// Containers whose cgroup follows no naming rule, known from what their runtime wrote elsewhere.
pub trait KnownCgroups {
    /// The id and runtime of the container whose own folder is exactly `folder` (`/name`, as in the path).
    fn at(&self, folder: &[u8]) -> Option<(&str, Runtime)>;
}

/// For callers that have no runtime state to consult.
#[derive(Debug, Clone, Copy)]
pub struct NoneKnown;

impl KnownCgroups for NoneKnown {
    fn at(&self, _folder: &[u8]) -> Option<(&str, Runtime)> {
        None
    }
}

/// The container that owns the cgroup at `path`, or `None` if it is no container's.
///
/// Pod folders, slices and the conmon scopes beside containers are not containers.
pub fn container(path: &[u8], known: &dyn KnownCgroups) -> Option<ContainerRef> {
    let mut parent = "";
    let mut kubelet = false;
    let mut pod_uid = None;
    for (segment, end) in segments(path) {
        let text = std::str::from_utf8(segment).unwrap_or_default();
        let stated = known.at(&path[..end]).map(|(id, runtime)| Named::stated(id, runtime));
        if let Some(named) = segment::container(text, parent).or(stated) {
            return Some(ContainerRef {
                id: named.id.into(),
                runtime: named.runtime,
                pod_uid: named.pod.map(Box::from).or(pod_uid),
                folder: end,
                nested: path[end..].iter().any(|byte| *byte != b'/'),
            });
        }
        kubelet |= segment::is_kubepods(text);
        if kubelet && let Some(uid) = segment::pod_uid(text) {
            pod_uid = Some(uid.into());
        }
        parent = text;
    }
    None
}

/// The non-empty segments of a path, each with the offset at which it ends.
fn segments(path: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let mut end = 0;
    path.split(|byte| *byte == b'/').filter_map(move |segment| {
        let start = end;
        end += segment.len() + 1;
        (!segment.is_empty()).then_some((segment, start + segment.len()))
    })
}
