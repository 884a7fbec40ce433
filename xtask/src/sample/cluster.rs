//! What a run declares beside its Pods: their node, NetworkPolicies, and a Service.

use serde_json::{Value, json};

use super::network::{NODE, NODE_ADDRESS};
use super::pod::NAMESPACE;

/// The Service for names, as clusters have it, and the Pod behind it.
pub(crate) const NAMES: &str = "10.96.0.10";
pub(crate) const NAMES_POD: &str = "10.244.1.20";

/// Of the loud sample: who is not named here may not.
pub(crate) fn loud() -> Vec<Value> {
    let from_web =
        json!({"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 5432}]});
    let to_db = json!({"to": [{"podSelector": {"matchLabels": {"app": "db"}}}], "ports": [{"port": 5432}]});
    let policies = [
        policy("db", json!({"policyTypes": ["Ingress"], "ingress": [from_web]})),
        policy("web", json!({"policyTypes": ["Egress"], "egress": [to_db]})),
        policy("cut-off", json!({"policyTypes": ["Egress"]})),
    ];
    around().into_iter().chain(policies).collect()
}

/// Of the quiet one.
pub(crate) fn quiet() -> Vec<Value> {
    let names = json!({
        "to": [{"podSelector": {"matchLabels": {"app": "names-server"}}}],
        "ports": [{"port": 53, "protocol": "UDP"}],
    });
    let free =
        json!({"from": [{"podSelector": {"matchLabels": {"app": "free"}}}], "ports": [{"port": 8080}]});
    let both = ["Ingress", "Egress"];
    let policies = [
        policy(
            "names-server",
            json!({"policyTypes": both, "ingress": [{"ports": [{"port": 53, "protocol": "UDP"}]}]}),
        ),
        policy("names-by-a-service", json!({"policyTypes": both, "egress": [names]})),
        policy("probed", json!({"policyTypes": both})),
        policy("answers", json!({"policyTypes": both, "ingress": [free]})),
        policy("by-itself", json!({"policyTypes": both})),
    ];
    around().into_iter().chain(service()).chain(policies).collect()
}

/// The node and the namespace.
fn around() -> [Value; 2] {
    [
        json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": NODE},
            "spec": {"podCIDR": "10.244.1.0/24"},
            "status": {"addresses": [{"type": "InternalIP", "address": NODE_ADDRESS}]},
        }),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}),
    ]
}

fn service() -> [Value; 2] {
    let port = json!({"name": "dns", "port": 53, "protocol": "UDP"});
    [
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "names", "namespace": NAMESPACE},
            "spec": {"clusterIP": NAMES, "ports": [port]},
        }),
        json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": "names-1",
                "namespace": NAMESPACE,
                "labels": {"kubernetes.io/service-name": "names"},
            },
            "addressType": "IPv4",
            "ports": [port],
            "endpoints": [{"addresses": [NAMES_POD], "conditions": {"ready": true}}],
        }),
    ]
}

/// A NetworkPolicy about the Pod of the same name.
fn policy(pod: &str, mut spec: Value) -> Value {
    spec["podSelector"] = json!({"matchLabels": {"app": pod}});
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": pod, "namespace": NAMESPACE},
        "spec": spec,
    })
}
