//! An event of which more becomes known.

use policy::event::{Family, Local, Peer, Protocol, Socket, SocketCall};

use super::*;

/// Whatever is not permitted fails, and so does whatever is UDP.
const POLICIES: &str = "
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: egress}
spec:
  title: t
  severity: High
  description: d
  remediation: r
  controls: []
  match: {events: {kinds: [Connect]}}
  validations:
  - {name: permitted, expression: \"event.socket.permitted\", message: m}
  - {name: not-udp, expression: \"event.socket.protocol != 'UDP'\", message: m}
";

fn connect(protocol: Protocol, permitted: Known<bool>) -> Event {
    let socket = Socket {
        call: SocketCall::Connect,
        protocol: protocol.into(),
        family: Family::from(std::net::IpAddr::from([10, 0, 0, 1])).into(),
        local: Local::default(),
        peer: Peer::default(),
        permitted,
        policies: Vec::new(),
    };
    Event { detail: Detail::Socket(socket), ..exec(Origin::Image) }
}

fn again(judge: &mut Judge, told: &mut Told, before: &Event, event: &Event) {
    let container = Resolved::of_id("c");
    let again = Again {
        cgroup: 1,
        key: judge.key(0_u64),
        before,
        event,
        container: &container,
        pod: Known::Unknown,
        time: at(1),
        live: true,
        enforcement: Enforcement::WentOn,
    };
    judge.judge_again(&again, told);
}

fn verdicts(told: &Told) -> Vec<(&str, &str)> {
    let decisions = told.decisions.iter();
    decisions
        .map(|(_, judgement)| {
            (judgement.validation.as_deref().unwrap_or_default(), judgement.verdict.as_str())
        })
        .collect()
}

#[test]
fn what_was_unknown_and_is_denied_is_told_once_and_then_counted() {
    let (mut judge, mut told) = (judge_with(POLICIES), Told::default());
    let unknown = connect(Protocol::TCP, Known::Unknown);
    run_event(&mut judge, &mut told, &unknown, |case| case);
    assert_eq!(verdicts(&told), [("permitted", "Unknown")]);
    judge.declarations_changed();
    again(&mut judge, &mut told, &unknown, &connect(Protocol::TCP, Known::Known(false)));
    assert_eq!(verdicts(&told)[1..], [("permitted", "Fail")]);
    judge.counted(1, judge.key(0_u64), at(9), || Some(4));
    judge.count(&mut told);
    assert_eq!(told.counts.iter().map(|count| count.count).collect::<Vec<_>>(), [3]);
}

#[test]
fn what_is_permitted_or_still_unknown_is_not_told() {
    let (mut judge, mut told) = (judge_with(POLICIES), Told::default());
    let unknown = connect(Protocol::TCP, Known::Unknown);
    for permitted in [Known::Known(true), Known::Unknown] {
        again(&mut judge, &mut told, &unknown, &connect(Protocol::TCP, permitted));
    }
    assert_eq!(verdicts(&told), []);
    assert_eq!(judge.size().0, 0, "nothing is kept of it");
}

/// Guards against a failure that was told at once and is told again with what became known.
#[test]
fn what_was_known_before_is_not_told_again() {
    let (mut judge, mut told) = (judge_with(POLICIES), Told::default());
    let unknown = connect(Protocol::UDP, Known::Unknown);
    run_event(&mut judge, &mut told, &unknown, |case| case);
    assert_eq!(verdicts(&told), [("permitted", "Unknown"), ("not-udp", "Fail")]);
    judge.declarations_changed();
    again(&mut judge, &mut told, &unknown, &connect(Protocol::UDP, Known::Known(false)));
    assert_eq!(verdicts(&told)[2..], [("permitted", "Fail")]);
    judge.counted(1, judge.key(0_u64), at(9), || Some(2));
    judge.count(&mut told);
    assert_eq!(told.counts.len(), 2, "both came again");
}
