//! The fields that a verdict depends on, each with all its values. A field that is not read has one value, which stands
//! for all.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{ContainerReads, NotTabulated};
use crate::capabilities::NAMES;
use crate::event::{
    Ancestry, Args, Detail, Event, EventKind, Executable, Family, Origin, Script, Socket, SocketCall, Task,
    UserNamespace, VolumeKind,
};
use crate::known::Known;
use crate::set::Policy;

/// The axes of a table. A row is one value of each.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axes {
    tasks: Vec<Known<Task>>,
    origins: Vec<Origin>,
    scripts: Vec<Option<Origin>>,
    details: Vec<Detail>,
    /// What of details is told apart.
    capabilities: bool,
    user_namespaces: bool,
    families: bool,
    permitted: bool,
    /// Kinds of volume are not: all programs in volumes are one.
    volumes: bool,
}

/// Which fields are read.
#[derive(Default)]
struct Reads {
    task: bool,
    origin: bool,
    volume: bool,
    script: bool,
    capability: bool,
    user_namespace: bool,
    family: bool,
    permitted: bool,
    container: ContainerReads,
    others: BTreeSet<String>,
}

impl Reads {
    fn of(policy: &Policy) -> Self {
        let validations = policy.validations.iter().map(|validation| &validation.expression);
        let mut reads = Self::default();
        for expression in policy.conditions.iter().chain(validations) {
            for path in &expression.reads {
                reads.note(path);
            }
        }
        reads
    }

    fn note(&mut self, path: &[String]) {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["event", "kind"] | ["params", ..] => {}
            ["event", "task"] => self.task = true,
            ["event", "executable", "origin"] => self.origin = true,
            ["event", "executable", "volume"] => self.volume = true,
            // Whether there is one.
            ["event", "executable", "script"] | ["event", "executable", "script", "origin"] => {
                self.script = true;
            }
            ["event", "executable", "script", "volume"] => (self.script, self.volume) = (true, true),
            ["event", "capability"] => self.capability = true,
            ["event", "userNamespace"] => self.user_namespace = true,
            ["event", "socket", "family"] => self.family = true,
            ["event", "socket", "permitted"] => self.permitted = true,
            ["container", rest @ ..] => self.container.note(rest.first().copied()),
            _ => drop(self.others.insert(names.join("."))),
        }
    }
}

/// The axes of a policy, and what it reads of its container.
pub(super) fn of(policy: &Policy, volumes: &[VolumeKind]) -> Result<(Axes, ContainerReads), NotTabulated> {
    if policy.kinds().is_empty() {
        return Err(NotTabulated::Resources);
    }
    let reads = Reads::of(policy);
    if !reads.others.is_empty() {
        return Err(NotTabulated::Reads(reads.others.into_iter().collect()));
    }
    let mut details = Vec::new();
    for &kind in policy.kinds() {
        details.extend(details_of(kind, &reads)?);
    }
    let origins = origins(if reads.volume { volumes } else { &[] });
    let axes = Axes {
        tasks: axis(reads.task, Known::Unknown, Task::ALL.map(Known::Known)),
        scripts: axis(reads.script, None, origins.iter().cloned().map(Some)),
        origins: if reads.origin || reads.volume { origins } else { vec![Origin::Unknown] },
        details,
        capabilities: reads.capability,
        user_namespaces: reads.user_namespace,
        families: reads.family,
        permitted: reads.permitted,
        volumes: reads.volume,
    };
    Ok((axes, reads.container))
}

/// What an event has anyway, and, if the field is read, its other values.
fn axis<T>(is_read: bool, first: T, others: impl IntoIterator<Item = T>) -> Vec<T> {
    let others = is_read.then(|| others.into_iter()).into_iter().flatten();
    std::iter::once(first).chain(others).collect()
}

fn origins(volumes: &[VolumeKind]) -> Vec<Origin> {
    use Origin::{CopiedUp, Deleted, Host, Image, Memfd, Unknown, Upper, Volume};

    let volumes = volumes.iter().cloned().map(Known::Known).chain([Known::Unknown]).map(Volume);
    [Unknown, Image, CopiedUp, Upper, Memfd, Deleted, Host].into_iter().chain(volumes).collect()
}

fn details_of(kind: EventKind, reads: &Reads) -> Result<Vec<Detail>, NotTabulated> {
    match kind {
        EventKind::Exec => Ok(vec![Detail::Exec { args: Args::default() }]),
        EventKind::CapabilityUse => {
            let of_container = [UserNamespace::Container, UserNamespace::Ancestor, UserNamespace::Child];
            let names = NAMES.into_iter().map(|name| Known::Known(Cow::Borrowed(name)));
            let namespaces = axis(reads.user_namespace, Known::Unknown, of_container.map(Known::Known));
            let use_of = |capability: Known<Cow<'static, str>>| {
                let with = move |user_namespace: &Known<UserNamespace>| Detail::CapabilityUse {
                    capability: capability.clone(),
                    user_namespace: *user_namespace,
                };
                namespaces.iter().map(with).collect::<Vec<_>>()
            };
            Ok(axis(reads.capability, Known::Unknown, names).into_iter().flat_map(use_of).collect())
        }
        EventKind::FactsChange => Err(NotTabulated::Kind(kind)),
        EventKind::Connect
        | EventKind::SendTo
        | EventKind::Bind
        | EventKind::Listen
        | EventKind::Accept
        | EventKind::RawSocket => {
            let of_kind = SocketCall::ALL.into_iter().filter(|call| call.kind() == kind);
            Ok(of_kind.flat_map(|call| sockets(call, reads)).map(Detail::Socket).collect())
        }
    }
}

/// Of what a socket is asked, and with whom, all else has no finite domain.
fn sockets(call: SocketCall, reads: &Reads) -> Vec<Socket> {
    let families = axis(reads.family, Known::Unknown, [Family::IPv4, Family::IPv6].map(Known::Known));
    let permitted = axis(reads.permitted, Known::Unknown, [false, true].map(Known::Known));
    let with = |family: Known<Family>| {
        permitted.iter().map(move |permitted| Socket {
            family,
            permitted: *permitted,
            ..Socket::unknown(call)
        })
    };
    families.into_iter().flat_map(with).collect()
}

impl Axes {
    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.tasks.len() * self.origins.len() * self.scripts.len() * self.details.len()
    }

    /// The event of a row: what a table does not tell apart is Unknown, or not there.
    pub(super) fn event(&self, row: usize) -> Event {
        let (row, task) = (row / self.tasks.len(), row % self.tasks.len());
        let (row, origin) = (row / self.origins.len(), row % self.origins.len());
        let (detail, script) = (row / self.scripts.len(), row % self.scripts.len());
        let script = self.scripts[script].clone();
        Event {
            task: self.tasks[task],
            executable: Executable {
                path: Known::Unknown,
                origin: self.origins[origin].clone(),
                script: script.map(|origin| Script { path: Known::Unknown, origin }),
            },
            ancestry: Ancestry::default(),
            uid: Known::Unknown,
            gid: Known::Unknown,
            detail: self.details[detail].clone(),
        }
    }

    /// The row of an event; none if it has a value that the domain has not.
    pub(super) fn row(&self, event: &Event) -> Option<usize> {
        let Event { task, executable, detail, .. } = event;
        let script = executable.script.as_ref().map(|script| self.told_apart(&script.origin));
        let detail = self.details.iter().position(|value| self.is_same(value, detail))?;
        let script = place(&self.scripts, &script)?;
        let origin = place(&self.origins, &self.told_apart(&executable.origin))?;
        let task = place(&self.tasks, task)?;
        Some(((detail * self.scripts.len() + script) * self.origins.len() + origin) * self.tasks.len() + task)
    }

    fn told_apart(&self, origin: &Origin) -> Origin {
        match origin {
            Origin::Volume(_) if !self.volumes => Origin::Volume(Known::Unknown),
            other => other.clone(),
        }
    }

    fn is_same(&self, value: &Detail, detail: &Detail) -> bool {
        match (value, detail) {
            (Detail::Exec { args: _ }, Detail::Exec { args: _ }) => true,
            (
                Detail::CapabilityUse { capability: known, user_namespace: within },
                Detail::CapabilityUse { capability, user_namespace },
            ) => {
                (!self.capabilities || known == capability)
                    && (!self.user_namespaces || within == user_namespace)
            }
            (Detail::Socket(known), Detail::Socket(socket)) => {
                known.call == socket.call
                    && (!self.families || known.family == socket.family)
                    && (!self.permitted || known.permitted == socket.permitted)
            }
            _ => false,
        }
    }
}

/// An axis of one value tells nothing apart.
fn place<T: PartialEq>(axis: &[T], value: &T) -> Option<usize> {
    if axis.len() == 1 { Some(0) } else { axis.iter().position(|one| one == value) }
}
