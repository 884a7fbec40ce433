//! Small clusters in which much coincides.

use serde_json::{Value, json};

/// Numbers that look random and are the same each time (xorshift64*).
#[derive(Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize) % end
    }

    pub(super) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// True once in so many.
    pub(super) fn once_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

pub(super) const BLOCKS: [&str; 7] =
    ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/28", "172.16.0.0/16", "fd00::/64", "::/0", "10.96.0.0/24"];
const EXCEPTS: [[&str; 2]; 7] = [
    ["172.16.1.0/24", "10.1.0.4/30"],
    ["10.1.0.0/28", "10.1.0.2/32"],
    ["10.1.0.4/30", "10.1.0.5/32"],
    ["172.16.1.0/24", "172.16.1.5/32"],
    ["fd00::4/126", "fd00::5/128"],
    ["fd00::/64", "2001:db8::/32"],
    ["10.96.0.1/32", "10.96.0.2/31"],
];

pub(super) fn pod(dice: &mut Dice, name: usize) -> Value {
    let host = 1 + dice.below(2);
    let number = 1 + dice.below(14);
    let mut labels = json!({"app": dice.one(&["web", "db", "api"])});
    if dice.once_in(2) {
        labels["tier"] = json!(dice.one(&["1", "2"]));
    }
    let is_host = dice.once_in(7);
    let mut ips =
        vec![json!({"ip": if is_host { format!("192.168.0.{host}") } else { format!("10.1.0.{number}") }})];
    if dice.once_in(3) && !is_host {
        ips.push(json!({"ip": format!("fd00::{number}")}));
    }
    let mut status = json!({"podIP": ips[0]["ip"], "podIPs": ips, "phase": "Running"});
    if dice.once_in(6) {
        status["phase"] = json!(dice.one(&["Succeeded", "Failed", "Pending"]));
    }
    if !dice.once_in(8) {
        status["hostIP"] = json!(format!("192.168.0.{host}"));
    }
    let mut ports = vec![json!({"name": "http", "containerPort": dice.one(&[80, 8080])})];
    if dice.once_in(2) {
        ports
            .push(json!({"name": "dns", "containerPort": 53, "protocol": dice.one(&["UDP", "TCP", "SCTP"])}));
    }
    let helper =
        json!({"name": "s", "restartPolicy": "Always", "ports": [{"name": "side", "containerPort": 8081}]});
    let mut helper = helper;
    if dice.once_in(2) {
        helper.as_object_mut().unwrap().remove("restartPolicy");
    }
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": dice.one(&["a", "b", "c"]), "name": format!("p{name}"), "labels": labels},
        "spec": {
            "nodeName": format!("n{host}"), "hostNetwork": is_host,
            "containers": [{"name": "m", "ports": ports}], "initContainers": [helper],
        },
        "status": status,
    })
}

fn selector(dice: &mut Dice, keys: &[(&str, [&str; 2])]) -> Value {
    let (key, values) = *dice.one(keys);
    match dice.below(7) {
        0 => json!({}),
        1..=3 => json!({"matchLabels": {key: dice.one(&values)}}),
        4 => {
            json!({"matchExpressions": [{"key": key, "operator": dice.one(&["In", "NotIn"]), "values": values}]})
        }
        5 => json!({"matchExpressions": [{"key": key, "operator": dice.one(&["Exists", "DoesNotExist"])}]}),
        _ => json!({
            "matchLabels": {key: values[0]},
            "matchExpressions": [{"key": key, "operator": "NotIn", "values": [values[1]]}],
        }),
    }
}

const POD_KEYS: [(&str, [&str; 2]); 2] = [("app", ["web", "db"]), ("tier", ["1", "2"])];
const SPACE_KEYS: [(&str, [&str; 2]); 2] =
    [("team", ["x", "y"]), ("kubernetes.io/metadata.name", ["a", "c"])];

fn peer(dice: &mut Dice) -> Value {
    match dice.below(5) {
        0 => json!({"podSelector": selector(dice, &POD_KEYS)}),
        1 => json!({"namespaceSelector": selector(dice, &SPACE_KEYS)}),
        2 => {
            json!({"namespaceSelector": selector(dice, &SPACE_KEYS), "podSelector": selector(dice, &POD_KEYS)})
        }
        _ => {
            let index = dice.below(BLOCKS.len());
            let mut block = json!({"cidr": BLOCKS[index]});
            if !dice.once_in(3) {
                block["except"] = json!(EXCEPTS[index][..1 + dice.below(2)].to_vec());
            }
            json!({"ipBlock": block})
        }
    }
}

fn port(dice: &mut Dice) -> Value {
    let mut port = match dice.below(5) {
        0 => json!({}),
        1 => json!({"port": dice.one(&[53, 80, 8080, 8081])}),
        2 => json!({"port": 60, "endPort": dice.one(&[60, 80, 8080])}),
        _ => json!({"port": dice.one(&["http", "dns", "side"])}),
    };
    if dice.once_in(2) {
        port["protocol"] = json!(dice.one(&["TCP", "UDP", "SCTP"]));
    }
    port
}

fn rules(dice: &mut Dice, peers: &str) -> Value {
    let rule = |dice: &mut Dice| {
        let mut rule = json!({});
        if !dice.once_in(5) {
            rule[peers] = (0..dice.below(4)).map(|_| peer(dice)).collect();
        }
        if dice.once_in(2) {
            rule["ports"] = (0..dice.below(4)).map(|_| port(dice)).collect();
        }
        rule
    };
    (0..dice.below(4)).map(|_| rule(dice)).collect()
}

/// One in eight has a mistake, which its name tells.
pub(super) fn policy(dice: &mut Dice, name: usize) -> Value {
    let mut spec =
        json!({"podSelector": if dice.once_in(2) { json!({}) } else { selector(dice, &POD_KEYS) }});
    if dice.once_in(2) {
        spec["ingress"] = rules(dice, "from");
    }
    if dice.once_in(2) {
        spec["egress"] = rules(dice, "to");
    }
    match dice.below(5) {
        0 => spec["policyTypes"] = json!(["Ingress"]),
        1 => spec["policyTypes"] = json!(["Egress"]),
        2 => spec["policyTypes"] = json!(["Ingress", "Egress"]),
        3 => spec["policyTypes"] = json!([]),
        _ => {}
    }
    let mut name = format!("n{name}");
    match dice.below(24) {
        0 => {
            name = format!("bad-rule-{name}");
            spec["ingress"] = json!([{"ports": [{"port": 90, "endPort": 80}]}]);
        }
        1 => {
            name = format!("bad-selector-{name}");
            spec["podSelector"] = json!({"matchExpressions": [{"key": "app", "operator": "Like"}]});
        }
        2 => {
            name = format!("bad-types-{name}");
            spec["policyTypes"] = json!(["Ingres"]);
        }
        _ => {}
    }
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"namespace": dice.one(&["a", "b"]), "name": name}, "spec": spec,
    })
}

pub(super) fn service(dice: &mut Dice, name: usize) -> Vec<Value> {
    let namespace = *dice.one(&["a", "b"]);
    let mut spec = json!({
        "clusterIP": if dice.once_in(6) { "None".to_owned() } else { format!("10.96.0.{name}") },
        "ports": [
            {"name": "web", "port": 80, "targetPort": dice.one(&[json!("http"), json!(8080)]), "nodePort": 30080 + name},
            {"name": "dns", "port": 53, "protocol": "UDP"},
        ],
    });
    if !dice.once_in(5) {
        spec["selector"] = json!({"app": dice.one(&["web", "db"])});
    }
    if dice.once_in(3) {
        spec["externalIPs"] = json!([dice.one(&["203.0.113.1", "192.168.0.2"])]);
    }
    let mut objects = vec![json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": namespace, "name": format!("s{name}")}, "spec": spec,
    })];
    if dice.once_in(2) {
        let endpoint = |dice: &mut Dice| {
            let number = 1 + dice.below(14);
            let address = if dice.once_in(5) { "172.16.1.9".to_owned() } else { format!("10.1.0.{number}") };
            json!({"addresses": [address], "conditions": {
                "ready": !dice.once_in(4), "serving": dice.once_in(2), "terminating": dice.once_in(2),
            }})
        };
        objects.push(json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {
                "namespace": namespace, "name": format!("s{name}-1"),
                "labels": {"kubernetes.io/service-name": format!("s{name}")},
            },
            "ports": [{"name": "web", "port": 8080}, {"name": "dns", "port": 53, "protocol": "UDP"}],
            "endpoints": (0..dice.below(4)).map(|_| endpoint(dice)).collect::<Vec<_>>(),
        }));
    }
    objects
}

pub(super) fn cluster(dice: &mut Dice) -> Vec<Value> {
    let mut objects = Vec::new();
    for name in ["a", "b", "c"] {
        if !dice.once_in(4) {
            let labels = json!({"team": dice.one(&["x", "y", "z"])});
            objects.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}));
        }
    }
    if !dice.once_in(3) {
        for number in 1..=2 {
            objects.push(json!({
                "apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("n{number}")},
                "spec": {"podCIDRs": [format!("10.1.0.{}/29", (number - 1) * 8)]},
                "status": {"addresses": [{"type": "InternalIP", "address": format!("192.168.0.{number}")}]},
            }));
        }
    }
    for name in 0..3 + dice.below(6) {
        objects.push(pod(dice, name));
    }
    for name in 0..dice.below(6) {
        objects.push(policy(dice, name));
    }
    for name in 1..1 + dice.below(4) {
        objects.extend(service(dice, name));
    }
    objects
}

pub(super) const PEERS: [&str; 18] = [
    "127.0.0.1",
    "0.0.0.0",
    "::1",
    "192.168.0.1",
    "192.168.0.2",
    "192.168.0.3",
    "10.1.0.15",
    "10.2.0.1",
    "8.8.8.8",
    "::ffff:8.8.8.8",
    "172.16.1.5",
    "172.16.9.9",
    "2001:db8::1",
    "fd00::9",
    "10.96.0.1",
    "10.96.0.2",
    "10.96.0.3",
    "203.0.113.1",
];
pub(super) const PORTS: [u16; 9] = [0, 53, 60, 80, 443, 8080, 8081, 30081, 30082];
