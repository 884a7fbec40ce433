//! From a container's cgroup to its place in a Pod.

use std::sync::Arc;

use policy::capabilities::Set;
use policy::event::{Capabilities, Container, Image};
use policy::record::{Owner, Subject, SubjectContainer};
use policy::{Known, capabilities};

use super::state::{CriNames, StateEntry};
use super::{ContainerRef, Runtime, segment};
use crate::declarations::{Declarations, DeclaredContainer, Pod, root_owner};

#[cfg(test)]
mod tests;

/// A container with all that is known of whose it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    pub id: Arc<str>,
    pub runtime: Option<Runtime>,
    /// The path of its cgroup below the root, as whoever resolves it knows it.
    pub path: Arc<str>,
    /// Whether it is a pod's pause container, which is nobody's workload and is not judged.
    pub sandbox: bool,
    /// Whether its cgroup or its runtime says that there is a Pod, declared here or not.
    pub of_a_pod: bool,
    pub pod: Option<Arc<Pod>>,
    /// Its place in [`Pod::containers`]; `None` if the Pod does not say which it is.
    pub index: Option<usize>,
    /// What made the Pod.
    pub owner: Option<Owner>,
    /// What the runtime says where there is no Pod to ask.
    names: CriNames,
    /// The bounding set of its OCI spec.
    bounding: Option<Set>,
}

/// Finds the Pod and the container's place in it.
///
/// The Pod is the one whose `metadata.uid` the cgroup names, else the static pod of that `config.hash`, else the one
/// whose status lists the container. In it, the container is the one of that id in the status, else the one of the
/// name in the OCI annotations, else the only one, else not known.
pub fn resolve(
    reference: &ContainerRef,
    state: Option<&StateEntry>,
    declarations: &dyn Declarations,
) -> Resolved {
    let names = state.map(|state| state.names.clone()).unwrap_or_default();
    let uid = reference.pod_uid.as_deref().or(names.pod_uid.as_deref());
    let by_uid = |uid: &str| declarations.pod_by_uid(uid).or_else(|| declarations.pod_by_config_hash(uid));
    let pod = uid.and_then(by_uid).or_else(|| declarations.pod_by_container_id(&reference.id));
    let sandbox = names.sandbox == Some(true);
    let index = pod.as_ref().filter(|_| !sandbox).and_then(|pod| place(pod, &reference.id, &names));
    let declared = pod.as_ref().zip(index).map(|(pod, index)| &pod.containers[index]);
    Resolved {
        id: Arc::from(&*reference.id),
        runtime: runtime(reference, state, declared),
        path: Arc::default(),
        sandbox,
        of_a_pod: uid.is_some() || pod.is_some(),
        owner: pod.as_ref().and_then(|pod| owner(pod, declarations)),
        index,
        pod,
        names,
        bounding: state.and_then(|state| state.bounding),
    }
}

/// Where in the Pod a container is.
fn place(pod: &Pod, id: &str, names: &CriNames) -> Option<usize> {
    let by_id = |container: &DeclaredContainer| {
        container.running.as_ref().is_some_and(|(_, running)| &**running == id)
    };
    if let Some(index) = pod.containers.iter().position(by_id) {
        return Some(index);
    }
    if let Some(name) = &names.container {
        return pod.containers.iter().position(|container| *container.name == **name);
    }
    // A status that gives the only container another id leaves open whether this is a restart or the sandbox.
    matches!(&*pod.containers, [only] if only.running.is_none()).then_some(0)
}

/// The engine rather than the runtime below it, from whichever source says it.
fn runtime(
    reference: &ContainerRef,
    state: Option<&StateEntry>,
    declared: Option<&DeclaredContainer>,
) -> Option<Runtime> {
    let of_status = || declared.and_then(|container| container.running.as_ref()?.0);
    reference.runtime.or_else(of_status).or_else(|| state.map(|state| state.runtime))
}

fn owner(pod: &Pod, declarations: &dyn Declarations) -> Option<Owner> {
    root_owner(pod, declarations).map(|owner| Owner { kind: owner.kind, name: owner.name })
}

impl Resolved {
    /// The same, with the path of its cgroup, and its id in the one text that all tables share.
    #[must_use]
    pub fn sharing(self, id: &Arc<str>, path: &Arc<str>) -> Self {
        Self { id: Arc::clone(id), path: Arc::clone(path), ..self }
    }

    /// The container as its Pod declares it, if it is known which it is.
    pub fn declared(&self) -> Option<&DeclaredContainer> {
        self.pod.as_ref()?.containers.get(self.index?)
    }

    /// Whether a Pod is expected that no declaration is there for yet: worth waiting for.
    pub fn is_awaited(&self) -> bool {
        self.of_a_pod && self.pod.is_none() && !self.sandbox
    }

    /// What expressions see, on a node with these capabilities. It is not kept: it is read when something is first seen
    /// of a container, while of ten thousand containers it would take more than all else here.
    pub fn container(&self, full: Set) -> Container {
        Container {
            name: known(self.name()),
            kind: self.declared().map_or(Known::Unknown, |declared| declared.kind.into()),
            id: self.id.to_string(),
            runtime: known(self.runtime.map(|runtime| runtime.as_str().to_owned())),
            image: self.image(),
            capabilities: self.capabilities(full),
        }
    }

    /// A container of a Pod whose declaration, or place in it, is not known may use what is not known.
    fn capabilities(&self, full: Set) -> Capabilities {
        let runtime = capabilities::Runtime { bounding: self.bounding, full };
        match self.declared() {
            Some(declared) => capabilities::of(Some(&declared.security), runtime),
            None if self.of_a_pod => Capabilities::default(),
            None => capabilities::of(None, runtime),
        }
    }

    /// What a record is about.
    pub fn subject(&self) -> Subject {
        // A manifest that no API server has seen has no uid; it is then no Pod that a record could name.
        let pod = self.pod.as_ref().and_then(|pod| {
            let uid = pod.uid.clone().or_else(|| pod.config_hash.clone())?;
            Some(policy::record::Pod { name: Arc::clone(&pod.name), uid })
        });
        Subject::Container {
            namespace: self.pod.as_ref().map(|pod| Arc::clone(&pod.namespace)),
            pod,
            owner: self.owner.clone(),
            container: SubjectContainer {
                name: known(self.name()),
                id: Arc::clone(&self.id),
                image: self.image(),
            },
        }
    }

    /// Its name in the Pod, else the one that CRI gave, else the one that a person gave to runc or ctr as its id.
    fn name(&self) -> Option<String> {
        let declared = self.declared().map(|declared| declared.name.to_string());
        let annotated = || self.names.container.as_deref().map(str::to_owned);
        let given = || (!self.of_a_pod && !segment::is_id(&self.id)).then(|| self.id.to_string());
        declared.or_else(annotated).or_else(given)
    }

    fn image(&self) -> Image {
        let declared = self.declared();
        let reference =
            declared.and_then(|declared| declared.image.as_deref()).or(self.names.image.as_deref());
        Image {
            reference: known(reference.map(str::to_owned)),
            digest: known(declared.and_then(|declared| declared.digest.as_deref()).map(str::to_owned)),
        }
    }

    /// Memory that this takes, the Pod aside, which is shared.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.id.len() + self.path.len() + self.names.bytes() + 128
    }
}

impl Resolved {
    /// A container of which nothing is known.
    pub(crate) fn nobody() -> Self {
        Self::of_id("")
    }

    /// A container of which only the id is known.
    pub(crate) fn of_id(id: &str) -> Self {
        let names = CriNames::default();
        let (runtime, pod, index, owner) = (None, None, None, None);
        Self {
            id: id.into(),
            runtime,
            path: Arc::default(),
            sandbox: false,
            of_a_pod: false,
            pod,
            index,
            owner,
            names,
            bounding: None,
        }
    }
}

fn known<T>(value: Option<T>) -> Known<T> {
    value.map_or(Known::Unknown, Known::Known)
}
