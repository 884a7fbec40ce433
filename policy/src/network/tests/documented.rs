//! What the documentation says, sentence by sentence (concepts/services-networking/network-policies, and the comments
//! of `k8s.io/api/networking/v1`), each in words of our own as the test's name.

use super::*;

/// Two namespaces on two nodes: `a/db`, `a/web`, `b/web`, and a node's Pod `b/host`.
const BASE: &str = "
kind: Namespace
metadata: {name: a, labels: {team: red}}
---
kind: Namespace
metadata: {name: b, labels: {team: blue}}
---
kind: Node
metadata: {name: n1}
spec: {podCIDRs: [10.1.1.0/24]}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
---
kind: Node
metadata: {name: n2}
spec: {podCIDRs: [10.1.2.0/24]}
status: {addresses: [{type: InternalIP, address: 192.168.0.2}]}
---
kind: Pod
metadata: {name: db, namespace: a, labels: {app: db}}
spec: {nodeName: n1, containers: [{name: m, ports: [{name: sql, containerPort: 5432}, {name: mgmt, containerPort: 9000, protocol: SCTP}]}]}
status: {phase: Running, podIPs: [{ip: 10.1.1.1}, {ip: 'fd00::1'}]}
---
kind: Pod
metadata: {name: web, namespace: a, labels: {app: web}}
spec: {nodeName: n2, containers: [{name: m, ports: [{name: http, containerPort: 8080}]}]}
status: {phase: Running, podIP: 10.1.2.1}
---
kind: Pod
metadata: {name: web, namespace: b, labels: {app: web}}
spec: {nodeName: n2, containers: [{name: m, ports: [{name: http, containerPort: 8081}]}]}
status: {phase: Running, podIP: 10.1.2.2}
---
kind: Pod
metadata: {name: done, namespace: b, labels: {app: db}}
spec: {nodeName: n2}
status: {phase: Succeeded, podIP: 10.1.2.2}
---
kind: Pod
metadata: {name: host, namespace: b, labels: {app: host}}
spec: {nodeName: n2, hostNetwork: true}
status: {phase: Running, podIP: 192.168.0.2, hostIP: 192.168.0.2}
";

/// The cluster with policies in namespace `a`, named n0, n1 ...
pub(super) fn with(specs: &[&str]) -> Cluster {
    let mut text = BASE.to_owned();
    for (index, spec) in specs.iter().enumerate() {
        text +=
            &format!("---\nkind: NetworkPolicy\nmetadata: {{name: n{index}, namespace: a}}\nspec: {spec}\n");
    }
    cluster(&text)
}

fn tcp(cluster: &Cluster, direction: Direction, peer: &str, port: u16) -> &'static str {
    word(&ask(cluster, "a/db", direction, peer, Protocol::Tcp, port))
}

pub(super) fn into(cluster: &Cluster, peer: &str, port: u16) -> &'static str {
    tcp(cluster, Direction::Ingress, peer, port)
}

pub(super) fn out(cluster: &Cluster, peer: &str, port: u16) -> &'static str {
    tcp(cluster, Direction::Egress, peer, port)
}

fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::Allowed(_) => "allowed",
        Answer::Denied => "denied",
        Answer::Free => "free",
        Answer::Always(_) => "always",
        Answer::Unknown(_) => "unknown",
    }
}

pub(super) const WEB: &str = "10.1.2.1";
const OTHER_WEB: &str = "10.1.2.2";
pub(super) const OUTSIDE: &str = "198.51.100.7";

#[test]
fn by_default_a_pod_is_not_isolated() {
    assert_eq!([into(&with(&[]), WEB, 5432), out(&with(&[]), OUTSIDE, 443)], ["free", "free"]);
}

#[test]
fn a_pod_is_isolated_by_a_policy_that_selects_it_and_has_the_direction_among_its_types() {
    let cluster = with(&["{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}"]);
    assert_eq!([into(&cluster, WEB, 5432), out(&cluster, WEB, 8080)], ["denied", "free"]);
    let other = ask(&cluster, "a/web", Direction::Ingress, "10.1.1.1", Protocol::Tcp, 1);
    assert_eq!(word(&other), "free", "other pods of the namespace are as they were");
    let elsewhere = ask(&cluster, "b/web", Direction::Ingress, "10.1.1.1", Protocol::Tcp, 1);
    assert_eq!(word(&elsewhere), "free");
}

#[test]
fn policies_are_additive() {
    let port = |port| format!("{{podSelector: {{}}, ingress: [{{ports: [{{port: {port}}}]}}]}}");
    let cluster = with(&[&port(1), &port(2), "{podSelector: {}}"]);
    assert_eq!([1, 2, 3].map(|port| into(&cluster, WEB, port)), ["allowed", "allowed", "denied"]);
}

#[test]
fn an_empty_pod_selector_selects_all_pods_of_the_namespace() {
    assert_eq!(into(&with(&["{podSelector: {}}"]), WEB, 1), "denied");
    assert_eq!(into(&with(&["{}"]), WEB, 1), "denied", "and one that is left out is an empty one");
}

#[test]
fn without_policy_types_ingress_is_set_always_and_egress_if_there_is_an_egress_rule() {
    let no_rule = with(&["{podSelector: {}, egress: []}"]);
    assert_eq!([into(&no_rule, WEB, 1), out(&no_rule, WEB, 1)], ["denied", "free"]);
    let one_rule = with(&["{podSelector: {}, egress: [{ports: [{port: 1}]}]}"]);
    assert_eq!(
        [into(&one_rule, WEB, 1), out(&one_rule, WEB, 1), out(&one_rule, WEB, 2)],
        ["denied", "allowed", "denied"]
    );
}

#[test]
fn a_policy_that_is_about_egress_only_says_so() {
    let cluster = with(&["{podSelector: {}, policyTypes: [Egress]}"]);
    assert_eq!([into(&cluster, WEB, 1), out(&cluster, WEB, 1)], ["free", "denied"]);
}

#[test]
fn a_rule_without_peers_or_ports_is_about_all() {
    let cluster = with(&["{podSelector: {}, ingress: [{}], egress: [{to: [], ports: []}]}"]);
    for peer in [WEB, OTHER_WEB, OUTSIDE, "2001:db8::1"] {
        assert_eq!([into(&cluster, peer, 1), out(&cluster, peer, 1)], ["allowed", "allowed"], "{peer}");
    }
}

#[test]
fn a_rule_allows_what_matches_both_its_peers_and_its_ports() {
    let cluster = with(&["{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 5432}]}]}"]);
    assert_eq!(
        [into(&cluster, WEB, 5432), into(&cluster, WEB, 1), into(&cluster, OTHER_WEB, 5432)],
        ["allowed", "denied", "denied"]
    );
}

#[test]
fn a_pod_selector_is_about_the_policys_own_namespace() {
    let cluster = with(&["{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}"]);
    assert_eq!([into(&cluster, WEB, 1), into(&cluster, OTHER_WEB, 1)], ["allowed", "denied"]);
}

#[test]
fn a_namespace_selector_is_about_all_pods_of_the_namespaces() {
    let cluster =
        with(&["{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}}]}]}"]);
    assert_eq!([into(&cluster, WEB, 1), into(&cluster, OTHER_WEB, 1)], ["denied", "allowed"]);
}

#[test]
fn both_selectors_in_one_entry_must_hold_and_in_two_entries_either() {
    const NAMESPACE: &str = "namespaceSelector: {matchLabels: {team: blue}}";
    const POD: &str = "podSelector: {matchLabels: {app: db}}";
    let one = with(&[&format!("{{podSelector: {{}}, egress: [{{to: [{{{NAMESPACE}, {POD}}}]}}]}}")]);
    assert_eq!(out(&one, OTHER_WEB, 1), "denied");
    let two = with(&[&format!("{{podSelector: {{}}, egress: [{{to: [{{{NAMESPACE}}}, {{{POD}}}]}}]}}")]);
    assert_eq!(out(&two, OTHER_WEB, 1), "allowed");
}

#[test]
fn a_namespace_is_selected_by_its_name_with_the_label_that_the_api_server_sets() {
    let cluster = with(&[
        "{podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]}",
    ]);
    assert_eq!([out(&cluster, WEB, 1), out(&cluster, OTHER_WEB, 1)], ["denied", "allowed"]);
}

#[test]
fn a_block_is_a_range_of_addresses_without_those_excepted() {
    let cluster = with(&[
        "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 198.51.100.0/24, except: [198.51.100.64/26]}}]}]}",
    ]);
    let answers = ["198.51.100.63", "198.51.100.64", "198.51.100.127", "198.51.100.128", "198.51.101.1"];
    assert_eq!(
        answers.map(|peer| out(&cluster, peer, 1)),
        ["allowed", "denied", "denied", "allowed", "denied"]
    );
}

#[test]
fn an_except_takes_nothing_from_another_peer() {
    let cluster = with(&[
        "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [198.51.100.0/24]}}, {ipBlock: {cidr: 198.51.100.7/32}}]}]}",
    ]);
    assert_eq!([out(&cluster, OUTSIDE, 1), out(&cluster, "198.51.100.8", 1)], ["allowed", "denied"]);
}

#[test]
fn a_block_is_of_one_family_and_a_mapped_address_is_an_ipv4_one() {
    let cluster = with(&["{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"]);
    assert_eq!(
        [out(&cluster, "2001:db8::1", 1), out(&cluster, "::ffff:198.51.100.7", 1)],
        ["denied", "allowed"]
    );
}

#[test]
fn a_port_without_a_protocol_is_tcps() {
    let cluster = with(&["{podSelector: {}, egress: [{ports: [{port: 53}]}]}"]);
    let udp = ask(&cluster, "a/db", Direction::Egress, WEB, Protocol::Udp, 53);
    assert_eq!([out(&cluster, WEB, 53), word(&udp)], ["allowed", "denied"]);
}

#[test]
fn a_protocol_without_a_port_is_all_its_ports() {
    let cluster = with(&["{podSelector: {}, egress: [{ports: [{protocol: SCTP}]}]}"]);
    let sctp = ask(&cluster, "a/db", Direction::Egress, WEB, Protocol::Sctp, 7);
    assert_eq!([word(&sctp), out(&cluster, WEB, 7)], ["allowed", "denied"]);
}

#[test]
fn a_range_of_ports_includes_both_ends() {
    let cluster = with(&["{podSelector: {}, egress: [{ports: [{port: 100, endPort: 200}]}]}"]);
    assert_eq!(
        [99, 100, 200, 201].map(|port| out(&cluster, WEB, port)),
        ["denied", "allowed", "allowed", "denied"]
    );
}

#[test]
fn a_named_port_is_the_one_of_the_pod_that_is_connected_to() {
    let egress = with(&["{podSelector: {}, egress: [{ports: [{port: http}]}]}"]);
    assert_eq!(
        [out(&egress, WEB, 8080), out(&egress, OTHER_WEB, 8080), out(&egress, OTHER_WEB, 8081)],
        ["allowed", "denied", "allowed"]
    );
    assert_eq!(out(&egress, OUTSIDE, 8080), "denied", "nobody there names a port");
    let ingress = with(&["{podSelector: {}, ingress: [{ports: [{port: sql}, {port: mgmt}]}]}"]);
    assert_eq!(
        [into(&ingress, WEB, 5432), into(&ingress, WEB, 9000)],
        ["allowed", "denied"],
        "mgmt is SCTP's"
    );
}

#[test]
fn a_pod_cannot_be_kept_from_itself_its_node_and_loopback() {
    let cluster = with(&["{podSelector: {}, policyTypes: [Ingress, Egress]}"]);
    for peer in ["127.0.0.1", "::1", "10.1.1.1", "fd00::1", "192.168.0.1"] {
        assert_eq!([into(&cluster, peer, 1), out(&cluster, peer, 1)], ["always", "always"], "{peer}");
    }
}

#[test]
fn what_policies_do_to_pods_in_the_nodes_network_is_not_defined() {
    let cluster = with(&["{podSelector: {}, egress: [{to: [{namespaceSelector: {}}]}]}"]);
    assert_eq!(
        out(&cluster, "192.168.0.2", 1),
        "unknown",
        "a selected Pod is there, and it is a node's address"
    );
    let host = format!(
        "{BASE}---\nkind: NetworkPolicy\nmetadata: {{name: pol, namespace: b}}\nspec: {{podSelector: {{}}}}\n"
    );
    let own = ask(&super::cluster(&host), "b/host", Direction::Ingress, WEB, Protocol::Tcp, 1);
    assert_eq!(own, Answer::Unknown(Cause::HostNetwork));
}

#[test]
fn a_source_that_may_have_been_rewritten_is_unknown_where_a_rule_might_allow_it() {
    let cluster = with(&[
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 198.51.100.0/24}}], ports: [{port: 443}]}]}",
    ]);
    assert_eq!(
        [into(&cluster, "192.168.0.2", 443), into(&cluster, "192.168.0.2", 80)],
        ["unknown", "denied"]
    );
    assert_eq!([into(&cluster, OUTSIDE, 443), into(&cluster, "203.0.113.1", 443)], ["allowed", "denied"]);
}

#[test]
fn without_a_declared_node_any_source_may_have_been_rewritten() {
    let text = "kind: Pod\nmetadata: {name: db, namespace: a}\nstatus: {podIP: 10.1.1.1, hostIP: 192.168.0.1}\n---\nkind: NetworkPolicy\nmetadata: {name: pol, namespace: a}\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 198.51.100.0/24}}]}]}\n";
    assert_eq!(into(&cluster(text), OUTSIDE, 443), "unknown");
}

#[test]
fn udp_ingress_is_unknown() {
    let cluster = with(&["{podSelector: {}}"]);
    let udp = ask(&cluster, "a/db", Direction::Ingress, WEB, Protocol::Udp, 53);
    assert_eq!(udp, Answer::Unknown(Cause::UdpIngress));
}

#[test]
fn an_address_of_the_pods_range_that_no_pod_has_is_unknown() {
    let cluster = with(&["{podSelector: {}, policyTypes: [Ingress, Egress]}"]);
    assert_eq!([into(&cluster, "10.1.2.99", 1), out(&cluster, "10.1.2.99", 1)], ["unknown", "unknown"]);
}

#[test]
fn a_namespace_that_is_not_declared_is_unknown_where_its_labels_are_asked_for() {
    let text = "---\nkind: Pod\nmetadata: {name: far, namespace: c}\nstatus: {podIP: 10.1.2.9}\n---\nkind: NetworkPolicy\nmetadata: {name: pol, namespace: a}\nspec: {podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels: {team: blue}}}]}]}\n";
    let cluster = cluster(&format!("{BASE}{text}"));
    assert_eq!(
        ask(&cluster, "a/db", Direction::Egress, "10.1.2.9", Protocol::Tcp, 1),
        Answer::Unknown(Cause::NamespaceNotDeclared)
    );
}

const SERVICES: &str = "
---
kind: Service
metadata: {name: web, namespace: a}
spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
kind: Service
metadata: {name: both, namespace: a}
spec: {clusterIP: 10.96.0.2, ports: [{name: w, port: 80}]}
---
kind: EndpointSlice
addressType: IPv4
metadata: {name: both-1, namespace: a, labels: {kubernetes.io/service-name: both}}
ports: [{name: w, port: 8080}]
endpoints:
- {addresses: [10.1.2.1]}
- {addresses: [10.1.2.2], conditions: {ready: true}}
- {addresses: [10.1.2.77], conditions: {ready: false}}
---
kind: NetworkPolicy
metadata: {name: pol, namespace: a}
";

#[test]
fn a_services_address_is_judged_by_its_endpoints() {
    let of = |spec: &str| cluster(&format!("{BASE}{SERVICES}spec: {spec}\n"));
    let own = of("{podSelector: {}, egress: [{to: [{podSelector: {}}], ports: [{port: 8080}]}]}");
    assert_eq!(out(&own, "10.96.0.1", 80), "allowed", "the Pod's port is what counts");
    assert_eq!(out(&own, "10.96.0.1", 8080), "unknown", "the Service has no such port");
    let cause = ask(&own, "a/db", Direction::Egress, "10.96.0.2", Protocol::Tcp, 80);
    assert_eq!(cause, Answer::Unknown(Cause::EndpointsDiffer));
    let all = of("{podSelector: {}, egress: [{to: [{namespaceSelector: {}}]}]}");
    assert_eq!(out(&all, "10.96.0.2", 80), "allowed", "what is not ready does not count");
    let none = of("{podSelector: {}, policyTypes: [Egress]}");
    assert_eq!([out(&none, "10.96.0.1", 80), out(&none, "10.96.0.2", 80)], ["denied", "denied"]);
    let block = of("{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.96.0.0/16}}]}]}");
    assert_eq!(
        out(&block, "10.96.0.1", 80),
        "unknown",
        "a block may be applied before the address is rewritten"
    );
}

#[test]
fn a_finished_pod_has_no_address() {
    let cluster = with(&[
        "{podSelector: {}, egress: [{to: [{namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}]}]}",
    ]);
    assert_eq!(out(&cluster, OTHER_WEB, 1), "denied", "b/done had it and is a db; b/web has it now");
}

#[test]
fn the_explanation_says_what_each_rule_says() {
    let cluster = with(&[
        "{podSelector: {}, egress: [{ports: [{port: 1}]}, {to: [{podSelector: {}}]}]}",
        "{podSelector: {}, policyTypes: [Egress]}",
    ]);
    let pod = cluster.find(&Name::new("a", "db")).unwrap();
    let question =
        Question { direction: Direction::Egress, peer: ip(OTHER_WEB), port: 2, protocol: Protocol::Tcp };
    let explanation = cluster.explain(pod, &question);
    let rules =
        |policy: &PolicyReason| policy.rules.iter().map(|rule| (rule.peers, rule.ports)).collect::<Vec<_>>();
    assert_eq!(explanation.answer, Answer::Denied);
    assert_eq!(explanation.peer, [PeerKind::Pod(Name::new("b", "web"))]);
    assert_eq!(rules(&explanation.policies[0]), [(Match::Yes, Match::No), (Match::No, Match::Yes)]);
    assert_eq!(rules(&explanation.policies[1]), []);
}
