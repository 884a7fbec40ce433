//! Why an answer is what it is, as data.

use std::net::IpAddr;

use serde::Serialize;

use super::service::port_of;
use super::{Answer, Cause, Class, Match, Question, View};
use crate::network::address::Cidr;
use crate::network::document::Name;
use crate::network::{Cluster, Direction, PodId, canonical};

/// An answer with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The answer.
    pub answer: Answer,
    /// What the peer's address is.
    pub peer: Vec<PeerKind>,
    /// The policies that select the Pod, by name, and what each rule says of the peer: of the first one behind it, where
    /// it is a Service.
    pub policies: Vec<PolicyReason>,
    /// Those behind the Service that the address is of, and what holds for each.
    pub endpoints: Vec<Target>,
}

/// What an address is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum PeerKind {
    /// A declared Pod's.
    Pod(Name),
    /// A Service's.
    Service(Name),
    /// A node's.
    Node,
    /// No declared object's.
    Outside,
    /// No declared object's, but from where nodes take their Pods' addresses.
    UndeclaredPod,
}

/// A policy that selects the Pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyReason {
    /// Which.
    pub name: Name,
    /// It had a mistake, so what it allows is not known.
    pub refused: bool,
    /// Its rules for the direction, in order. Without any it only isolates.
    pub rules: Vec<RuleReason>,
}

/// A rule: it allows what matches both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RuleReason {
    /// Whether the peer is one of its peers.
    pub peers: Match,
    /// Whether the port is one of its ports.
    pub ports: Match,
}

/// Someone behind a Service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// The address.
    pub address: IpAddr,
    /// The port there.
    pub port: u16,
    /// The Pods that have the address.
    pub pods: Vec<Name>,
    /// What holds for it by itself.
    pub answer: Answer,
}

impl Cluster {
    /// Whether the Pod may, and why.
    pub fn explain(&self, pod: PodId, question: &Question) -> Explanation {
        let answer = self.answer(pod, question);
        let Some(view) = View::of(self, pod, question.direction) else {
            return Explanation { answer, peer: Vec::new(), policies: Vec::new(), endpoints: Vec::new() };
        };
        let peer = canonical(question.peer);
        let endpoints = view.targets(peer, question);
        let (address, port) =
            endpoints.first().map_or((peer, question.port), |target| (target.address, target.port));
        let policies = view.reasons(address, &Question { port, ..*question });
        Explanation { answer, peer: view.kinds(peer), policies, endpoints }
    }
}

impl View<'_> {
    fn kinds(&self, peer: IpAddr) -> Vec<PeerKind> {
        let services: Vec<_> =
            self.cluster.services_at(peer).map(|service| PeerKind::Service(service.name.clone())).collect();
        if self.direction == Direction::Egress && !services.is_empty() {
            return services;
        }
        let kind = |class: &Class<'_>| match class {
            Class::Pod(pod) => PeerKind::Pod(pod.name.clone()),
            Class::Node(_) => PeerKind::Node,
            Class::Outside { is_stranger: true } => PeerKind::UndeclaredPod,
            Class::Outside { is_stranger: false } | Class::Plain => PeerKind::Outside,
        };
        self.classes(peer).iter().map(kind).collect()
    }

    fn reasons(&self, peer: IpAddr, question: &Question) -> Vec<PolicyReason> {
        let at = Cidr::host(peer);
        let is_service =
            self.direction == Direction::Egress && self.cluster.services_at(peer).next().is_some();
        let class =
            if is_service { None } else { self.classes(peer).into_iter().next() }.unwrap_or(Class::Plain);
        let policies = self.policies.iter().map(|policy| {
            let rules = policy.rules(self.direction).unwrap_or_default().iter().map(|rule| RuleReason {
                peers: self.peers_match(policy, rule, class, &at),
                ports: self.port_matches(rule, class, question.protocol, question.port),
            });
            PolicyReason { name: policy.name.clone(), refused: policy.refused, rules: rules.collect() }
        });
        policies.collect()
    }

    fn targets(&self, peer: IpAddr, question: &Question) -> Vec<Target> {
        if self.direction == Direction::Ingress {
            return Vec::new();
        }
        let services = self.cluster.services_at(peer);
        let ports = services.filter_map(|service| {
            let port = port_of(service, question.protocol, question.port)?;
            self.cluster.endpoints(service, port)
        });
        let target = |(address, port)| Target {
            address,
            port,
            pods: self.cluster.pods_at(address).map(|pod| pod.name.clone()).collect(),
            answer: self.alone(address, question, port),
        };
        ports.flatten().map(target).collect()
    }

    fn alone(&self, address: IpAddr, question: &Question, port: u16) -> Answer {
        if let Some(always) = self.always(address) {
            return Answer::Always(always);
        }
        self.for_all(question.protocol).unwrap_or_else(|| self.direct(address, question.protocol, port))
    }
}

impl Cause {
    /// The cause, in words that end a sentence that begins with "it cannot be known:".
    pub fn words(self) -> &'static str {
        match self {
            Self::PodNotDeclared => "the Pod is not declared",
            Self::HostNetwork => "what policies do to Pods in their node's network is not defined",
            Self::UdpIngress => "who sends a datagram is not observed",
            Self::RefusedPolicy => "a policy that might allow it could not be read",
            Self::NamespaceNotDeclared => {
                "a selector asks for the labels of a namespace that is not declared"
            }
            Self::SharedAddress => "several Pods have the address, and what holds for them differs",
            Self::Rewritten => {
                "the address may have been rewritten, and it matters whether policies see it before or after"
            }
            Self::PeerNotDeclared => {
                "the address may be that of a Pod, a Service or a node that is not declared"
            }
            Self::Unread => "an object that may have the address could not be read",
            Self::NoSuchPort => "the Service has no such port",
            Self::NoEndpoints => "nobody is behind the Service's port",
            Self::EndpointsDiffer => "some of those behind the Service are allowed and some are not",
        }
    }
}
