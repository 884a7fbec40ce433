use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::json;

use super::*;

fn socket(call: SocketCall) -> Socket {
    Socket {
        call,
        protocol: Known::Known(Protocol::TCP),
        family: Known::Known(Family::IPv4),
        local: Local { ip: Known::Known(Ipv4Addr::UNSPECIFIED.into()), port: Known::Known(80) },
        peer: Peer {
            ip: Known::Known(Ipv4Addr::LOCALHOST.into()),
            port: Known::Unknown,
            pod: Known::Known(None),
            namespace: Known::Unknown,
        },
        permitted: Known::Unknown,
        policies: Vec::new(),
    }
}

#[test]
fn a_call_shows_the_addresses_that_it_is_about() {
    let of = |call| serde_json::to_value(socket(call)).expect("JSON");
    let (local, peer) =
        (json!({"ip": "0.0.0.0", "port": 80}), json!({"ip": "127.0.0.1", "port": null, "namespace": null}));
    for call in SocketCall::ALL {
        let shown = of(call);
        assert_eq!(shown.get("local"), call.has_local().then_some(&local), "{call:?}");
        assert_eq!(shown.get("peer"), call.has_peer().then_some(&peer), "{call:?}");
        assert_eq!(shown["permitted"], json!(null), "Unknown is null");
    }
    assert_eq!(of(SocketCall::RawSocket), json!({"protocol": "TCP", "family": "IPv4", "permitted": null}));
}

#[test]
fn protocols_have_the_names_of_kubernetes_and_numbers_without_one() {
    let names =
        [(6, "TCP"), (17, "UDP"), (132, "SCTP"), (1, "ICMP"), (58, "ICMPV6"), (255, "RAW"), (47, "47")];
    for (number, name) in names {
        assert_eq!(Protocol(number).to_string(), name);
    }
}

#[test]
fn a_family_is_the_addresss() {
    assert_eq!(Family::from(IpAddr::from(Ipv4Addr::LOCALHOST)), Family::IPv4);
    assert_eq!(Family::from(IpAddr::from(Ipv6Addr::LOCALHOST)), Family::IPv6);
}
