//! What the API server's validation refuses is refused here, with its place.

use super::*;

/// The mistakes of a policy whose spec is this, on the third line.
fn mistakes(spec: &str) -> Vec<String> {
    read(&format!("kind: NetworkPolicy\nmetadata: {{name: pol, namespace: a}}\nspec: {spec}\n")).1
}

#[test]
fn each_mistake_is_told_with_its_place() {
    let of_port = |port: &str| mistakes(&format!("{{ingress: [{{ports: [{port}]}}]}}"));
    let of_peer = |peer: &str| mistakes(&format!("{{ingress: [{{from: [{peer}]}}]}}"));
    for (found, expected) in [
        (of_port("{port: 90, endPort: 80}"), "3:47: the endPort 80 is before the port 90"),
        (of_port("{port: http, endPort: 80}"), "3:49: an endPort needs a port that is a number"),
        (of_port("{endPort: 80}"), "3:37: an endPort needs a port"),
        (of_port("{port: 0}"), "3:34: a port is between 1 and 65535, not 0"),
        (of_port("{port: 70000}"), "3:34: a port is between 1 and 65535, not 70000"),
        (of_port("{protocol: ICMP}"), "3:38: `ICMP` is none of TCP, UDP, SCTP"),
        (of_peer("{}"), "3:26: a peer needs a podSelector, a namespaceSelector or an ipBlock"),
        (
            of_peer("{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}"),
            "3:36: a peer with an ipBlock has no selector",
        ),
        (
            of_peer("{ipBlock: {cidr: 10.0.0.1/8}}"),
            "3:43: `10.0.0.1/8` has bits set after its first 8; the range is 10.0.0.0/8",
        ),
        (
            of_peer("{ipBlock: {cidr: 10.0.0.0/33}}"),
            "3:43: `10.0.0.0/33` is no range of addresses such as 10.9.8.0/24 or 2001:db8::/64",
        ),
        (
            of_peer("{ipBlock: {cidr: 010.0.0.0/8}}"),
            "3:43: `010.0.0.0/8` is no range of addresses such as 10.9.8.0/24 or 2001:db8::/64",
        ),
        (
            of_peer("{ipBlock: {cidr: '::ffff:10.0.0.0/104'}}"),
            "3:43: `::ffff:10.0.0.0/104` is an IPv4 address written as an IPv6 one",
        ),
        (
            of_peer("{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/9]}}"),
            "3:64: 11.0.0.0/9 is not a part of 10.0.0.0/8",
        ),
        (
            of_peer("{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}"),
            "3:64: 10.0.0.0/8 is not a part of 10.0.0.0/8",
        ),
        (
            of_peer("{ipBlock: {cidr: 10.0.0.0/8, except: ['fd00::/16']}}"),
            "3:64: fd00::/16 is not a part of 10.0.0.0/8",
        ),
        (
            of_peer("{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.1]}}"),
            "3:64: `10.0.0.1` is no range of addresses such as 10.9.8.0/24 or 2001:db8::/64",
        ),
        (of_peer("{ipBlock: {}}"), "3:36: missing field `cidr`"),
        (of_peer("{podSelector: {matchExpressions: [{key: a, operator: In}]}}"), "3:60: In needs values"),
        (
            of_peer("{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}"),
            "3:60: Exists takes no values",
        ),
        (of_peer("{podSelector: {matchLabels: {-a: b}}}"), "3:59: `-a` is no label's key"),
        (
            mistakes("{policyTypes: [Ingres]}"),
            "3:22: `Ingres` is none of Ingress, Egress, did you mean `Ingress`?",
        ),
        (mistakes("{policyTypes: [Ingress, Egress, Egress]}"), "3:39: a policy has at most two policyTypes"),
        (mistakes("{podSelektor: {}}"), "3:8: unknown field `podSelektor`, did you mean `podSelector`?"),
    ] {
        assert_eq!(found, [expected]);
    }
}

#[test]
fn a_name_of_a_port_is_one_of_rfc_6335() {
    for name in ["'80'", "HTTP", "a--b", "-a", "a-", "sixteen-letters-"] {
        assert_eq!(mistakes(&format!("{{ingress: [{{ports: [{{port: {name}}}]}}]}}")).len(), 1, "{name}");
    }
    assert_eq!(mistakes("{ingress: [{ports: [{port: h2}]}]}"), Vec::<String>::new());
}

const POD: &str = "kind: Pod\nmetadata: {name: p, namespace: a, labels: {app: web}}\nspec: {nodeName: pol}\nstatus: {podIP: 10.1.0.1, hostIP: 192.168.0.1}\n---\nkind: Node\nmetadata: {name: pol}\n---\n";

fn with_policies(specs: &[&str]) -> Cluster {
    let mut text = POD.to_owned();
    for (index, spec) in specs.iter().enumerate() {
        text +=
            &format!("kind: NetworkPolicy\nmetadata: {{name: n{index}, namespace: a}}\nspec: {spec}\n---\n");
    }
    Cluster::new(read(&text).0)
}

fn egress(cluster: &Cluster, port: u16) -> Answer {
    ask(cluster, "a/p", Direction::Egress, "8.8.8.8", Protocol::Tcp, port)
}

#[test]
fn a_refused_policy_neither_opens_nor_closes() {
    const BAD: &str =
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 8.8.8.8/8}}]}]}";
    const GOOD: &str = "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 443}]}]}";
    let unknown = Answer::Unknown(Cause::RefusedPolicy);
    assert_eq!(egress(&with_policies(&[BAD]), 443), unknown);
    let both = with_policies(&[BAD, GOOD]);
    assert!(matches!(egress(&both, 443), Answer::Allowed(_)), "policies only add");
    assert_eq!(egress(&both, 80), unknown);
    let ingress = ask(&both, "a/p", Direction::Ingress, "8.8.8.8", Protocol::Tcp, 80);
    assert_eq!(ingress, Answer::Free, "it is about egress, which can be read");
}

#[test]
fn a_refused_policy_whose_selector_cannot_be_read_is_about_its_namespace() {
    let cluster = with_policies(&["{podSelector: {matchLabels: [a]}, policyTypes: [Egress]}"]);
    assert_eq!(egress(&cluster, 443), Answer::Unknown(Cause::RefusedPolicy));
}

#[test]
fn a_policy_without_a_name_is_about_everybody() {
    let text = format!("{POD}kind: NetworkPolicy\nmetadata: {{namespace: b}}\nspec: {{podSelector: {{}}}}\n");
    let (objects, mistakes) = read(&text);
    assert_eq!(mistakes, ["10:11: missing field `name`"]);
    assert_eq!(egress(&Cluster::new(objects), 443), Answer::Unknown(Cause::RefusedPolicy));
}

#[test]
fn an_object_that_cannot_be_read_leaves_addresses_in_doubt() {
    let text = format!(
        "{POD}kind: NetworkPolicy\nmetadata: {{name: pol, namespace: a}}\nspec: {{podSelector: {{}}, policyTypes: [Egress]}}\n---\nkind: Pod\nmetadata: {{name: q}}\nstatus: {{podIP: 10.1.0}}\n"
    );
    let (objects, mistakes) = read(&text);
    assert_eq!(mistakes, ["15:17: `10.1.0` is no IP address"]);
    assert_eq!(egress(&Cluster::new(objects), 443), Answer::Unknown(Cause::Unread));
}

#[test]
fn another_groups_policies_are_not_these() {
    assert!(
        read("apiVersion: crd.projectcalico.org/v1\nkind: NetworkPolicy\nmetadata: {name: pol}\n")
            .0
            .is_empty()
    );
}
