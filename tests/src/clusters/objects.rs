//! Nodes, namespaces, Pods and Services.

use policy::network::Name;
use serde_json::{Value, json};

use super::{Dice, SPACES};

/// Namespaces, some of which are not declared.
pub(super) fn namespaces(dice: &mut Dice) -> Vec<Value> {
    let mut documents = Vec::new();
    for name in ["a", "b", "c"] {
        if !dice.once_in(8) {
            let labels = json!({"team": dice.one(&["x", "y", "z"])});
            documents.push(
                json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}),
            );
        }
    }
    documents
}

/// Nodes, without which nobody knows which addresses are Pods'.
pub(super) fn nodes() -> impl Iterator<Item = Value> {
    (1..=3).map(node)
}

fn node(number: usize) -> Value {
    let addresses = [format!("192.168.0.{number}"), format!("fd99::{number}")];
    let addresses = addresses.map(|address| json!({"type": "InternalIP", "address": address}));
    json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("n{number}")},
        "spec": {"podCIDRs": [format!("10.1.{number}.0/28"), format!("fd00:0:0:{number}::/124")]},
        "status": {"addresses": addresses},
    })
}

/// A Pod of this node, which is `n1`: by its number of IPv4, of both families or of IPv6. The sixth may be in the node's
/// network.
pub(super) fn own_pod(dice: &mut Dice, number: usize, uid: &str) -> Value {
    let (v4, v6) = (format!("10.1.1.{}", 1 + number), format!("fd00:0:0:1::{}", 1 + number));
    let is_host = number == 5 && dice.once_in(3);
    let ips = match number % 4 {
        _ if is_host => vec!["192.168.0.1".to_owned()],
        2 => vec![v6],
        1 => vec![v4, v6],
        _ => vec![v4],
    };
    let space = *dice.one(&SPACES);
    let name = Name::new(space, &format!("own{number}"));
    let mut pod = pod(dice, &name, 1, &ips, is_host);
    pod["metadata"]["uid"] = json!(uid);
    pod["status"]["phase"] = json!("Running");
    pod
}

pub(super) fn other_pod(dice: &mut Dice, number: usize) -> Value {
    let namespace = *dice.one(&["a", "b", "c"]);
    other_pod_named(dice, &Name::new(namespace, &format!("p{number}")))
}

/// A Pod of any node, which may have another's address.
pub(super) fn other_pod_named(dice: &mut Dice, name: &Name) -> Value {
    let (node, last) = (1 + dice.below(3), 9 + dice.below(6));
    let is_host = dice.once_in(8);
    let (v4, v6) = (format!("10.1.{node}.{last}"), format!("fd00:0:0:{node}::{last:x}"));
    let ips = match dice.below(4) {
        _ if is_host => vec![format!("192.168.0.{node}")],
        0 => vec![v6],
        1 => vec![v4, v6],
        _ => vec![v4],
    };
    pod(dice, name, node, &ips, is_host)
}

fn pod(dice: &mut Dice, name: &Name, node: usize, ips: &[String], is_host: bool) -> Value {
    let mut ports = vec![json!({"name": "http", "containerPort": dice.one(&[80, 8080])})];
    if dice.once_in(2) {
        let protocol = dice.one(&["UDP", "TCP", "SCTP"]);
        ports.push(json!({"name": "dns", "containerPort": 53, "protocol": protocol}));
    }
    let restart = *dice.one(&["Always", "Never"]);
    let phase = if dice.once_in(8) { *dice.one(&["Succeeded", "Failed"]) } else { "Running" };
    let ips: Vec<Value> = ips.iter().map(|ip| json!({"ip": ip})).collect();
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": name.namespace, "name": name.name, "labels": labels(dice)},
        "spec": {
            "nodeName": format!("n{node}"), "hostNetwork": is_host,
            "containers": [{"name": "main", "image": "registry.test/sample:1", "ports": ports}],
            "initContainers": [{
                "name": "side", "image": "registry.test/sample:1", "restartPolicy": restart,
                "ports": [{"name": "side", "containerPort": 8081}],
            }],
        },
        "status": {
            "phase": phase, "podIP": ips[0]["ip"], "podIPs": ips, "hostIP": format!("192.168.0.{node}"),
        },
    })
}

pub(super) fn relabel(dice: &mut Dice, pod: &mut Value) {
    pod["metadata"]["labels"] = labels(dice);
}

fn labels(dice: &mut Dice) -> Value {
    let mut labels = json!({"app": dice.one(&["web", "db", "api"])});
    if dice.once_in(2) {
        labels["tier"] = json!(dice.one(&["1", "2"]));
    }
    labels
}

/// A Service, perhaps with a slice of endpoints.
pub(super) fn service(dice: &mut Dice, number: usize) -> Vec<Value> {
    let namespace = *dice.one(&SPACES);
    let name = format!("s{number}");
    let mut spec = json!({
        "clusterIP": match dice.below(6) {
            0 => "None".to_owned(),
            1 => format!("fd96::{number}"),
            _ => format!("10.96.0.{number}"),
        },
        "ports": [
            {"name": "web", "port": 80, "targetPort": dice.one(&[json!("http"), json!(8080)]), "nodePort": 30080 + number},
            {"name": "dns", "port": 53, "protocol": "UDP"},
        ],
    });
    if !dice.once_in(5) {
        spec["selector"] = json!({"app": dice.one(&["web", "db"])});
    }
    if dice.once_in(4) {
        spec["externalIPs"] = json!([dice.one(&["203.0.113.1", "192.168.0.2"])]);
    }
    let metadata = json!({"namespace": namespace, "name": name});
    let mut documents =
        vec![json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})];
    if dice.once_in(2) {
        documents.push(slice(dice, namespace, &name));
    }
    documents
}

fn slice(dice: &mut Dice, namespace: &str, service: &str) -> Value {
    let endpoint = |dice: &mut Dice| {
        let inside = format!("10.1.{}.{}", 1 + dice.below(3), 9 + dice.below(6));
        let address = if dice.once_in(5) { "172.16.1.9".to_owned() } else { inside };
        json!({"addresses": [address], "conditions": {
            "ready": !dice.once_in(4), "serving": dice.once_in(2), "terminating": dice.once_in(2),
        }})
    };
    let endpoints: Vec<Value> = (0..1 + dice.below(3)).map(|_| endpoint(dice)).collect();
    json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {
            "namespace": namespace, "name": format!("{service}-1"),
            "labels": {"kubernetes.io/service-name": service},
        },
        "ports": [{"name": "web", "port": 8080}, {"name": "dns", "port": 53, "protocol": "UDP"}],
        "endpoints": endpoints,
    })
}
