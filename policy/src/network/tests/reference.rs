//! The same question, answered from the documentation's sentences by plain loops over the documents. It shares nothing
//! with what it is held against: own selectors, own arithmetic of addresses, no index, no table.

use serde_json::Value;

/// `None` is: it cannot be known.
type Maybe = Option<bool>;

#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) objects: &'a [Value],
    pub(super) pod: &'a Value,
    pub(super) egress: bool,
}

pub(super) fn answer(ask: Ask<'_>, peer: &str, protocol: &str, port: u16) -> &'static str {
    let peer = &normal(peer);
    if ask.is_always(peer) {
        return "Always";
    }
    let policies = ask.policies();
    if policies.is_empty() {
        return "Free";
    }
    if ask.pod["spec"]["hostNetwork"] == true || (!ask.egress && protocol == "UDP") {
        return "Unknown";
    }
    match ask.judge(&policies, peer, protocol, port) {
        Some(true) => "Allowed",
        Some(false) => "Denied",
        None => "Unknown",
    }
}

fn normal(text: &str) -> String {
    text.strip_prefix("::ffff:").filter(|rest| rest.contains('.')).unwrap_or(text).to_owned()
}

/// An address as a number of 128 bits, its first bit the number's.
fn bits(address: &str) -> u128 {
    if address.contains('.') {
        let parts = address.split('.').map(|part| part.parse::<u128>().unwrap());
        return parts.fold(0, |number, part| number * 256 + part) << 96;
    }
    let (head, tail) = address.split_once("::").unwrap_or((address, ""));
    let groups = |text: &str| {
        let groups = text.split(':').filter(|group| !group.is_empty());
        groups.map(|group| u128::from_str_radix(group, 16).unwrap()).collect::<Vec<_>>()
    };
    let (head, tail) = (groups(head), groups(tail));
    let zeros = vec![0; 8 - head.len() - tail.len()];
    [head, zeros, tail].concat().into_iter().fold(0, |number, group| number * 65_536 + group)
}

fn is_in(range: &str, address: &str) -> bool {
    let (network, length) = range.split_once('/').unwrap();
    let rest = 128 - length.parse::<u32>().unwrap();
    let begins_alike = rest == 128 || bits(network) >> rest == bits(address) >> rest;
    network.contains('.') == address.contains('.') && begins_alike
}

fn selects(selector: &Value, labels: &Value) -> bool {
    let wanted = selector["matchLabels"].as_object().into_iter().flatten();
    wanted.into_iter().all(|(key, value)| labels[key] == *value)
        && list(&selector["matchExpressions"]).iter().all(|expression| {
            let value = &labels[expression["key"].as_str().unwrap()];
            let is_listed = list(&expression["values"]).contains(value);
            match expression["operator"].as_str().unwrap() {
                "In" => is_listed,
                "NotIn" => !is_listed,
                "Exists" => !value.is_null(),
                _ => value.is_null(),
            }
        })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Both say the same, or nobody knows.
fn same(one: Maybe, other: Maybe) -> Maybe {
    if one == other { one } else { None }
}

fn or(all: impl Iterator<Item = Maybe>) -> Maybe {
    let all: Vec<_> = all.collect();
    if all.contains(&Some(true)) {
        Some(true)
    } else if all.contains(&None) {
        None
    } else {
        Some(false)
    }
}

fn and(one: Maybe, other: Maybe) -> Maybe {
    or([one.map(|is| !is), other.map(|is| !is)].into_iter()).map(|is| !is)
}

impl<'a> Ask<'a> {
    fn of_kind(self, kind: &str) -> impl Iterator<Item = &'a Value> {
        self.objects.iter().filter(move |object| object["kind"] == kind)
    }

    fn addresses(pod: &Value) -> Vec<String> {
        let is_over = pod["status"]["phase"] == "Succeeded" || pod["status"]["phase"] == "Failed";
        let ips = list(&pod["status"]["podIPs"]).iter().map(|ip| ip["ip"].as_str().unwrap().to_owned());
        if is_over { Vec::new() } else { ips.collect() }
    }

    fn own_node(self) -> Vec<String> {
        let node = self.of_kind("Node").find(|node| node["metadata"]["name"] == self.pod["spec"]["nodeName"]);
        let declared = node.into_iter().flat_map(|node| list(&node["status"]["addresses"]));
        let declared = declared.filter_map(|address| address["address"].as_str());
        declared.chain(self.pod["status"]["hostIP"].as_str()).map(str::to_owned).collect()
    }

    fn is_always(self, peer: &String) -> bool {
        peer.starts_with("127.")
            || ["::1", "::", "0.0.0.0"].contains(&peer.as_str())
            || self.own_node().contains(peer)
            || Self::addresses(self.pod).contains(peer)
    }

    fn is_node(self, peer: &str) -> bool {
        let by_node = self.of_kind("Node").flat_map(|node| list(&node["status"]["addresses"]));
        by_node.into_iter().any(|address| address["address"] == peer)
            || self.of_kind("Pod").any(|pod| {
                let is_host = pod["spec"]["hostNetwork"] == true;
                pod["status"]["hostIP"] == peer
                    || is_host && Self::addresses(pod).iter().any(|own| own == peer)
            })
    }

    /// The policies that isolate the Pod in this direction.
    fn policies(self) -> Vec<&'a Value> {
        let isolates = |policy: &&Value| {
            let (spec, name) = (&policy["spec"], policy["metadata"]["name"].as_str().unwrap());
            let types = list(&spec["policyTypes"]);
            let is_about = if name.starts_with("bad-types") {
                true
            } else if types.is_empty() {
                !self.egress || !list(&spec["egress"]).is_empty()
            } else {
                types.contains(&(if self.egress { "Egress" } else { "Ingress" }).into())
            };
            policy["metadata"]["namespace"] == self.pod["metadata"]["namespace"]
                && is_about
                && (name.starts_with("bad-selector")
                    || selects(&spec["podSelector"], &self.pod["metadata"]["labels"]))
        };
        self.of_kind("NetworkPolicy").filter(isolates).collect()
    }

    fn judge(self, policies: &[&Value], peer: &str, protocol: &str, port: u16) -> Maybe {
        let at = |address: &str, port| self.at(policies, address, protocol, port);
        if !self.egress {
            return at(peer, port);
        }
        let services: Vec<_> = self.of_kind("Service").collect();
        let number =
            |port: &Value, field: &str| port[field].as_u64().and_then(|port| u16::try_from(port).ok());
        let protocol_of = |port: &Value| port["protocol"].as_str().unwrap_or("TCP").to_owned();
        let port_with = |service: &'a Value, field: &str| {
            let ports = list(&service["spec"]["ports"]).iter();
            ports.into_iter().find(|of| number(of, field) == Some(port) && protocol_of(of) == protocol)
        };
        let behind = |service: &Value, of: &Value, before: Maybe| {
            let mut all = self.endpoints(service, of).into_iter().map(|(address, port)| {
                if self.is_always(&address) {
                    return Some(true);
                }
                let is_pod = !self.pods_at(&address).is_empty();
                let after = at(&address, port);
                if is_pod && after == Some(true) { after } else { same(after, before) }
            });
            all.next().and_then(|first| all.fold(first, same))
        };
        if let Some(service) = services.iter().find(|service| service["spec"]["clusterIP"] == peer) {
            let before = or(policies.iter().map(|policy| self.blocks_only(policy, peer, protocol, port)));
            return port_with(service, "port").and_then(|of| behind(service, of, before));
        }
        let direct = at(peer, port);
        let mut answer = direct;
        if self.is_node(peer) {
            for service in &services {
                if let Some(of) = port_with(service, "nodePort") {
                    answer = same(answer, behind(service, of, direct));
                }
            }
        }
        let nodes_word = answer;
        for service in &services {
            let is_outer = list(&service["spec"]["externalIPs"]).contains(&peer.into());
            if let Some(of) = port_with(service, "port").filter(|_| is_outer) {
                answer = same(answer, behind(service, of, nodes_word));
            }
        }
        answer
    }

    fn pods_at(self, address: &str) -> Vec<&'a Value> {
        let has = |pod: &&Value| {
            pod["spec"]["hostNetwork"] != true && Self::addresses(pod).iter().any(|own| own == address)
        };
        self.of_kind("Pod").filter(has).collect()
    }

    fn endpoints(self, service: &Value, port: &Value) -> Vec<(String, u16)> {
        let mine = |slice: &&Value| {
            slice["metadata"]["namespace"] == service["metadata"]["namespace"]
                && slice["metadata"]["labels"]["kubernetes.io/service-name"] == service["metadata"]["name"]
        };
        let slices: Vec<_> = self.of_kind("EndpointSlice").filter(mine).collect();
        if slices.is_empty() {
            let selector = service["spec"]["selector"].as_object();
            let Some(selector) = selector else { return Vec::new() };
            let chosen = self.of_kind("Pod").filter(|pod| {
                pod["metadata"]["namespace"] == service["metadata"]["namespace"]
                    && selector.iter().all(|(key, value)| pod["metadata"]["labels"][key] == *value)
            });
            let protocol = port["protocol"].as_str().unwrap_or("TCP");
            return chosen
                .flat_map(|pod| {
                    let numbers = match &port["targetPort"] {
                        Value::Null => vec![port["port"].as_u64().unwrap() as u16],
                        Value::String(name) => names(pod, name, protocol),
                        number => vec![number.as_u64().unwrap() as u16],
                    };
                    let all = Self::addresses(pod).into_iter();
                    all.flat_map(|address| numbers.iter().map(move |number| (address.clone(), *number)))
                        .collect::<Vec<_>>()
                })
                .collect();
        }
        let with = |is: &dyn Fn(&Value) -> bool| {
            let mut found = Vec::new();
            for slice in &slices {
                for of in list(&slice["ports"]).iter().filter(|of| of["name"] == port["name"]) {
                    for endpoint in
                        list(&slice["endpoints"]).iter().filter(|endpoint| is(&endpoint["conditions"]))
                    {
                        let address = endpoint["addresses"][0].as_str().unwrap().to_owned();
                        found.push((address, of["port"].as_u64().unwrap() as u16));
                    }
                }
            }
            found
        };
        let ready = with(&|conditions| conditions["ready"] == true);
        if ready.is_empty() {
            return with(&|conditions| conditions["serving"] == true && conditions["terminating"] == true);
        }
        ready
    }

    /// What the policies say of an address.
    fn at(self, policies: &[&Value], peer: &str, protocol: &str, port: u16) -> Maybe {
        let pods = self.pods_at(peer);
        if pods.is_empty() {
            let any = or(policies.iter().map(|policy| self.allows(policy, None, peer, protocol, port)));
            return if any == Some(false) && self.may_be_own_node(peer) { None } else { any };
        }
        let mut all = pods.into_iter().map(|pod| {
            or(policies.iter().map(|policy| self.allows(policy, Some(pod), peer, protocol, port)))
        });
        all.next().and_then(|first| all.fold(first, same))
    }

    fn may_be_own_node(self, peer: &str) -> bool {
        self.own_node().is_empty() || (!self.is_node(peer) && self.is_in_pod_range(peer))
    }

    fn is_in_pod_range(self, peer: &str) -> bool {
        let ranges = self.of_kind("Node").flat_map(|node| list(&node["spec"]["podCIDRs"]));
        ranges.into_iter().any(|range| is_in(range.as_str().unwrap(), peer))
    }

    fn is_whole(self) -> bool {
        self.of_kind("Node").next().is_some()
    }

    fn rules(self, policy: &'a Value) -> &'a [Value] {
        list(&policy["spec"][if self.egress { "egress" } else { "ingress" }])
    }

    fn allows(self, policy: &'a Value, pod: Option<&Value>, peer: &str, protocol: &str, port: u16) -> Maybe {
        if policy["metadata"]["name"].as_str().unwrap().starts_with("bad-") {
            return None;
        }
        or(self.rules(policy).iter().map(|rule| {
            let peers = list(&rule[if self.egress { "to" } else { "from" }]);
            let by_peer = if peers.is_empty() {
                Some(true)
            } else if !self.egress && pod.is_none() && self.may_stand_for_others(peer) {
                None
            } else {
                or(peers.iter().map(|each| self.is_peer(policy, each, pod, peer)))
            };
            let ports = list(&rule["ports"]);
            let by_port = if ports.is_empty() {
                Some(true)
            } else {
                or(ports.iter().map(|each| self.is_port(each, pod, peer, protocol, port)))
            };
            and(by_peer, by_port)
        }))
    }

    /// "It is not defined whether this happens before or after NetworkPolicy processing."
    fn may_stand_for_others(self, peer: &str) -> bool {
        self.is_node(peer) || self.is_in_pod_range(peer) || !self.is_whole()
    }

    fn may_be_a_pod(self, peer: &str) -> bool {
        self.is_in_pod_range(peer) || !self.is_whole()
    }

    fn is_peer(self, policy: &Value, wanted: &Value, pod: Option<&Value>, peer: &str) -> Maybe {
        if let Some(range) = wanted["ipBlock"]["cidr"].as_str() {
            let is_out =
                list(&wanted["ipBlock"]["except"]).iter().any(|out| is_in(out.as_str().unwrap(), peer));
            return Some(is_in(range, peer) && !is_out);
        }
        if let Some(pod) = pod {
            return self.is_selected(policy, wanted, pod);
        }
        if self.is_node(peer) {
            let hosts = self.of_kind("Pod").filter(|pod| {
                pod["spec"]["hostNetwork"] == true && Self::addresses(pod).iter().any(|own| own == peer)
            });
            let mut selected = hosts.map(|pod| self.is_selected(policy, wanted, pod));
            return if selected.all(|is| is == Some(false)) { Some(false) } else { None };
        }
        if self.may_be_a_pod(peer) { None } else { Some(false) }
    }

    fn is_selected(self, policy: &Value, wanted: &Value, pod: &Value) -> Maybe {
        let (namespaces, pods) = (&wanted["namespaceSelector"], &wanted["podSelector"]);
        let namespace = &pod["metadata"]["namespace"];
        let by_namespace = if namespaces.is_null() {
            Some(*namespace == policy["metadata"]["namespace"])
        } else {
            match self.of_kind("Namespace").find(|declared| declared["metadata"]["name"] == *namespace) {
                Some(declared) => {
                    let mut labels = declared["metadata"]["labels"].clone();
                    labels["kubernetes.io/metadata.name"] = namespace.clone();
                    Some(selects(namespaces, &labels))
                }
                None => name_selects(namespaces, namespace),
            }
        };
        and(by_namespace, Some(pods.is_null() || selects(pods, &pod["metadata"]["labels"])))
    }

    fn is_port(self, wanted: &Value, pod: Option<&Value>, peer: &str, protocol: &str, port: u16) -> Maybe {
        if wanted["protocol"].as_str().unwrap_or("TCP") != protocol {
            return Some(false);
        }
        match &wanted["port"] {
            Value::Null => Some(true),
            Value::String(name) if !self.egress => Some(names(self.pod, name, protocol).contains(&port)),
            Value::String(name) => match pod {
                Some(pod) => Some(names(pod, name, protocol).contains(&port)),
                None if self.is_node(peer) => {
                    let mut hosts = self.of_kind("Pod").filter(|pod| {
                        pod["spec"]["hostNetwork"] == true
                            && Self::addresses(pod).iter().any(|own| own == peer)
                    });
                    if hosts.any(|pod| names(pod, name, protocol).contains(&port)) {
                        None
                    } else {
                        Some(false)
                    }
                }
                None if self.may_be_a_pod(peer) => None,
                None => Some(false),
            },
            first => {
                let first = first.as_u64().unwrap();
                let last = wanted["endPort"].as_u64().unwrap_or(first);
                Some(first <= port.into() && u64::from(port) <= last)
            }
        }
    }

    /// What a policy says of a Service's own address, were it asked before that is rewritten.
    fn blocks_only(self, policy: &Value, peer: &str, protocol: &str, port: u16) -> Maybe {
        if policy["metadata"]["name"].as_str().unwrap().starts_with("bad-") {
            return None;
        }
        Some(list(&policy["spec"]["egress"]).iter().any(|rule| {
            let peers = list(&rule["to"]);
            let ports = list(&rule["ports"]);
            let is_block = |each: &Value| {
                let range = each["ipBlock"]["cidr"].as_str();
                let is_out =
                    list(&each["ipBlock"]["except"]).iter().any(|out| is_in(out.as_str().unwrap(), peer));
                range.is_some_and(|range| is_in(range, peer)) && !is_out
            };
            let is_number = |each: &Value| {
                !each["port"].is_string() && self.is_port(each, None, peer, protocol, port) == Some(true)
            };
            (peers.is_empty() || peers.iter().any(is_block))
                && (ports.is_empty() || ports.iter().any(is_number))
        }))
    }
}

/// A selector of namespaces against the one label that every namespace is sure to have.
fn name_selects(selector: &Value, name: &Value) -> Maybe {
    const KEY: &str = "kubernetes.io/metadata.name";
    let labels = serde_json::json!({KEY: name});
    let part = |has_key: bool| {
        let mut part = serde_json::json!({"matchLabels": {}, "matchExpressions": []});
        for (key, value) in selector["matchLabels"].as_object().into_iter().flatten() {
            if (key == KEY) == has_key {
                part["matchLabels"][key] = value.clone();
            }
        }
        let some = list(&selector["matchExpressions"]).iter().filter(|each| (each["key"] == KEY) == has_key);
        part["matchExpressions"] = some.cloned().collect();
        part
    };
    if !selects(&part(true), &labels) {
        return Some(false);
    }
    let rest = part(false);
    let is_empty =
        rest["matchLabels"].as_object().unwrap().is_empty() && list(&rest["matchExpressions"]).is_empty();
    if is_empty { Some(true) } else { None }
}

/// The numbers that a Pod's containers and sidecars give a name.
fn names(pod: &Value, name: &str, protocol: &str) -> Vec<u16> {
    let sidecars =
        list(&pod["spec"]["initContainers"]).iter().filter(|init| init["restartPolicy"] == "Always");
    let containers = list(&pod["spec"]["containers"]).iter().chain(sidecars);
    let ports = containers.flat_map(|container| list(&container["ports"]));
    let named =
        ports.filter(|port| port["name"] == name && port["protocol"].as_str().unwrap_or("TCP") == protocol);
    named.map(|port| port["containerPort"].as_u64().unwrap() as u16).collect()
}
