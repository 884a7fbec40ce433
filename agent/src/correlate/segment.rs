//! What one folder's name says: a container's scope, a pod's slice, or nothing.

use std::borrow::Cow;

use super::Runtime;

/// A container named by a folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named<'a> {
    pub(super) id: &'a str,
    pub(super) runtime: Option<Runtime>,
    /// Where the folder's own name carries the pod: `kubepods-podX.slice:cri-containerd:ID`.
    pub(super) pod: Option<Cow<'a, str>>,
}

impl<'a> Named<'a> {
    pub(super) fn stated(id: &'a str, runtime: Runtime) -> Self {
        Self { id, runtime: Some(runtime), pod: None }
    }
}

/// Prefixes that engines put before the id, in scopes (systemd) and in folders (cgroupfs) alike.
///
/// `libpod-conmon-` and `crio-conmon-` need no row: what follows `libpod-` there is no id.
const PREFIXES: [(&str, Runtime); 6] = [
    ("cri-containerd-", Runtime::Containerd),
    ("nerdctl-", Runtime::Containerd),
    ("crio-", Runtime::CriO),
    ("docker-", Runtime::Docker),
    ("libpod-payload-", Runtime::Podman),
    ("libpod-", Runtime::Podman),
];

/// The container that a folder named `segment` in a folder named `parent` is, if it is one.
pub(super) fn container<'a>(segment: &'a str, parent: &str) -> Option<Named<'a>> {
    if is_id(segment) {
        return Some(Named { id: segment, runtime: engine_of(parent), pod: None });
    }
    if let Some(named) = systemd_style_on_cgroupfs(segment) {
        return Some(named);
    }
    let name = segment.strip_suffix(".scope").unwrap_or(segment);
    PREFIXES.iter().find_map(|(prefix, runtime)| {
        let id = name.strip_prefix(prefix).filter(|id| is_id(id))?;
        Some(Named { id, runtime: Some(*runtime), pod: None })
    })
}

/// `SLICE:PREFIX:ID`, systemd's way of naming a cgroup taken literally by a runtime on the cgroupfs driver.
fn systemd_style_on_cgroupfs(segment: &str) -> Option<Named<'_>> {
    let mut parts = segment.splitn(3, ':');
    let (slice, prefix, id) = (parts.next()?, parts.next()?, parts.next()?);
    if !is_id(id) {
        return None;
    }
    let runtime = PREFIXES.iter().find(|(known, _)| known.strip_suffix('-') == Some(prefix));
    let pod = if is_kubepods(slice) { pod_uid(slice) } else { None };
    Some(Named { id, runtime: runtime.map(|(_, runtime)| *runtime), pod })
}

/// Who names folders by the bare id below a folder of this name.
fn engine_of(parent: &str) -> Option<Runtime> {
    match parent {
        "docker" => Some(Runtime::Docker),
        // containerd's own rule is /NAMESPACE/ID; `default` is the namespace of ctr and nerdctl.
        "default" => Some(Runtime::Containerd),
        _ => None,
    }
}

/// Ids are the 64 lower-case hexadecimal digits of a SHA-256, in every engine that names cgroups by them.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a folder is kubelet's root for pods: `kubepods`, `kubepods.slice`, or with a prefix of the kubelet's
/// own `--cgroup-root`, `kubelet-kubepods.slice`.
pub(super) fn is_kubepods(segment: &str) -> bool {
    match segment.strip_suffix(".slice") {
        Some(slice) => slice.split('-').any(|part| part == "kubepods"),
        None => segment == "kubepods",
    }
}

/// The pod's uid in `pod<uid>` (cgroupfs) or `...-pod<uid with _ for ->.slice` (systemd).
pub(super) fn pod_uid(segment: &str) -> Option<Cow<'_, str>> {
    let uid = match segment.strip_suffix(".slice") {
        Some(slice) => slice.rsplit('-').next()?.strip_prefix("pod")?,
        None => segment.strip_prefix("pod")?,
    };
    if uid.is_empty() {
        None
    } else if segment.ends_with(".slice") {
        Some(Cow::Owned(uid.replace('_', "-")))
    } else {
        Some(Cow::Borrowed(uid))
    }
}
