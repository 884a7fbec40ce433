use std::net::IpAddr;

use policy::event::{Family, Local, Peer, Protocol as Spoken};
use policy::network::document;

use super::*;

/// A Pod that may connect to `db` on 5432 only, and is connected to by nobody; and the whole of its cluster.
const OBJECTS: &str = "\
apiVersion: v1
kind: Node
metadata: {name: worker}
status: {addresses: [{type: InternalIP, address: 10.0.0.1}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {nodeName: worker, containers: [{name: c}]}
status: {podIP: 10.1.0.1, podIPs: [{ip: 10.1.0.1}], hostIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {nodeName: worker, containers: [{name: c}]}
status: {podIP: 10.1.0.2, podIPs: [{ip: 10.1.0.2}], hostIP: 10.0.0.1}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  egress: [{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}]
";

fn cluster() -> Cluster {
    of(OBJECTS)
}

pub(crate) fn of(text: &str) -> Cluster {
    let documents = policy::yaml::documents(text).map(|node| document::read(&node.expect("YAML")));
    Cluster::new(documents.flat_map(|read| read.objects))
}

fn socket(call: SocketCall, peer: &str, port: u16) -> Socket {
    let ip: IpAddr = peer.parse().expect("an address");
    let accepted = call == SocketCall::Accept;
    Socket {
        call,
        protocol: Spoken::TCP.into(),
        family: Family::from(ip).into(),
        local: Local { ip: Known::Unknown, port: port.into() },
        peer: Peer {
            ip: ip.into(),
            port: if accepted { Known::Unknown } else { port.into() },
            ..Peer::default()
        },
        permitted: Known::Unknown,
        policies: Vec::new(),
    }
}

fn permitted(cluster: &Cluster, pod: &Name, socket: &Socket) -> Known<bool> {
    ask(cluster, pod, socket).permitted()
}

fn of_web(socket: &Socket) -> Option<bool> {
    permitted(&cluster(), &Name::new("shop", "web"), socket).known()
}

#[test]
fn a_connection_is_permitted_by_the_port_that_is_connected_to() {
    use SocketCall::{Accept, Connect, SendTo};

    assert_eq!(of_web(&socket(Connect, "10.1.0.2", 5432)), Some(true));
    assert_eq!(of_web(&socket(Connect, "10.1.0.2", 22)), Some(false));
    assert_eq!(of_web(&socket(Connect, "192.0.2.1", 5432)), Some(false));
    assert_eq!(of_web(&socket(Accept, "10.1.0.2", 80)), Some(false));
    assert_eq!(of_web(&socket(Accept, "10.0.0.1", 80)), Some(true), "its own node probes it");
    let query = Socket { protocol: Spoken::UDP.into(), ..socket(SendTo, "10.1.0.2", 5432) };
    assert_eq!(of_web(&query), Some(false), "the rule is TCP's");
}

#[test]
fn what_may_be_an_answer_is_never_denied() {
    let call = |peer: &str, protocol| {
        let mut call = socket(SocketCall::SendTo, peer, 0);
        (call.protocol, call.peer.port) = (Known::Known(protocol), Known::Unknown);
        call
    };
    assert_eq!(of_web(&call("10.1.0.2", Spoken::UDP)), None, "no policy allows it");
    assert_eq!(of_web(&call("10.1.0.2", Spoken::TCP)), None, "one allows one port");
    assert_eq!(of_web(&call("127.0.0.1", Spoken::UDP)), Some(true));
    let all_ports = of(&OBJECTS.replace(", ports: [{port: 5432}]", ""));
    let web = Name::new("shop", "web");
    assert_eq!(permitted(&all_ports, &web, &call("10.1.0.2", Spoken::UDP)), Known::Known(true));
    let denied = socket(SocketCall::Connect, "10.1.0.2", 0);
    assert_eq!(of_web(&denied), Some(false), "a connection is no answer");
}

#[test]
fn what_is_denied_is_told_with_the_policies_that_select_the_pod() {
    let call = socket(SocketCall::Connect, "10.1.0.2", 22);
    let told = selecting(&cluster(), &Name::new("shop", "web"), &call);
    assert_eq!(told, [Arc::from("web")]);
}

#[test]
fn what_no_policy_speaks_of_is_unknown() {
    let icmp = Socket { protocol: Spoken(1).into(), ..socket(SocketCall::Connect, "10.1.0.2", 0) };
    assert_eq!(of_web(&icmp), None);
    assert_eq!(of_web(&socket(SocketCall::Listen, "10.1.0.2", 80)), None);
    let stranger = Name::new("shop", "gone");
    let call = socket(SocketCall::Connect, "10.1.0.2", 22);
    assert_eq!(permitted(&cluster(), &stranger, &call), Known::Unknown, "a Pod that is not declared");
    let db = Name::new("shop", "db");
    assert_eq!(permitted(&cluster(), &db, &call), Known::Known(true), "no policy selects it");
}

#[test]
fn a_peer_is_the_pod_that_has_its_address() {
    let peer = |ip: &str, cluster: &Cluster| {
        let mut call = socket(SocketCall::Connect, ip, 80);
        tell_peer(cluster, &mut call);
        (call.peer.namespace, call.peer.pod)
    };
    let named = |name: &str| Known::Known(Some(Arc::from(name)));
    assert_eq!(peer("10.1.0.2", &cluster()), (named("shop"), named("db")));
    assert_eq!(peer("::ffff:10.1.0.2", &cluster()), (named("shop"), named("db")));
    assert_eq!(peer("192.0.2.1", &cluster()), (Known::Known(None), Known::Known(None)));
    // Where not all is declared, it may be that of a Pod of another node.
    assert_eq!(peer("192.0.2.1", &Cluster::default()), (Known::Unknown, Known::Unknown));
}

/// Guards against calls kept for declarations that answer nothing.
#[test]
fn only_what_a_declaration_may_still_answer_is_worth_keeping() {
    let may_be = |pod: &str, call: &Socket, cluster: &Cluster| {
        ask(cluster, &Name::new("shop", pod), call).may_be_declared()
    };
    let call = socket(SocketCall::Connect, "10.1.0.2", 22);
    let outside = socket(SocketCall::Connect, "192.0.2.1", 22);
    assert!(may_be("gone", &call, &cluster()));
    let nodeless = OBJECTS.replace("kind: Node\n", "kind: Other\n");
    let nodeless = nodeless.replace("port: 5432", "port: 22");
    assert!(may_be("web", &outside, &of(&nodeless)), "it may be a Pod's");
    assert!(!may_be("web", &call, &cluster()) && !may_be("web", &outside, &cluster()), "denied");
    assert!(!may_be("db", &outside, &cluster()), "allowed");
    let broken = OBJECTS.replace("port: 5432", "port: 0");
    assert!(!may_be("web", &outside, &of(&broken)), "the policy's mistake");
    let icmp = Socket { protocol: Spoken(1).into(), ..call };
    assert!(!may_be("gone", &icmp, &cluster()));
}
