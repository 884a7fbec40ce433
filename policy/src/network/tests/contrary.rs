//! Policies that overlap, contradict each other, or are about what is not there.

use super::documented::{OUTSIDE, WEB, into, out, with};
use super::*;

/// What the egress table of `a/db` has.
fn prefixes(cluster: &Cluster) -> Vec<String> {
    let db = Name::new("a", "db");
    let network = watching(cluster.clone(), std::slice::from_ref(&db));
    let (_, shared) = network.tables(&db, Direction::Egress).unwrap().shared().unwrap();
    shared.prefixes().map(|(range, _)| range.to_string()).collect()
}

#[test]
fn blocks_within_blocks_allow_all_that_any_of_them_allows() {
    let cluster = with(&[
        "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 198.0.0.0/8}}], ports: [{port: 80}]}, {to: [{ipBlock: {cidr: 198.51.100.0/24, except: [198.51.100.0/25]}}], ports: [{port: 443}]}]}",
        "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 198.51.0.0/16, except: [198.51.100.128/25]}}], ports: [{port: 443, endPort: 500}]}]}",
    ]);
    let at = |peer: &str| [80, 443, 444].map(|port| out(&cluster, peer, port));
    assert_eq!(at("198.7.7.7"), ["allowed", "denied", "denied"]);
    assert_eq!(at("198.51.7.7"), ["allowed", "allowed", "allowed"]);
    assert_eq!(at("198.51.100.7"), ["allowed", "allowed", "allowed"], "what one block excepts another has");
    assert_eq!(at("198.51.100.200"), ["allowed", "allowed", "denied"]);
    let blocks: Vec<_> = prefixes(&cluster).into_iter().filter(|range| range.starts_with("198.")).collect();
    assert_eq!(blocks, ["198.0.0.0/8", "198.51.0.0/16", "198.51.100.128/25"], "the rest says nothing else");
}

#[test]
fn the_same_block_many_times_is_one_prefix() {
    let block = "{to: [{ipBlock: {cidr: 198.51.100.0/24}}], ports: [{port: 1}, {port: 1}]}";
    let cluster = with(&[&format!("{{podSelector: {{}}, egress: [{}]}}", [block; 50].join(", "))]);
    assert_eq!([out(&cluster, OUTSIDE, 1), out(&cluster, OUTSIDE, 2)], ["allowed", "denied"]);
    assert_eq!(prefixes(&cluster).iter().filter(|range| range.starts_with("198.")).count(), 1);
}

#[test]
fn a_policy_cannot_take_back_what_another_allows() {
    const ALL: &str = "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}";
    const NONE: &str = "{podSelector: {}, policyTypes: [Egress]}";
    const BUT_THIS: &str =
        "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [198.51.100.0/24]}}]}]}";
    assert_eq!(out(&with(&[BUT_THIS]), OUTSIDE, 1), "denied");
    for specs in [[ALL, NONE, BUT_THIS], [BUT_THIS, NONE, ALL], [NONE, ALL, BUT_THIS]] {
        assert_eq!(out(&with(&specs), OUTSIDE, 1), "allowed");
    }
}

#[test]
fn a_policy_that_selects_nobody_isolates_nobody() {
    let cluster = with(&[
        "{podSelector: {matchLabels: {app: nobody}}, policyTypes: [Ingress, Egress]}",
        "{podSelector: {matchExpressions: [{key: app, operator: Exists}, {key: app, operator: DoesNotExist}]}, policyTypes: [Ingress, Egress]}",
    ]);
    assert_eq!([out(&cluster, OUTSIDE, 1), into(&cluster, WEB, 1)], ["free", "free"]);
    let db = Name::new("a", "db");
    let network = watching(cluster, std::slice::from_ref(&db));
    for direction in Direction::ALL {
        let tables = network.tables(&db, direction).unwrap();
        assert!(tables.is_free() && tables.own().next().is_none());
    }
}

#[test]
fn a_peer_that_selects_nobody_allows_nobody() {
    let cluster = with(&[
        "{podSelector: {}, policyTypes: [Ingress, Egress], egress: [{to: [{podSelector: {matchLabels: {app: nobody}}}]}], ingress: [{from: [{namespaceSelector: {matchLabels: {team: nobody}}}]}]}",
    ]);
    assert_eq!([out(&cluster, WEB, 1), into(&cluster, WEB, 1)], ["denied", "denied"]);
}

#[test]
fn a_name_that_no_container_gives_a_port_is_no_port() {
    let cluster = with(&[
        "{podSelector: {}, policyTypes: [Ingress, Egress], egress: [{ports: [{port: nothing}]}], ingress: [{ports: [{port: nothing}]}]}",
    ]);
    for port in [0, 1, 5432, 8080, u16::MAX] {
        assert_eq!([out(&cluster, WEB, port), into(&cluster, WEB, port)], ["denied", "denied"]);
    }
}

#[test]
fn families_are_told_apart_in_blocks_and_not_by_selectors() {
    let blocks = with(&[
        "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: '::/0', except: ['2001:db8::/32']}}, {ipBlock: {cidr: 198.51.100.0/24}}]}]}",
    ]);
    let peers = ["2001:db9::1", "2001:db8::1", "198.51.100.7", "198.51.101.7", "::ffff:198.51.101.7"];
    assert_eq!(peers.map(|peer| out(&blocks, peer, 1)), ["allowed", "denied", "allowed", "denied", "denied"]);
    let pods = with(&[
        "{podSelector: {matchLabels: {app: web}}, egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}",
    ]);
    let from_web = |peer| ask(&pods, "a/web", Direction::Egress, peer, Protocol::Tcp, 1).verdict();
    assert_eq!(
        ["10.1.1.1", "fd00::1", "fd00::2"].map(from_web),
        [Verdict::Allowed, Verdict::Allowed, Verdict::Denied]
    );
}
