//! NetworkPolicies.

use policy::network::Name;
use serde_json::{Value, json};

use super::{Dice, SPACES};

/// Ranges that overlap each other, Pods, nodes and Services, with what may be left out of them.
const BLOCKS: [(&str, [&str; 2]); 9] = [
    ("0.0.0.0/0", ["172.16.1.0/24", "10.1.1.8/29"]),
    ("10.0.0.0/8", ["10.1.0.0/16", "10.1.2.10/32"]),
    ("10.1.0.0/22", ["10.1.2.0/28", "10.1.3.12/30"]),
    ("10.1.2.0/28", ["10.1.2.8/30", "10.1.2.11/32"]),
    ("172.16.0.0/16", ["172.16.1.0/24", "172.16.1.5/32"]),
    ("192.168.0.0/30", ["192.168.0.2/32", "192.168.0.3/32"]),
    ("fd00::/62", ["fd00:0:0:2::/64", "fd00:0:0:3::a/127"]),
    ("::/0", ["fd00::/16", "2001:db8::/32"]),
    ("10.96.0.0/24", ["10.96.0.1/32", "10.96.0.2/31"]),
];

pub(super) fn policy(dice: &mut Dice, number: usize) -> Value {
    let space = *dice.one(&SPACES);
    let name = Name::new(space, &format!("n{number}"));
    policy_named(dice, &name)
}

/// A policy that mostly selects some Pods for egress.
pub(super) fn policy_named(dice: &mut Dice, name: &Name) -> Value {
    let selected = match dice.below(8) {
        0..=1 => json!({}),
        2 => json!({"matchLabels": {"app": "nobody"}}),
        _ => selector(dice, &POD_KEYS),
    };
    let mut spec = json!({"podSelector": selected});
    match dice.below(8) {
        // Nothing may be connected to.
        0..=1 => spec["policyTypes"] = json!(["Egress"]),
        2 => spec["ingress"] = rules(dice, "from"),
        3 => {
            spec["policyTypes"] = json!(["Ingress", "Egress"]);
            spec["ingress"] = rules(dice, "from");
            spec["egress"] = rules(dice, "to");
        }
        4 => spec["egress"] = rules(dice, "to"),
        _ => {
            spec["policyTypes"] = json!(["Egress"]);
            spec["egress"] = rules(dice, "to");
        }
    }
    let metadata = json!({"namespace": name.namespace, "name": name.name});
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec})
}

fn rules(dice: &mut Dice, peers: &str) -> Value {
    let rule = |dice: &mut Dice| {
        let mut rule = json!({});
        // A rule without peers, or without ports, is about all of them.
        if !dice.once_in(10) {
            rule[peers] = (0..1 + dice.below(3)).map(|_| peer(dice)).collect();
        }
        if !dice.once_in(4) {
            rule["ports"] = (0..1 + dice.below(3)).map(|_| port(dice)).collect();
        }
        rule
    };
    (0..1 + dice.below(3)).map(|_| rule(dice)).collect()
}

fn peer(dice: &mut Dice) -> Value {
    match dice.below(6) {
        0 => json!({"podSelector": selector(dice, &POD_KEYS)}),
        1 => json!({"namespaceSelector": selector(dice, &SPACE_KEYS)}),
        2 => {
            json!({"namespaceSelector": selector(dice, &SPACE_KEYS), "podSelector": selector(dice, &POD_KEYS)})
        }
        _ => {
            let (cidr, except) = *dice.one(&BLOCKS);
            let mut block = json!({"cidr": cidr});
            if !dice.once_in(3) {
                block["except"] = json!(except[..1 + dice.below(2)]);
            }
            json!({"ipBlock": block})
        }
    }
}

fn port(dice: &mut Dice) -> Value {
    let mut port = match dice.below(8) {
        0 => json!({}),
        1..=2 => json!({"port": dice.one(&[53, 80, 8080, 8081])}),
        3..=4 => json!({"port": dice.one(&[60, 1000]), "endPort": dice.one(&[1000, 8080, 65535])}),
        _ => json!({"port": dice.one(&["http", "dns", "side"])}),
    };
    if dice.once_in(2) {
        port["protocol"] = json!(dice.one(&["TCP", "UDP", "SCTP"]));
    }
    port
}

const POD_KEYS: [(&str, [&str; 2]); 2] = [("app", ["web", "db"]), ("tier", ["1", "2"])];
const SPACE_KEYS: [(&str, [&str; 2]); 2] =
    [("team", ["x", "y"]), ("kubernetes.io/metadata.name", ["a", "c"])];

fn selector(dice: &mut Dice, keys: &[(&str, [&str; 2])]) -> Value {
    let (key, values) = *dice.one(keys);
    match dice.below(7) {
        0 => json!({}),
        1..=3 => json!({"matchLabels": {key: dice.one(&values)}}),
        4 => {
            let operator = dice.one(&["In", "NotIn"]);
            json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]})
        }
        5 => json!({"matchExpressions": [{"key": key, "operator": dice.one(&["Exists", "DoesNotExist"])}]}),
        _ => json!({
            "matchLabels": {key: values[0]},
            "matchExpressions": [{"key": key, "operator": "NotIn", "values": [values[1]]}],
        }),
    }
}
