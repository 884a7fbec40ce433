use policy::capabilities::Set;

use super::*;
use crate::{
    correlate::resolve::Resolved,
    deny::tests::{BLOCK, denials_of},
};

fn denied(kinds: &str, expression: &str) -> u32 {
    denials_of(kinds, BLOCK, "event.task != 'Runtime'", expression).masks(&Resolved::of_id("c")).denied.calls
}

fn bits(calls: &[Told]) -> u32 {
    cases().filter(|case| calls.contains(&case.call)).fold(0, |mask, case| mask | case.bit())
}

#[test]
fn what_network_policies_forbid_is_denied_and_what_they_allow_is_not() {
    use Told::{Connect, ConnectNotPermitted, SendToNotPermitted};

    let forbidden = bits(&[ConnectNotPermitted, SendToNotPermitted]);
    assert_eq!(denied("Connect, SendTo", "event.socket.permitted"), forbidden);
    assert_eq!(forbidden, not_permitted());
    assert_eq!(denied("Connect", "event.socket.permitted"), bits(&[ConnectNotPermitted]));
    assert_eq!(denied("Connect", "false"), bits(&[Connect, ConnectNotPermitted]));
    assert_eq!(
        denied("Connect", "!event.socket.permitted"),
        0,
        "the kernel side never says that one is allowed"
    );
    assert_eq!(denied("Accept", "event.socket.permitted"), 0, "nobody asks before");
}

#[test]
fn what_cannot_be_told_in_the_kernel_is_not_denied() {
    assert_eq!(denied("Connect", "event.socket.permitted || event.socket.peer.port == 443"), 0);
    assert_eq!(denied("Connect", "event.socket.permitted || event.executable.origin == 'Image'"), 0);
    let of_scripts = "event.socket.permitted || has(event.executable.script)";
    assert_eq!(denied("Connect", of_scripts), 0, "whether a script runs is not known");
}

#[test]
fn families_and_tasks_are_told_apart() {
    let of = |ipv6, injected| {
        let is_it = |case: &Case| {
            case.call == Told::Bind && (case.family == Family::IPv6) == ipv6 && case.injected == injected
        };
        cases().filter(is_it).fold(0, |mask, case| mask | case.bit())
    };
    assert_eq!(denied("Bind", "event.socket.family == 'IPv4'"), of(true, false) | of(true, true));
    assert_eq!(denied("Bind", "event.task != 'Injected'"), of(false, true) | of(true, true));
    assert_eq!(denied("RawSocket", "event.socket.family == 'IPv4'"), 0, "a raw socket's is not seen");
    assert_eq!(denied("RawSocket", "false"), bits(&[Told::RawSocket]));
}

#[test]
fn raw_socket_is_denied_where_its_capability_is_not_declared() {
    let expression = "'NET_RAW' in container.capabilities.allowed";
    let mut denials = denials_of("RawSocket", BLOCK, "event.task != 'Runtime'", expression);
    let nobody = Resolved::of_id("c");
    assert_eq!(denials.masks(&nobody).denied.calls, 0, "what it declares is not known");
    assert!(!denials.masks(&nobody).ask_network_policies());
    let fails = denials.policies.get("p").map(|policy| {
        let tabulation = policy::tabulate::Tabulation::of(policy, &[]).expect("it is finite");
        let mut container = nobody.container(Set::default()).clone();
        container.capabilities.allowed = Known::Known(Set::default());
        mask(|event| tabulation.answer(policy, &container, event) == Some(policy::tabulate::Answer::Fail))
    });
    assert_eq!(fails, Some(bits(&[Told::RawSocket])));
}
