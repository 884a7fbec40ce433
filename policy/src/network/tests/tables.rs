//! Tables that Pods share, and that follow changes.

mod copy;

use serde_json::Value;

use super::generate::{self, Dice};
use super::*;
use copy::Copy;

fn object(document: &Value) -> Object {
    read(&document.to_string()).0.remove(0)
}

fn put(text: &str) -> Change {
    Change::Put(Box::new(read(text).0.remove(0)))
}

fn policy(name: &str, app: &str, spec: &str) -> String {
    format!(
        "kind: NetworkPolicy\nmetadata: {{name: {name}, namespace: a}}\nspec: {{podSelector: {{matchLabels: {{app: {app}}}}}, {spec}}}\n---\n"
    )
}

fn pod(name: &str, app: &str, address: &str) -> String {
    format!(
        "kind: Pod\nmetadata: {{name: {name}, namespace: a, labels: {{app: {app}}}}}\nstatus: {{podIP: {address}, hostIP: 192.168.0.1}}\n---\n"
    )
}

fn names<const N: usize>(names: [&str; N]) -> [Name; N] {
    names.map(|name| Name::new("a", name))
}

const FROM_WEB: &str = "ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]";
const TO_WEB: &str = "policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: web}}}]}]";
const EGRESS: Direction = Direction::Egress;
const INGRESS: Direction = Direction::Ingress;

fn id(network: &Network, pod: &Name, direction: Direction) -> Option<TableId> {
    network.tables(pod, direction).expect("it is declared").shared().map(|(id, _)| id)
}

/// Both say the same; which table has which number is another matter.
fn assert_same(one: &Network, other: &Network, pod: &Name, what: &str) {
    for direction in Direction::ALL {
        let tables = |network| {
            let tables: Option<PodTables<'_>> = Network::tables(network, pod, direction);
            tables.map(|tables| {
                let own = tables.own().map(|(address, ports)| (address, ports.clone())).collect::<Vec<_>>();
                (tables.shared().map(|(_, shared)| shared.clone()), own)
            })
        };
        assert_eq!(tables(one), tables(other), "{what}: {pod} {direction:?}");
    }
}

#[test]
fn tables_that_follow_changes_are_those_compiled_anew_and_a_copy_can_follow_them() {
    let (mut changed, mut kept, mut shared) = (0, 0, 0);
    for seed in 0..80 {
        let mut dice = Dice::new(seed + 7_000);
        let mut documents = generate::cluster(&mut dice);
        let mut network = Network::new(Cluster::new(documents.iter().map(object)));
        let names: Vec<Name> =
            (0..9).flat_map(|n| ["a", "b", "c"].map(|space| Name::new(space, &format!("p{n}")))).collect();
        let mut copy = Copy::new(&network);
        for name in &names {
            let changes = network.watch(name);
            copy.follow(&network, &changes);
        }
        let mut follow = |network: &mut Network, change: Change| {
            let changes = network.change(change);
            changed += changes.pods.len();
            kept += changes.addresses.len();
            copy.follow(network, &changes);
            copy.assert_is(network, seed);
        };
        for _ in 0..25 {
            let index = dice.below(documents.len());
            let removed = documents.swap_remove(index);
            let new = match removed["kind"].as_str().unwrap() {
                _ if dice.once_in(4) => None,
                "Pod" => Some(generate::pod(&mut dice, index % 9)),
                "NetworkPolicy" => Some(generate::policy(&mut dice, index % 9)),
                "Service" => Some(generate::service(&mut dice, 1 + index % 3).remove(0)),
                _ => Some(removed.clone()),
            };
            if dice.once_in(2) || new.is_none() {
                follow(&mut network, Change::Remove(object(&removed).key()));
            } else {
                documents.push(removed);
            }
            if let Some(new) = new {
                let key = object(&new).key();
                documents.retain(|other| object(other).key() != key);
                follow(&mut network, Change::Put(Box::new(object(&new))));
                documents.push(new);
            }
            let anew = watching(Cluster::new(documents.iter().map(object)), &names);
            for name in &names {
                assert_same(&network, &anew, name, &format!("seed {seed}"));
            }
            let mut ids: Vec<_> = names
                .iter()
                .flat_map(|name| Direction::ALL.map(|direction| network.tables(name, direction)))
                .filter_map(|tables| Some(tables?.shared()?.0))
                .collect();
            let all = ids.len();
            ids.sort_unstable();
            ids.dedup();
            shared += all - ids.len();
            if documents.is_empty() {
                break;
            }
        }
    }
    assert!(changed > 1_000 && kept > 300 && shared > 1_000, "{changed} {kept} {shared}");
}

#[test]
fn pods_that_the_same_policies_select_share_one_table_before_which_are_their_own_addresses() {
    let text = [
        policy("pol", "db", TO_WEB),
        pod("one", "db", "10.1.0.1"),
        pod("two", "db", "10.1.0.2"),
        pod("web", "web", "10.1.0.3"),
    ];
    let pods = names(["one", "two", "web"]);
    let network = watching(cluster(&text.concat()), &pods);
    assert!(id(&network, &pods[0], EGRESS).is_some());
    assert_eq!(id(&network, &pods[0], EGRESS), id(&network, &pods[1], EGRESS));
    let own = |pod: &Name| network.tables(pod, EGRESS).unwrap().own().map(|own| own.0).collect::<Vec<_>>();
    assert_eq!((own(&pods[0]), own(&pods[1])), (vec![ip("10.1.0.1")], vec![ip("10.1.0.2")]));
    assert!(network.tables(&pods[2], EGRESS).unwrap().is_free());
    assert!(network.tables(&pods[0], INGRESS).unwrap().is_free());
}

#[test]
fn a_direction_that_nobody_wants_has_no_tables() {
    let text = [policy("pol", "db", "policyTypes: [Ingress, Egress]"), pod("one", "db", "10.1.0.1")];
    let [one] = names(["one"]);
    let mut network = Network::of(&[EGRESS], cluster(&text.concat()));
    assert_eq!(network.watch(&one).new.len(), 1);
    assert!(network.tables(&one, EGRESS).is_some() && network.tables(&one, INGRESS).is_none());
}

#[test]
fn pods_whose_ports_a_policy_names_share_a_table_only_if_they_mean_the_same() {
    let pod = |name: &str, ports: &str| {
        format!(
            "kind: Pod\nmetadata: {{name: {name}, namespace: a, labels: {{app: db}}}}\nspec: {{containers: [{{name: m, ports: {ports}}}]}}\nstatus: {{hostIP: 192.168.0.1}}\n---\n"
        )
    };
    let text = [
        policy("pol", "db", "policyTypes: [Egress, Ingress], ingress: [{ports: [{port: sql}]}]"),
        pod("one", "[{name: sql, containerPort: 1}, {name: web, containerPort: 1}]"),
        pod("two", "[{name: web, containerPort: 2}, {name: sql, containerPort: 1}]"),
        pod("three", "[{name: sql, containerPort: 2}]"),
    ];
    let pods = names(["one", "two", "three"]);
    let network = watching(cluster(&text.concat()), &pods);
    let ids = |direction| [0, 1, 2].map(|index: usize| id(&network, &pods[index], direction).unwrap());
    let [one, two, three] = ids(INGRESS);
    assert!(one == two && one != three);
    let [one, two, three] = ids(EGRESS);
    assert!(one == two && one == three);
}

#[test]
fn a_service_that_a_pod_is_behind_is_an_own_address_of_it() {
    let text = [
        policy("pol", "db", "policyTypes: [Egress]"),
        pod("one", "db", "10.1.0.1"),
        pod("two", "db", "10.1.0.2"),
        "kind: Service\nmetadata: {name: s, namespace: a}\nspec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}\n---\n".to_owned(),
        "kind: EndpointSlice\nmetadata: {name: s-1, namespace: a, labels: {kubernetes.io/service-name: s}}\nports: [{port: 80}]\nendpoints: [{addresses: [10.1.0.1]}]\n".to_owned(),
    ];
    let pods = names(["one", "two"]);
    let mut network = watching(cluster(&text.concat()), &pods);
    let at = |network: &Network, pod: &Name| {
        network.tables(pod, EGRESS).unwrap().answer(ip("10.96.0.1"), false, Protocol::Tcp, 80)
    };
    assert_eq!(id(&network, &pods[0], EGRESS), id(&network, &pods[1], EGRESS));
    assert_eq!((at(&network, &pods[0]), at(&network, &pods[1])), (Verdict::Allowed, Verdict::Denied));
    let slice = "kind: EndpointSlice\nmetadata: {name: s-1, namespace: a, labels: {kubernetes.io/service-name: s}}\nports: [{port: 80}]\nendpoints: [{addresses: [10.1.0.2]}]\n";
    let changes = network.change(put(slice));
    assert_eq!((at(&network, &pods[0]), at(&network, &pods[1])), (Verdict::Denied, Verdict::Allowed));
    assert_eq!(changes.pods, pods.map(|pod| (pod, EGRESS)).into());
    assert!(changes.new.is_empty() && changes.dropped.is_empty() && changes.addresses.is_empty());
}

#[test]
fn a_change_of_one_pod_leaves_the_table_to_the_other() {
    let text = [policy("pol", "db", FROM_WEB), pod("one", "db", "10.1.0.1"), pod("two", "db", "10.1.0.2")];
    let pods = names(["one", "two"]);
    let mut network = watching(cluster(&text.concat()), &pods);
    let shared = id(&network, &pods[0], INGRESS);
    let changes = network.change(put(&pod("one", "other", "10.1.0.1")));
    assert_eq!(id(&network, &pods[0], INGRESS), None);
    assert_eq!(id(&network, &pods[1], INGRESS), shared);
    let [one, two] = pods;
    assert_eq!(changes, Changes { pods: [(one, INGRESS)].into(), ..Changes::default() });
    let changes = network.change(put(&pod("one", "web", "10.1.0.9")));
    assert_eq!(changes.addresses, [(shared.unwrap(), [ip("10.1.0.9")].into())].into());
    assert_eq!(changes.pod_addresses, [ip("10.1.0.1"), ip("10.1.0.9")].into());
    assert_eq!(id(&network, &two, INGRESS), shared);
}

#[test]
fn a_table_is_kept_where_single_addresses_change_and_replaced_where_prefixes_do() {
    let text = [policy("pol", "db", FROM_WEB), pod("one", "db", "10.1.0.1"), pod("web", "web", "10.1.0.3")];
    let [one] = names(["one"]);
    let mut network = watching(cluster(&text.concat()), std::slice::from_ref(&one));
    let first = id(&network, &one, INGRESS).unwrap();
    assert!(network.change(put(&policy("pol", "db", FROM_WEB))).is_empty());
    let from_api = FROM_WEB.replace("web", "api");
    let changes = network.change(put(&policy("pol", "db", &from_api)));
    let addresses = [(first, [ip("10.1.0.3")].into())].into();
    assert_eq!(changes, Changes { addresses, ..Changes::default() });
    let from_block = "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]";
    let changes = network.change(put(&policy("pol", "db", from_block)));
    let second = id(&network, &one, INGRESS).unwrap();
    assert!(second != first && network.shared(first).is_none());
    let pods = [(one.clone(), INGRESS)].into();
    let (new, dropped) = ([second].into(), [first].into());
    assert_eq!(changes, Changes { new, dropped, pods, ..Changes::default() });
    let changes = network.forget(&one);
    assert_eq!(changes.dropped, [second].into());
    network.watch(&one);
    assert!(id(&network, &one, INGRESS).is_some_and(|third| third != first && third != second));
}

#[test]
fn prefixes_are_as_few_as_will_do() {
    let node = |number: usize| {
        format!(
            "kind: Node\nmetadata: {{name: n{number}}}\nspec: {{podCIDR: 10.1.{number}.0/24}}\nstatus: {{addresses: [{{type: InternalIP, address: 192.168.0.{number}}}]}}\n---\n"
        )
    };
    let block = "policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.1.2.0/25}}, {ipBlock: {cidr: 10.1.2.128/25}}, {ipBlock: {cidr: 127.0.0.0/9}}]}]";
    let nodes: String = (0..8).map(node).collect();
    let [one] = names(["one"]);
    let text = format!("{nodes}{}{}", policy("pol", "db", block), pod("one", "db", "10.1.0.1"));
    let network = watching(cluster(&text), std::slice::from_ref(&one));
    let (_, shared) = network.tables(&one, EGRESS).unwrap().shared().unwrap();
    let prefixes: Vec<_> = shared.prefixes().map(|(range, _)| range.to_string()).collect();
    let pods = ["10.1.0.0/23", "10.1.2.0/24", "10.1.3.0/24", "10.1.4.0/22"];
    assert_eq!(prefixes, [&["0.0.0.0/0"], &pods[..], &["127.0.0.0/8", "::/0"]].concat());
}

#[test]
fn a_pod_that_nobody_asks_for_touches_no_table() {
    let text = [policy("pol", "db", FROM_WEB), pod("one", "db", "10.1.0.1")];
    let [one] = names(["one"]);
    let mut network = watching(cluster(&text.concat()), std::slice::from_ref(&one));
    let changes = network.change(put(&pod("two", "db", "10.1.0.2")));
    assert_eq!(changes, Changes { pod_addresses: [ip("10.1.0.2")].into(), ..Changes::default() });
    let changes = network.change(put(&pod("three", "web", "10.1.0.3")));
    let shared = id(&network, &one, INGRESS).unwrap();
    assert_eq!(changes.addresses, [(shared, [ip("10.1.0.3")].into())].into());
    assert!(changes.pods.is_empty());
}
