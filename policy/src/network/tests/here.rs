//! The node of who asks, as it is itself.

use super::*;

/// A Pod that may nothing on each of two nodes, whose objects tell one address each; and a Service.
const OBJECTS: &str = "
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
---
kind: Node
metadata: {name: n2}
status: {addresses: [{type: InternalIP, address: 192.168.0.2}]}
---
kind: Pod
metadata: {name: one, namespace: a}
spec: {nodeName: n1}
status: {podIP: 10.1.0.1}
---
kind: Pod
metadata: {name: two, namespace: a}
spec: {nodeName: n2}
status: {podIP: 10.2.0.1}
---
kind: Service
metadata: {name: s, namespace: b}
spec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}
---
kind: NetworkPolicy
metadata: {name: nothing, namespace: a}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
";

fn on(node: &str, addresses: Option<&[&str]>) -> Cluster {
    let mut cluster = cluster(OBJECTS);
    let addresses = addresses.map(|all| all.iter().map(|text| ip(text)).collect());
    cluster.change(Change::Here(Some(Here { node: node.into(), addresses })));
    cluster
}

fn both(cluster: &Cluster, pod: &str, peer: &str) -> [Answer; 2] {
    Direction::ALL.map(|direction| ask(cluster, pod, direction, peer, Protocol::Tcp, 80))
}

/// Guards against a probe from the bridge's address that is told, and against each node's being everyone's own.
#[test]
fn an_interface_of_the_own_node_is_always_allowed_and_another_nodes_is_not() {
    let own = [Answer::Always(Always::OwnNode), Answer::Always(Always::OwnNode)];
    let denied = [Answer::Denied, Answer::Denied];
    let cluster = on("n1", Some(&["192.168.0.1", "10.1.0.254", "fd00::1"]));
    for peer in ["10.1.0.254", "::ffff:10.1.0.254", "fd00::1", "192.168.0.1"] {
        assert_eq!(both(&cluster, "a/one", peer), own, "{peer}");
        assert_eq!(both(&cluster, "a/two", peer), denied, "{peer}, of the other node");
    }
    for peer in ["192.168.0.2", "10.2.0.254", "10.2.0.1", "203.0.113.1"] {
        assert_eq!(both(&cluster, "a/one", peer), denied, "{peer}");
    }
}

#[test]
fn a_node_of_another_name_is_told_by_the_addresses_of_its_own() {
    let cluster = on("n1.example", Some(&["192.168.0.1", "10.1.0.254"]));
    assert_eq!(both(&cluster, "a/one", "10.1.0.254")[0], Answer::Always(Always::OwnNode));
    assert_eq!(both(&cluster, "a/two", "10.1.0.254")[0], Answer::Denied);
}

/// kube-proxy in mode IPVS gives an interface the address of each Service.
#[test]
fn a_services_address_on_an_interface_stays_a_services() {
    let cluster = on("n1", Some(&["192.168.0.1", "10.96.0.1", "10.2.0.1"]));
    assert_eq!(both(&cluster, "a/one", "10.96.0.1")[0], Answer::Unknown(Cause::NoEndpoints));
    assert_eq!(both(&cluster, "a/one", "10.2.0.1")[0], Answer::Denied, "a Pod's");
}

#[test]
fn where_its_interfaces_cannot_be_read_an_address_that_no_object_has_may_be_its_own() {
    let cluster = on("n1", None);
    assert_eq!(both(&cluster, "a/one", "192.168.0.1")[1], Answer::Always(Always::OwnNode));
    for peer in ["10.1.0.254", "203.0.113.1"] {
        assert_eq!(both(&cluster, "a/one", peer)[1], Answer::Unknown(Cause::PeerNotDeclared));
        assert_eq!(both(&cluster, "a/two", peer)[1], Answer::Denied, "it is on another node");
    }
    assert_eq!(both(&cluster, "a/one", "10.2.0.1")[1], Answer::Denied, "a Pod is no node");
}

/// Guards against tables that keep to addresses that the node had before.
#[test]
fn tables_follow_the_nodes_interfaces_and_the_services_that_have_their_addresses() {
    let one = Name::new("a", "one");
    let mut network = watching(cluster(OBJECTS), std::slice::from_ref(&one));
    let allows = |network: &Network, peer: &str| {
        let tables = network.tables(&one, Direction::Ingress).expect("it is watched");
        tables.answer(ip(peer), false, Protocol::Tcp, 80) == Verdict::Allowed
    };
    let here = |addresses: &[&str]| on("n1", Some(addresses));
    let follow = |network: &mut Network, cluster: &Cluster| {
        let changes = cluster.changes_since(network.cluster());
        changes.into_iter().map(|change| network.change(change).is_empty()).collect::<Vec<_>>()
    };
    assert!(!allows(&network, "10.1.0.254"));
    assert_eq!(follow(&mut network, &here(&["10.1.0.254"])), [false]);
    assert!(allows(&network, "10.1.0.254"));
    assert!(follow(&mut network, &here(&["10.1.0.254"])).is_empty(), "as before");
    follow(&mut network, &here(&["10.1.0.253"]));
    assert!(allows(&network, "10.1.0.253") && !allows(&network, "10.1.0.254"));
    let service = "kind: Service\nmetadata: {name: t, namespace: b}\nspec: {clusterIP: 10.1.0.253, ports: [{port: 80}]}\n";
    network.change(Change::Put(Box::new(read(service).0.remove(0))));
    assert!(!allows(&network, "10.1.0.253"), "it is the Service's now");
}
