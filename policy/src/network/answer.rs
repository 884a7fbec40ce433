//! Whether a connection is allowed.

mod explain;
mod rule;
mod service;
mod view;

use std::net::IpAddr;

use serde::Serialize;

pub use explain::{Explanation, PeerKind, PolicyReason, RuleReason, Target};
pub use rule::Match;
pub(super) use view::{Class, View};

use super::document::{Name, Protocol};
use super::{Cluster, Direction, PodId, canonical};

/// What is asked: may the Pod do this with that peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// Which side the Pod is on.
    pub direction: Direction,
    /// Who is on the other side: a Service's address where the Pod connected to that.
    pub peer: IpAddr,
    /// The port that is connected to: the peer's on egress, the Pod's on ingress.
    pub port: u16,
    /// The protocol.
    pub protocol: Protocol,
}

/// Whether it is allowed. A reply to what is allowed is no question: replies are, always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Answer {
    /// A rule allows it.
    Allowed(Allowance),
    /// Policies select the Pod, and no rule of theirs allows it.
    Denied,
    /// No policy selects the Pod in this direction: it is not isolated.
    Free,
    /// No policy can forbid it.
    Always(Always),
    /// It cannot be known.
    Unknown(Cause),
}

/// The first rule that allows something, in the order of the policies' names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Allowance {
    /// The policy.
    pub policy: Name,
    /// Which of its rules of the direction, from 0.
    pub rule: usize,
}

/// Why no policy can forbid something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Always {
    /// It stays in the Pod's own network: loopback, or no address at all.
    Loopback,
    /// It is the Pod itself.
    Itself,
    /// It is the node that the Pod is on.
    OwnNode,
}

/// Why something cannot be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Cause {
    /// The Pod is not declared.
    PodNotDeclared,
    /// The Pod, or the one that it connects to, is in its node's network.
    HostNetwork,
    /// Who sends a datagram is not observed.
    UdpIngress,
    /// A policy that might allow it was refused for a mistake in it.
    RefusedPolicy,
    /// A selector asks for the labels of a namespace that is not declared.
    NamespaceNotDeclared,
    /// Several Pods have the address, and what holds differs.
    SharedAddress,
    /// The address may stand for someone else's, whom a rule allows.
    Rewritten,
    /// The address may be that of a Pod, a Service or the Pod's own node that is not declared.
    PeerNotDeclared,
    /// An object that may have the address could not be read.
    Unread,
    /// The Service has no such port.
    NoSuchPort,
    /// Nobody is behind the Service's port, or it cannot be told who.
    NoEndpoints,
    /// Some of those behind the Service are allowed, and some are not.
    EndpointsDiffer,
}

/// An answer without its reasons, as a table gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[expect(missing_docs, reason = "the words of the answer")]
pub enum Verdict {
    Denied,
    Unknown,
    Allowed,
}

impl Verdict {
    /// Both, or Unknown.
    pub(super) fn agree(self, other: Self) -> Self {
        if self == other { self } else { Self::Unknown }
    }
}

impl Answer {
    /// Without its reasons: whoever is free may, too.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Allowed(_) | Self::Free | Self::Always(_) => Verdict::Allowed,
            Self::Denied => Verdict::Denied,
            Self::Unknown(_) => Verdict::Unknown,
        }
    }

    /// The same answer, if both say the same of whether; else the cause.
    pub(super) fn agree(self, other: &Self, cause: Cause) -> Self {
        match (&self, other) {
            (Self::Unknown(_), _) => self,
            (_, Self::Unknown(other)) => Self::Unknown(*other),
            _ if self.verdict() == other.verdict() => self,
            _ => Self::Unknown(cause),
        }
    }
}

impl Cluster {
    /// Whether the Pod may.
    pub fn answer(&self, pod: PodId, question: &Question) -> Answer {
        let Some(view) = View::of(self, pod, question.direction) else {
            return Answer::Unknown(Cause::PodNotDeclared);
        };
        view.answer(canonical(question.peer), question.protocol, question.port)
    }
}

impl View<'_> {
    pub(super) fn answer(&self, peer: IpAddr, protocol: Protocol, port: u16) -> Answer {
        if let Some(always) = self.always(peer) {
            return Answer::Always(always);
        }
        if let Some(answer) = self.for_all(protocol) {
            return answer;
        }
        self.judge(peer, protocol, port)
    }

    /// Whether everything is allowed: no policy selects the Pod, nor may one that could not be read.
    pub(super) fn is_free(&self) -> bool {
        self.policies.is_empty() && !self.cluster.has_stray_policies()
    }

    /// What holds whoever the peer is, short of what is always allowed.
    pub(super) fn for_all(&self, protocol: Protocol) -> Option<Answer> {
        if self.policies.is_empty() {
            return Some(if self.is_free() { Answer::Free } else { Answer::Unknown(Cause::RefusedPolicy) });
        }
        if self.host_network {
            return Some(Answer::Unknown(Cause::HostNetwork));
        }
        let is_unseen = self.direction == Direction::Ingress && protocol == Protocol::Udp;
        is_unseen.then_some(Answer::Unknown(Cause::UdpIngress))
    }
}
