//! A cluster of any size, the same each time. Its Pods are dealt to namespaces and apps by numbers that look random, as a
//! scheduler spreads them: a node's Pods are of nearly as many namespaces as there are Pods.

use policy::network::Name;
use serde_json::{Value, json};

const PODS_OF_NODE: usize = 100;
const PODS_OF_NAMESPACE: usize = 200;
const APPS: usize = 20;
/// Of each namespace: two are about all of its Pods, two about each app but the last.
const POLICIES_OF_NAMESPACE: usize = 2 * APPS;
const SERVICES_OF_NAMESPACE: usize = 4;
/// One namespace in so many has a Service at a port of every node.
const NAMESPACES_OF_NODE_PORT: usize = 50;
const TEAMS: usize = 25;

#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) pods: usize,
}

/// A number below `end` for another number (Fibonacci hashing).
fn deal(number: usize, salt: u64, end: usize) -> usize {
    let mixed = (number as u64 ^ (salt << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 33) as usize % end
}

impl Plan {
    /// At least one namespace's Pods.
    pub(super) fn of(pods: usize) -> Self {
        Self { pods: pods.max(PODS_OF_NAMESPACE) }
    }

    pub(super) fn nodes(self) -> usize {
        self.pods / PODS_OF_NODE
    }

    fn namespaces(self) -> usize {
        self.pods / PODS_OF_NAMESPACE
    }

    pub(super) fn policies(self) -> usize {
        self.namespaces() * POLICIES_OF_NAMESPACE
    }

    pub(super) fn documents(self) -> impl Iterator<Item = Value> {
        let nodes = (0..self.nodes()).map(node);
        let namespaces = (0..self.namespaces()).map(namespace);
        let pods = (0..self.pods).map(move |pod| self.pod(pod, 0));
        let policies = (0..self.policies()).map(|policy| self::policy(policy, 8080));
        let services = (0..self.namespaces() * SERVICES_OF_NAMESPACE).map(service);
        nodes.chain(namespaces).chain(pods).chain(policies).chain(services).chain(self.slices())
    }

    fn namespace_of(self, pod: usize) -> usize {
        deal(pod, 1, self.namespaces())
    }

    fn app_of(pod: usize, round: usize) -> usize {
        deal(pod, 2 + round as u64, APPS)
    }

    /// Each node has its own range, from which are its Pods' addresses.
    fn address(self, pod: usize, round: usize) -> String {
        let (node, within) = (pod % self.nodes(), pod / self.nodes() + PODS_OF_NODE * (round % 2));
        format!("10.{}.{}.{}", 64 + node / 256, node % 256, 2 + within)
    }

    fn pod(self, pod: usize, round: usize) -> Value {
        let node = pod % self.nodes();
        let app = Self::app_of(pod, round);
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "namespace": format!("n{}", self.namespace_of(pod)), "name": format!("p{pod}"),
                "labels": {"app": format!("a{app}"), "tier": format!("t{}", app % 3), "pod-template-hash": format!("{app:08x}")},
            },
            "spec": {
                "nodeName": format!("node{node}"),
                "containers": [{"name": "main", "ports": [{"name": "http", "containerPort": 8080 + app % 2}]}],
            },
            "status": {"phase": "Running", "podIP": self.address(pod, round), "hostIP": node_address(node)},
        })
    }

    fn slices(self) -> impl Iterator<Item = Value> {
        let mut endpoints = vec![Vec::new(); self.namespaces() * SERVICES_OF_NAMESPACE];
        for pod in 0..self.pods {
            if let app @ 0..SERVICES_OF_NAMESPACE = Self::app_of(pod, 0) {
                let service = self.namespace_of(pod) * SERVICES_OF_NAMESPACE + app;
                endpoints[service].push(json!({"addresses": [self.address(pod, 0)]}));
            }
        }
        endpoints.into_iter().enumerate().map(|(service, endpoints)| {
            let (namespace, app) = (service / SERVICES_OF_NAMESPACE, service % SERVICES_OF_NAMESPACE);
            json!({
                "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": {
                    "namespace": format!("n{namespace}"), "name": format!("s{app}-1"),
                    "labels": {"kubernetes.io/service-name": format!("s{app}")},
                },
                "ports": [{"name": "web", "port": 8080 + app % 2}],
                "endpoints": endpoints,
            })
        })
    }

    /// The Pods of the first node.
    pub(super) fn of_first_node(self) -> Vec<Name> {
        let pods = (0..self.pods).step_by(self.nodes());
        pods.map(|pod| Name::new(&format!("n{}", self.namespace_of(pod)), &format!("p{pod}"))).collect()
    }

    /// One of all Pods, as it is after it was replaced.
    pub(super) fn pod_again(self, round: usize) -> Value {
        self.pod(deal(round, 7, self.pods), 1 + round)
    }

    /// A policy about one of the first node's Pods, as it is after it was edited.
    pub(super) fn policy_again(self, round: usize) -> Value {
        let pod = round * self.nodes() % self.pods;
        // An app has the policies after those two about all of its namespace.
        let first = (2 + 2 * Self::app_of(pod, 0)).min(POLICIES_OF_NAMESPACE - 2);
        policy(self.namespace_of(pod) * POLICIES_OF_NAMESPACE + first + round % 2, 9090)
    }
}

fn node_address(node: usize) -> String {
    format!("172.16.{}.{}", node / 250, 1 + node % 250)
}

fn node(node: usize) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("node{node}")},
        "spec": {"podCIDR": format!("10.{}.{}.0/24", 64 + node / 256, node % 256)},
        "status": {"addresses": [{"type": "InternalIP", "address": node_address(node)}]},
    })
}

fn namespace(namespace: usize) -> Value {
    let labels = json!({"team": format!("team{}", namespace % TEAMS)});
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": format!("n{namespace}"), "labels": labels}})
}

fn service(service: usize) -> Value {
    let (namespace, app) = (service / SERVICES_OF_NAMESPACE, service % SERVICES_OF_NAMESPACE);
    let mut port = json!({"name": "web", "port": 80, "targetPort": "http"});
    if app == 0 && namespace % NAMESPACES_OF_NODE_PORT == 0 {
        port["nodePort"] = json!(30_000 + namespace);
    }
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": format!("n{namespace}"), "name": format!("s{app}")},
        "spec": {
            "clusterIP": format!("10.32.{}.{}", service / 250, 1 + service % 250),
            "selector": {"app": format!("a{app}")}, "ports": [port],
        },
    })
}

fn policy(policy: usize, port: u16) -> Value {
    let (namespace, which) = (policy / POLICIES_OF_NAMESPACE, policy % POLICIES_OF_NAMESPACE);
    let app = (which / 2).saturating_sub(1);
    let of_app = |app: usize| json!({"matchLabels": {"app": format!("a{}", app % APPS)}});
    let team = json!({"matchLabels": {"team": format!("team{}", (namespace + app) % TEAMS)}});
    let spec = match which {
        0 => json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}),
        1 => json!({
            "podSelector": {}, "policyTypes": ["Egress"],
            "egress": [{
                "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "n0"}}}],
                "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}],
            }],
        }),
        _ if which % 2 == 0 => json!({
            "podSelector": of_app(app), "policyTypes": ["Ingress"],
            "ingress": [
                {"from": [{"podSelector": of_app(app + 1)}], "ports": [{"port": "http"}, {"port": port}]},
                {"from": [{"namespaceSelector": team, "podSelector": of_app(app + 2)}]},
            ],
        }),
        _ => {
            let block = if app % 4 == 0 {
                json!({"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "172.16.0.0/12"]})
            } else {
                json!({"cidr": format!("203.0.{}.0/24", policy % 256), "except": [format!("203.0.{}.7/32", policy % 256)]})
            };
            json!({
                "podSelector": of_app(app), "policyTypes": ["Egress"],
                "egress": [
                    {"to": [{"podSelector": of_app(app + 1)}], "ports": [{"port": "http"}, {"port": port}]},
                    {"to": [{"ipBlock": block}], "ports": [{"port": 443}]},
                ],
            })
        }
    };
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"namespace": format!("n{namespace}"), "name": format!("pol{which}")}, "spec": spec,
    })
}
