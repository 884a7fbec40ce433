//! An explanation as a script reads it.

use std::net::IpAddr;

use policy::network::{
    Allowance, Always, Answer, Cause, Direction, Explanation, Match, Name, PeerKind, PolicyReason, Protocol,
    Question, RuleReason, Target, Verdict,
};
use serde::Serialize;

use super::words::sentence;

/// The whole answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told<'a> {
    pod: &'a Name,
    direction: Direction,
    peer: Peer<'a>,
    port: u16,
    protocol: Protocol,
    #[serde(flatten)]
    answer: Said<'a>,
    policies: Vec<Policy<'a>>,
    endpoints: Vec<Endpoint<'a>>,
    /// What of the folder could not be read.
    mistakes: &'a [String],
}

#[derive(Debug, Serialize)]
struct Peer<'a> {
    address: IpAddr,
    is: Vec<Is<'a>>,
}

#[derive(Debug, Serialize)]
struct Is<'a> {
    kind: &'static str,
    #[serde(flatten)]
    name: Option<&'a Name>,
}

/// A verdict with the reason, in words and as a word.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    verdict: Verdict,
    reason: Reason,
    message: String,
    /// Of an answer that is Unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    /// Of one that a rule allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_by: Option<Rule<'a>>,
}

#[derive(Debug, Serialize)]
enum Reason {
    Rule,
    NoRule,
    NotSelected,
    Loopback,
    Itself,
    OwnNode,
    Unknown,
}

#[derive(Debug, Serialize)]
struct Rule<'a> {
    #[serde(flatten)]
    policy: &'a Name,
    path: String,
}

#[derive(Debug, Serialize)]
struct Policy<'a> {
    #[serde(flatten)]
    name: &'a Name,
    refused: bool,
    rules: Vec<RuleSaid>,
}

#[derive(Debug, Serialize)]
struct RuleSaid {
    path: String,
    peers: Matches,
    ports: Matches,
}

#[derive(Debug, Serialize)]
struct Matches {
    matches: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
}

#[derive(Debug, Serialize)]
struct Endpoint<'a> {
    address: IpAddr,
    port: u16,
    pods: &'a [Name],
    #[serde(flatten)]
    answer: Said<'a>,
}

impl<'a> Told<'a> {
    pub(super) fn new(
        pod: &'a Name,
        question: &Question,
        explanation: &'a Explanation,
        mistakes: &'a [String],
    ) -> Self {
        let Question { direction, peer: address, port, protocol } = *question;
        let Explanation { answer, peer, policies, endpoints } = explanation;
        let peer = Peer { address, is: peer.iter().map(is).collect() };
        let answer = said(answer, direction);
        let policies = policies.iter().map(|policy| of_policy(policy, direction)).collect();
        let endpoints = endpoints.iter().map(|target| of_endpoint(target, direction)).collect();
        Self { pod, direction, peer, port, protocol, answer, policies, endpoints, mistakes }
    }
}

fn is(kind: &PeerKind) -> Is<'_> {
    let (kind, name) = match kind {
        PeerKind::Pod(name) => ("Pod", Some(name)),
        PeerKind::Service(name) => ("Service", Some(name)),
        PeerKind::Node => ("Node", None),
        PeerKind::Outside => ("Outside", None),
        PeerKind::UndeclaredPod => ("UndeclaredPod", None),
    };
    Is { kind, name }
}

fn said(answer: &Answer, direction: Direction) -> Said<'_> {
    let (mut cause, mut allowed_by) = (None, None);
    let reason = match answer {
        Answer::Allowed(Allowance { policy, rule }) => {
            allowed_by = Some(Rule { policy, path: path(direction, *rule) });
            Reason::Rule
        }
        Answer::Denied => Reason::NoRule,
        Answer::Free => Reason::NotSelected,
        Answer::Always(Always::Loopback) => Reason::Loopback,
        Answer::Always(Always::Itself) => Reason::Itself,
        Answer::Always(Always::OwnNode) => Reason::OwnNode,
        Answer::Unknown(why) => {
            cause = Some(*why);
            Reason::Unknown
        }
    };
    Said { verdict: answer.verdict(), reason, message: sentence(answer), cause, allowed_by }
}

/// Where a rule stands in its policy, as a JSON Pointer.
fn path(direction: Direction, rule: usize) -> String {
    let side = match direction {
        Direction::Egress => "egress",
        Direction::Ingress => "ingress",
    };
    format!("/spec/{side}/{rule}")
}

fn of_policy(policy: &PolicyReason, direction: Direction) -> Policy<'_> {
    let PolicyReason { name, refused, rules } = policy;
    let rule = |(index, RuleReason { peers, ports }): (usize, &RuleReason)| RuleSaid {
        path: path(direction, index),
        peers: matches(*peers),
        ports: matches(*ports),
    };
    Policy { name, refused: *refused, rules: rules.iter().enumerate().map(rule).collect() }
}

fn matches(found: Match) -> Matches {
    let (matches, cause) = match found {
        Match::Yes => ("Yes", None),
        Match::No => ("No", None),
        Match::Unknown(cause) => ("Unknown", Some(cause)),
    };
    Matches { matches, cause }
}

fn of_endpoint(target: &Target, direction: Direction) -> Endpoint<'_> {
    let Target { address, port, pods, answer } = target;
    Endpoint { address: *address, port: *port, pods, answer: said(answer, direction) }
}
