//! An explanation as a person reads it.

use std::fmt::Write;

use policy::network::{
    Always, Answer, Direction, Explanation, Match, Name, PeerKind, PolicyReason, Question, RuleReason,
};

/// The answer in the first line, its reasons below.
pub(super) fn text(pod: &Name, question: &Question, explanation: &Explanation) -> String {
    let Explanation { answer, peer, policies, endpoints } = explanation;
    let mut text = String::new();
    let peer = format!("{}{}", question.peer, kinds(peer));
    let (from, to, side) = match question.direction {
        Direction::Egress => (pod.to_string(), peer, "egress"),
        Direction::Ingress => (peer, pod.to_string(), "ingress"),
    };
    // Writing to a String does not fail.
    let _ = writeln!(text, "{from} -> {to}, {} {}: {}", question.protocol, question.port, sentence(answer));
    for policy in policies {
        text += &of_policy(policy, side);
    }
    for target in endpoints {
        let pods: Vec<_> = target.pods.iter().map(Name::to_string).collect();
        let pods = if pods.is_empty() { String::new() } else { format!(" (Pod {})", pods.join(", ")) };
        let _ = writeln!(
            text,
            "  behind it: {}{pods}, port {}: {}",
            target.address,
            target.port,
            sentence(&target.answer)
        );
    }
    text
}

fn kinds(kinds: &[PeerKind]) -> String {
    let words: Vec<_> = kinds
        .iter()
        .map(|kind| match kind {
            PeerKind::Pod(name) => format!("Pod {name}"),
            PeerKind::Service(name) => format!("Service {name}"),
            PeerKind::Node => "a node".to_owned(),
            PeerKind::Outside => "no declared object's".to_owned(),
            PeerKind::UndeclaredPod => "from the Pods' range, of none that is declared".to_owned(),
        })
        .collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

/// An answer by itself.
pub(super) fn sentence(answer: &Answer) -> String {
    match answer {
        Answer::Allowed(by) => format!("allowed by rule {} of {}", by.rule + 1, by.policy),
        Answer::Denied => "denied, since no rule allows it".to_owned(),
        Answer::Free => "allowed, since no policy selects the Pod in this direction".to_owned(),
        Answer::Always(Always::Loopback) => "allowed always, it does not leave the Pod".to_owned(),
        Answer::Always(Always::Itself) => "allowed always, it is the Pod itself".to_owned(),
        Answer::Always(Always::OwnNode) => "allowed always, it is the Pod's own node".to_owned(),
        Answer::Unknown(cause) => format!("unknown, since {}", cause.words()),
    }
}

fn of_policy(policy: &PolicyReason, side: &str) -> String {
    let name = &policy.name;
    if policy.refused {
        return format!("  {name} selects it, but has a mistake: what it allows is not known\n");
    }
    if policy.rules.is_empty() {
        return format!("  {name} selects it and has no rule for {side}\n");
    }
    let mut text = format!("  {name} selects it\n");
    for (index, rule) in policy.rules.iter().enumerate() {
        let _ = writeln!(text, "    rule {}: {}", index + 1, of_rule(*rule));
    }
    text
}

fn of_rule(RuleReason { peers, ports }: RuleReason) -> String {
    match (peers, ports) {
        (Match::Yes, Match::Yes) => "allows it".to_owned(),
        (Match::No, Match::No) => "neither the peer nor the port is one of its own".to_owned(),
        (Match::No, _) => "the peer is none of its peers".to_owned(),
        (_, Match::No) => "the port is none of its ports".to_owned(),
        (Match::Unknown(cause), _) | (_, Match::Unknown(cause)) => {
            format!("unknown, since {}", cause.words())
        }
    }
}
