//! Mounts that need no explanation.

use std::borrow::Cow;

use super::uids;
use crate::observed::overlay::comparison::Comparison;
use crate::observed::{OciMount, OciSpec};

/// What a Pod and a specification say of a container's mounts.
pub(super) struct KnownMounts<'a> {
    spec: &'a OciSpec,
    /// `mountPath` and `devicePath`.
    declared: Vec<Cow<'a, str>>,
    uids: Vec<&'a str>,
    is_of_the_nodes_network: bool,
}

impl<'a> KnownMounts<'a> {
    pub(super) fn of(case: &Comparison<'a>, spec: &'a OciSpec) -> Self {
        let paths = [("volumeMounts", "mountPath"), ("volumeDevices", "devicePath")];
        let declared = paths.into_iter().flat_map(|(list, field)| {
            let entries = case.container[list].as_array().into_iter().flatten();
            entries.filter_map(move |entry| entry[field].as_str()).map(plain)
        });
        Self {
            spec,
            declared: declared.collect(),
            uids: uids(case.pod),
            is_of_the_nodes_network: case.pod["spec"]["hostNetwork"] == true,
        }
    }

    /// Whether the Pod declares a mount there or above: what is mounted inside a volume comes with it.
    pub(super) fn declares(&self, target: &str) -> bool {
        let target = plain(target);
        self.declared.iter().any(|declared| is_within(&target, declared))
    }

    /// Whether the runtime was told of a mount there, or to bind something above.
    pub(super) fn was_told(&self, target: &str) -> bool {
        let target = plain(target);
        self.spec.mounts.iter().any(|mount| {
            let destination = plain(&mount.destination);
            target == destination || mount.bound().is_some() && is_within(&target, &destination)
        })
    }

    /// Whether the runtime was told to bind this path of the node, or one above.
    pub(super) fn gives(&self, path: &str) -> bool {
        let path = plain(path);
        let mut sources = self.spec.mounts.iter().filter_map(OciMount::bound);
        sources.any(|source| is_within(&path, &plain(source)))
    }

    /// Whether a path of the node is in the container's root: CRI-O binds the image's own cryptographic policy over its
    /// default one where the node is in FIPS mode.
    pub(super) fn is_of_the_root(&self, path: &str) -> bool {
        let root = self.spec.root.as_ref().map_or("", |root| root.path.trim_end_matches('/'));
        root.starts_with('/')
            && is_within(&plain(path), &plain(root))
            && !path.split('/').any(|name| name == "..")
    }

    /// Whether it is the node's list of hosts in its place, which a Pod in the node's network gets from CRI-O where the
    /// kubelet gives it none.
    pub(super) fn is_of_the_network(&self, source: &str, target: &str) -> bool {
        self.is_of_the_nodes_network && source == "/etc/hosts" && plain(target) == "/etc/hosts"
    }

    /// Whether a path of the node is in the folder that the kubelet keeps of the Pod, or in one that a runtime keeps
    /// of a container or sandbox. None where it cannot be told, since the Pod has no uid.
    pub(super) fn is_of_the_pod(&self, path: &str) -> Option<bool> {
        let names: Vec<&str> = path.split('/').collect();
        if names.contains(&"..") {
            return Some(false);
        }
        // Such as /var/lib/kubelet/pods/UID/volumes, wherever the kubelet's root is.
        let is_pods = |pair: &[&str]| pair[0] == "pods" && self.uids.contains(&pair[1]);
        // Such as /run/containerd/io.containerd.grpc.v1.cri/sandboxes/ID/shm.
        let is_runtimes = |pair: &[&str]| STATE.contains(&pair[0]) && is_id(pair[1]);
        let pairs = || names.windows(2);
        if pairs().any(is_runtimes) {
            return Some(true);
        }
        (!self.uids.is_empty()).then(|| pairs().any(is_pods))
    }
}

/// Folders in which containerd, CRI-O and docker keep one for each container.
const STATE: [&str; 3] = ["sandboxes", "containers", "overlay-containers"];

fn is_id(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether both are in folders that are the kernel's own: masks, control groups, device nodes, shared memory.
pub(super) fn is_of_the_kernel(source: &str, target: &str) -> bool {
    let is_kernels = |path: &str| ["/dev", "/proc", "/sys"].iter().any(|folder| is_within(path, folder));
    is_kernels(&plain(source)) && is_kernels(&plain(target))
}

fn is_within(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Links that most systems have, by what they lead to: the kernel shows a mount where it is, and Pods name it by the
/// link.
const LINKS: [(&str, &str); 6] = [
    ("/var/run", "/run"),
    ("/var/lock", "/run/lock"),
    ("/bin", "/usr/bin"),
    ("/sbin", "/usr/sbin"),
    ("/lib", "/usr/lib"),
    ("/lib64", "/usr/lib64"),
];

/// A path with a slash at its beginning, none at its end, without names that lead nowhere, and without those links.
fn plain(path: &str) -> Cow<'_, str> {
    let trimmed = path.trim_end_matches('/');
    let leads_nowhere = |name: &str| name.is_empty() || name == ".";
    let absolute = match trimmed.strip_prefix('/') {
        Some(names) if !names.split('/').any(leads_nowhere) => Cow::Borrowed(trimmed),
        _ => {
            let names: Vec<_> = trimmed.split('/').filter(|name| !leads_nowhere(name)).collect();
            Cow::Owned(format!("/{}", names.join("/")))
        }
    };
    let through = |(link, to): &(&str, &str)| {
        let rest = absolute.strip_prefix(link).filter(|_| is_within(&absolute, link))?;
        Some(format!("{to}{rest}"))
    };
    match LINKS.iter().find_map(through) {
        Some(path) => Cow::Owned(path),
        None => absolute,
    }
}

#[cfg(test)]
mod tests;
