//! A declared Pod, and the parts of it that correlation and origin ask for.

use std::sync::Arc;

use policy::event::{ContainerKind, VolumeKind};
use serde_json::Value;

use super::workload::{OwnerRef, controller, namespace};
use crate::correlate::Runtime;

#[cfg(test)]
mod tests;

/// A Pod as declared, with its status if the source has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Pod {
    pub namespace: Arc<str>,
    pub name: Arc<str>,
    /// Absent in a manifest that no API server has seen.
    pub uid: Option<Arc<str>>,
    /// `kubernetes.io/config.hash` of a static pod's mirror.
    pub config_hash: Option<Arc<str>>,
    pub owner: Option<OwnerRef>,
    /// Of all three lists: containers, initContainers, ephemeralContainers.
    pub containers: Vec<DeclaredContainer>,
    /// The object, unchanged.
    pub object: Value,
}

/// A container of a Pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredContainer {
    pub name: Arc<str>,
    pub kind: ContainerKind,
    pub image: Option<Arc<str>>,
    /// `sha256:<hex>`: the one that the image reference pins, else the one that the status says was pulled.
    pub digest: Option<Arc<str>>,
    /// The runtime and id that the status gives the running container.
    pub running: Option<(Option<Runtime>, Arc<str>)>,
    pub mounts: Vec<Mount>,
    /// Its `securityContext`, null where it has none.
    pub security: Value,
}

/// A volume mounted into a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// `mountPath`, without a slash at its end.
    pub path: Box<str>,
    /// The volume's name in the Pod.
    pub volume: Box<str>,
    /// Absent where the Pod names no such volume, or gives it no source.
    pub kind: Option<VolumeKind>,
}

impl Pod {
    /// Reads an object of kind Pod; `None` if it is of another kind or has no name.
    pub fn from_object(object: &Value) -> Option<Self> {
        if object["kind"] != "Pod" {
            return None;
        }
        let (metadata, spec) = (&object["metadata"], &object["spec"]);
        let lists = ["containers", "initContainers", "ephemeralContainers"];
        let containers = lists.iter().flat_map(|list| {
            let of_list = spec[*list].as_array().into_iter().flatten();
            of_list.filter_map(|container| declared(object, list, container))
        });
        Some(Self {
            namespace: namespace(metadata),
            name: metadata["name"].as_str()?.into(),
            uid: metadata["uid"].as_str().map(Arc::from),
            config_hash: metadata["annotations"]["kubernetes.io/config.hash"].as_str().map(Arc::from),
            owner: controller(metadata),
            containers: containers.collect(),
            object: object.clone(),
        })
    }
}

fn declared(pod: &Value, list: &str, container: &Value) -> Option<DeclaredContainer> {
    let name = container["name"].as_str()?;
    let status = status(pod, list, name);
    let pulled = status.and_then(|status| status["imageID"].as_str());
    let image = container["image"].as_str();
    let digest = image.and_then(digest).or_else(|| pulled.and_then(digest));
    let mounts = container["volumeMounts"].as_array().into_iter().flatten();
    Some(DeclaredContainer {
        name: name.into(),
        kind: kind(list, container),
        image: image.map(Arc::from),
        digest: digest.map(Arc::from),
        running: status.and_then(|status| status["containerID"].as_str()).and_then(running),
        mounts: mounts.filter_map(|mount| mounted(pod, mount)).collect(),
        security: container["securityContext"].clone(),
    })
}

/// The status entry of a container; its list's name differs from the spec's.
fn status<'a>(pod: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    let list = match list {
        "initContainers" => "initContainerStatuses",
        "ephemeralContainers" => "ephemeralContainerStatuses",
        _ => "containerStatuses",
    };
    pod["status"][list].as_array()?.iter().find(|status| status["name"] == name)
}

fn kind(list: &str, container: &Value) -> ContainerKind {
    match list {
        "initContainers" if container["restartPolicy"] == "Always" => ContainerKind::Sidecar,
        "initContainers" => ContainerKind::Init,
        "ephemeralContainers" => ContainerKind::Ephemeral,
        _ => ContainerKind::Container,
    }
}

/// Splits `containerd://<id>`.
fn running(container_id: &str) -> Option<(Option<Runtime>, Arc<str>)> {
    let (scheme, id) = container_id.split_once("://").filter(|(_, id)| !id.is_empty())?;
    Some((Runtime::from_scheme(scheme), id.into()))
}

impl DeclaredContainer {
    /// The digest of its image, where the reference pins one.
    #[must_use]
    pub fn pinned(&self) -> Option<&str> {
        self.image.as_deref().and_then(digest)
    }
}

/// The digest of `repository[:tag]@sha256:<hex>`.
fn digest(reference: &str) -> Option<&str> {
    reference.rsplit_once('@').map(|(_, digest)| digest).filter(|digest| digest.starts_with("sha256:"))
}

fn mounted(pod: &Value, mount: &Value) -> Option<Mount> {
    let path = mount["mountPath"].as_str()?;
    let volume = mount["name"].as_str()?;
    Some(Mount {
        path: path.trim_end_matches('/').into(),
        volume: volume.into(),
        kind: volume_kind(pod, volume),
    })
}

/// The key beside `name` in the volume: a volume has exactly one source.
fn volume_kind(pod: &Value, name: &str) -> Option<VolumeKind> {
    let volumes = pod["spec"]["volumes"].as_array()?;
    let volume = volumes.iter().find(|volume| volume["name"] == name)?.as_object()?;
    let source = volume.keys().find(|key| *key != "name")?;
    Some(VolumeKind::declared(source.clone()))
}
