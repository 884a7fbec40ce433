//! A rule against a peer and a port.

use serde::Serialize;

use super::{Allowance, Answer, Cause, Class, Verdict, View};
use crate::network::address::Cidr;
use crate::network::document::{NetworkPolicy, Peer, Port, PortMatch, Protocol, Rule};
use crate::network::ports::PortRange;
use crate::network::{Direction, Selector};

/// Whether a part of a rule is about something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[expect(missing_docs, reason = "the type's sentence says it")]
pub enum Match {
    Yes,
    No,
    Unknown(Cause),
}

impl From<bool> for Match {
    fn from(is_match: bool) -> Self {
        if is_match { Self::Yes } else { Self::No }
    }
}

impl Match {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown(cause), _) | (_, Self::Unknown(cause)) => Self::Unknown(cause),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    fn any(matches: impl IntoIterator<Item = Self>) -> Self {
        let mut found = Self::No;
        for each in matches {
            match each {
                Self::Yes => return Self::Yes,
                Self::Unknown(_) if found == Self::No => found = each,
                Self::Unknown(_) | Self::No => {}
            }
        }
        found
    }

    /// What a rule that matches so does.
    pub(in crate::network) fn verdict(self) -> Verdict {
        match self {
            Self::Yes => Verdict::Allowed,
            Self::No => Verdict::Denied,
            Self::Unknown(_) => Verdict::Unknown,
        }
    }
}

impl<'a> View<'a> {
    /// What the policies say of a port of a peer of this class, whose addresses are these.
    pub(super) fn policies_say(&self, class: Class<'a>, at: &Cidr, protocol: Protocol, port: u16) -> Answer {
        let mut unknown = None;
        for policy in &self.policies {
            if policy.refused {
                unknown = unknown.or(Some(Cause::RefusedPolicy));
            }
            for (index, rule) in policy.rules(self.direction).unwrap_or_default().iter().enumerate() {
                // Ports first: they are told sooner.
                let ports = self.port_matches(rule, class, protocol, port);
                if ports == Match::No {
                    continue;
                }
                match self.peers_match(policy, rule, class, at).and(ports) {
                    Match::Yes => {
                        return Answer::Allowed(Allowance { policy: policy.name.clone(), rule: index });
                    }
                    Match::Unknown(cause) => unknown = unknown.or(Some(cause)),
                    Match::No => {}
                }
            }
        }
        unknown.or_else(|| self.doubt(class)).map_or(Answer::Denied, Answer::Unknown)
    }

    /// Why a denial may be wrong although no rule may allow it.
    pub(in crate::network) fn doubt(&self, class: Class<'a>) -> Option<Cause> {
        if self.cluster.has_stray_policies() {
            return Some(Cause::RefusedPolicy);
        }
        match class {
            Class::Pod(_) | Class::Plain => None,
            // It may be the Pod's own node.
            Class::Node(_) | Class::Outside { .. } if !self.knows_own_node() => Some(Cause::PeerNotDeclared),
            Class::Outside { is_stranger: true } => Some(Cause::PeerNotDeclared),
            Class::Outside { .. } if self.cluster.is_in_doubt() => Some(Cause::Unread),
            Class::Node(_) | Class::Outside { .. } => None,
        }
    }

    /// Whether the address that is seen may be another than the one that was sent from.
    fn is_opaque(&self, class: Class<'a>) -> bool {
        let may_be_a_nodes = match class {
            Class::Node(_) => true,
            Class::Outside { is_stranger } => is_stranger || !self.cluster.is_whole(),
            Class::Pod(_) | Class::Plain => false,
        };
        self.direction == Direction::Ingress && may_be_a_nodes
    }

    pub(in crate::network) fn peers_match(
        &self,
        policy: &NetworkPolicy,
        rule: &Rule,
        class: Class<'a>,
        at: &Cidr,
    ) -> Match {
        if rule.peers.is_empty() {
            return Match::Yes;
        }
        if self.is_opaque(class) {
            return Match::Unknown(Cause::Rewritten);
        }
        Match::any(rule.peers.iter().map(|peer| match peer {
            Peer::Block(block) => {
                let is_excepted = block.except.iter().any(|except| except.contains(at));
                (block.cidr.contains(at) && !is_excepted).into()
            }
            Peer::Pods { namespaces, pods } => {
                self.selects(&policy.name.namespace, namespaces.as_ref(), pods.as_ref(), class)
            }
        }))
    }

    fn selects(
        &self,
        own: &str,
        namespaces: Option<&Selector>,
        pods: Option<&Selector>,
        class: Class<'a>,
    ) -> Match {
        let selects = |pod: &crate::network::document::Pod| {
            let namespace = &pod.name.namespace;
            let in_namespace = match namespaces {
                None => (**namespace == *own).into(),
                Some(selector) => self.cluster.selects_namespace(selector, namespace),
            };
            in_namespace.and(pods.is_none_or(|selector| selector.selects(&pod.labels)).into())
        };
        match class {
            Class::Pod(pod) => selects(pod),
            Class::Plain => Match::No,
            Class::Node(address) => {
                let is_possible = self.cluster.host_pods_at(address).any(|pod| selects(pod) != Match::No);
                if is_possible { Match::Unknown(Cause::HostNetwork) } else { Match::No }
            }
            Class::Outside { is_stranger } => self.may_be_a_pod(is_stranger),
        }
    }

    fn may_be_a_pod(&self, is_stranger: bool) -> Match {
        if is_stranger || !self.cluster.is_whole() {
            Match::Unknown(Cause::PeerNotDeclared)
        } else {
            Match::No
        }
    }

    pub(super) fn port_matches(&self, rule: &Rule, class: Class<'a>, protocol: Protocol, port: u16) -> Match {
        if rule.ports.is_empty() {
            return Match::Yes;
        }
        let about = rule.ports.iter().filter(|about| about.protocol == protocol);
        Match::any(about.map(|about| match &about.port {
            PortMatch::Any => Match::Yes,
            PortMatch::Range(first, last) => (*first <= port && port <= *last).into(),
            PortMatch::Named(name) => {
                let ranges = self.named(about, name, class);
                Match::any(
                    ranges
                        .into_iter()
                        .map(|(first, last, is)| is.and((first <= port && port <= last).into())),
                )
            }
        }))
    }

    /// What the ports of a rule allow if its peers match so.
    pub(in crate::network) fn ranges(&self, rule: &Rule, class: Class<'a>, peers: Match) -> Vec<PortRange> {
        let range = |protocol, first, last, ports: Match| {
            let verdict = peers.and(ports).verdict();
            PortRange { protocol, first, last, verdict }
        };
        if rule.ports.is_empty() {
            return Protocol::ALL.map(|protocol| range(protocol, 0, u16::MAX, Match::Yes)).into();
        }
        let of = |about: &Port| match &about.port {
            PortMatch::Any => vec![range(about.protocol, 0, u16::MAX, Match::Yes)],
            PortMatch::Range(first, last) => vec![range(about.protocol, *first, *last, Match::Yes)],
            PortMatch::Named(name) => {
                let ranges = self.named(about, name, class).into_iter();
                ranges.map(|(first, last, is)| range(about.protocol, first, last, is)).collect()
            }
        };
        rule.ports.iter().flat_map(of).collect()
    }

    /// The ports that a name stands for: those of the Pod that is connected to.
    fn named(&self, about: &Port, name: &str, class: Class<'a>) -> Vec<(u16, u16, Match)> {
        let (protocol, one) = (about.protocol, |is: Match| move |number| (number, number, is));
        match (self.direction, class) {
            (Direction::Ingress, _) => {
                let ports = self.ports.iter().filter(|port| port.is_called(protocol, name));
                ports.map(|port| port.number).map(one(Match::Yes)).collect()
            }
            (Direction::Egress, Class::Pod(pod)) => pod.named(protocol, name).map(one(Match::Yes)).collect(),
            (Direction::Egress, Class::Plain) => Vec::new(),
            (Direction::Egress, Class::Node(address)) => {
                let pods = self.cluster.host_pods_at(address);
                let numbers = pods.flat_map(|pod| pod.named(protocol, name));
                numbers.map(one(Match::Unknown(Cause::HostNetwork))).collect()
            }
            (Direction::Egress, Class::Outside { is_stranger }) => match self.may_be_a_pod(is_stranger) {
                Match::No => Vec::new(),
                maybe => vec![(0, u16::MAX, maybe)],
            },
        }
    }
}
