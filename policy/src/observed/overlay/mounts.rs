//! Folders of the node that no volume declares.

mod known;

use serde_json::{Value, json};

use super::comparison::{Comparison, Finding, said};
use super::{Change, Step};
use crate::canonical;
use crate::known::Known;
use crate::observed::{MountSource, OciMount};
use known::{KnownMounts, is_of_the_kernel};

/// So many are laid over: a container that mounts by the thousand is known for what it is by then.
const MOST: usize = 64;

/// With how many folders are not among them.
pub(super) fn changes(case: &Comparison<'_>) -> (Vec<Change>, usize) {
    // Without the specification, the runtime's own mounts are not told from others.
    let Some(spec) = case.spec else { return Default::default() };
    let known = KnownMounts::of(case, spec);
    let mut found: Vec<_> = spec.mounts.iter().filter_map(|mount| told(case, &known, mount)).collect();
    let mounts = case.facts.mounts.as_ref().known().filter(|_| !spec.has_mounting_hooks());
    found.extend(mounts.into_iter().flatten().filter_map(|mount| made(&known, &mount.target, &mount.source)));
    let omitted = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    (found.iter().flat_map(|mount| mount.changes(case)).collect(), omitted)
}

/// A folder of the node in the container.
struct Found<'a> {
    source: &'a str,
    target: &'a str,
    step: Step,
}

/// What the runtime was told to mount and the Pod does not declare. A mount that is declared is never compared by its
/// source: what that is depends on the volume's driver.
fn told<'a>(case: &Comparison<'_>, known: &KnownMounts<'_>, mount: &'a OciMount) -> Option<Found<'a>> {
    if is_given_devices(case.container) || case.node.mount_plugins != Known::Known(false) {
        return None;
    }
    let source = mount.bound().filter(|source| source.starts_with('/'))?;
    let target = mount.destination.as_str();
    let devices = case.node.cdi_targets.as_ref().known()?;
    let is_known = known.declares(target)
        || known.is_of_the_pod(source)?
        || known.is_of_the_root(source)
        || known.is_of_the_network(source, target)
        || is_of_the_kernel(source, target)
        || devices.iter().any(|device| device == target);
    (!is_known).then_some(Found { source, target, step: Step::PodToOci })
}

/// Whether a plugin of the kubelet may have had a say: what it answers when a device is allocated, or prepares for a
/// claim, has mounts that stand nowhere else.
fn is_given_devices(container: &Value) -> bool {
    let resources = &container["resources"];
    let of_lists = ["limits", "requests"].into_iter().filter_map(|list| resources[list].as_object());
    let is_claimed = resources["claims"].as_array().is_some_and(|claims| !claims.is_empty());
    is_claimed || of_lists.flat_map(|list| list.keys()).any(|name| is_extended(name))
}

/// Kubernetes' own resources have no domain, or one of its own (`IsExtendedResourceName` in
/// k8s.io/kubernetes/pkg/apis/core/v1/helper).
fn is_extended(resource: &str) -> bool {
    resource.contains('/') && !resource.contains("kubernetes.io/")
}

/// What was mounted past the runtime, by whomever.
fn made<'a>(known: &KnownMounts<'_>, target: &'a str, source: &'a MountSource) -> Option<Found<'a>> {
    let MountSource::Node(paths) = source else { return None };
    let first = paths.first()?;
    if known.declares(target) || known.was_told(target) {
        return None;
    }
    for path in paths {
        // A part of what the container was given is nothing new, wherever it mounts it.
        if known.gives(path) || known.is_of_the_pod(path)? || is_of_the_kernel(path, target) {
            return None;
        }
    }
    Some(Found { source: first, target, step: Step::OciToKernel })
}

impl Found<'_> {
    /// The volume, and where the container has it. Its name is the same whatever other mounts come and go.
    fn changes(&self, case: &Comparison<'_>) -> [Change; 2] {
        let Self { source, target, step } = self;
        let digest = canonical::digest(&[source, target]).to_string();
        let name = format!("observed-{}-{:.8}", case.name, digest.trim_start_matches("sha256:"));
        let finding = |observed: Value| Finding {
            declared: None,
            observed,
            step: Known::Known(*step),
            reason: match step {
                Step::PodToOci => {
                    format!(
                        "the runtime was told to mount the node's {source} at {target}, which the Pod does not declare"
                    )
                }
                Step::OciToKernel => {
                    format!("the node's {source} was mounted at {target}, past the container runtime")
                }
            },
        };
        let volume = json!({"name": name, "hostPath": {"path": source}});
        let mount = json!({"name": name, "mountPath": target});
        [finding(volume).at("/spec/volumes/-".to_owned()), case.change("volumeMounts/-", finding(mount))]
    }
}

/// The Pod's ids by which its folder goes: its uid, or a static pod's hash.
fn uids(pod: &Value) -> Vec<&str> {
    let metadata = &pod["metadata"];
    let ids = [&metadata["uid"], &metadata["annotations"]["kubernetes.io/config.hash"]];
    ids.into_iter().filter_map(|id| said(id)?.as_str()).filter(|id| !id.is_empty()).collect()
}

#[cfg(test)]
mod tests;
