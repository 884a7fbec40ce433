//! Mistakes that an implementation could make, made in the documents instead: whoever compares must notice each.

use serde_json::{Value, json};

/// What is mistaken, in words, and what that does to a document.
pub type Fault = (&'static str, fn(&mut Value));

pub const ALL: [Fault; 6] = [
    ("an except that is not heeded", forget_excepts),
    ("a port's name that stands for another number", move_named_ports),
    ("a port's name that stands for any port", forget_named_ports),
    ("a range of ports without its end", forget_ends_of_ranges),
    ("a policy without rules that does not isolate", forget_default_deny),
    ("labels of namespaces that do not count", forget_namespaces),
];

fn forget_excepts(document: &mut Value) {
    each(document, "to", |peer| {
        peer.pointer_mut("/ipBlock").and_then(Value::as_object_mut).map(|block| block.remove("except"));
    });
}

fn move_named_ports(document: &mut Value) {
    for list in ["/spec/containers", "/spec/initContainers"] {
        for port in items(document, list).iter_mut().flat_map(|container| items(container, "/ports")) {
            port["containerPort"] = json!(port["containerPort"].as_u64().map(|number| number + 1));
        }
    }
}

fn forget_named_ports(document: &mut Value) {
    each(document, "ports", |port| {
        if port["port"].is_string() {
            port.as_object_mut().map(|port| port.remove("port"));
        }
    });
}

fn forget_ends_of_ranges(document: &mut Value) {
    each(document, "ports", |port| {
        port.as_object_mut().map(|port| port.remove("endPort"));
    });
}

fn forget_default_deny(document: &mut Value) {
    if document["kind"] == "NetworkPolicy" && document["spec"]["egress"].is_null() {
        document["spec"]["policyTypes"] = json!(["Ingress"]);
    }
}

fn forget_namespaces(document: &mut Value) {
    each(document, "to", |peer| {
        if let Some(selector) = peer.get_mut("namespaceSelector") {
            *selector = json!({});
        }
    });
}

/// Does something to each peer, or port, of egress rules.
fn each(document: &mut Value, of_rule: &str, change: impl Fn(&mut Value)) {
    let rules = items(document, "/spec/egress").iter_mut();
    rules.flat_map(|rule| items(rule, &format!("/{of_rule}"))).for_each(change);
}

/// The items of a list, if it is there.
fn items<'a>(of: &'a mut Value, list: &str) -> &'a mut [Value] {
    of.pointer_mut(list).and_then(Value::as_array_mut).map_or(&mut [], Vec::as_mut_slice)
}
