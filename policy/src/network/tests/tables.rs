//! Tables that follow changes are those that are compiled anew.

use serde_json::Value;

use super::generate::{self, Dice};
use super::*;

fn object(document: &Value) -> Object {
    read(&document.to_string()).0.remove(0)
}

#[test]
fn tables_that_follow_changes_are_those_compiled_anew() {
    let mut touched = 0;
    for seed in 0..60 {
        let mut dice = Dice::new(seed + 7_000);
        let mut documents = generate::cluster(&mut dice);
        let mut network = Network::new(Cluster::new(documents.iter().map(object)));
        let names: Vec<Name> =
            (0..9).flat_map(|n| ["a", "b", "c"].map(|space| Name::new(space, &format!("p{n}")))).collect();
        names.iter().for_each(|name| network.watch(name));
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
            touched += network.change(Change::Remove(object(&removed).key())).len();
            if let Some(new) = new {
                let key = object(&new).key();
                documents.retain(|other| object(other).key() != key);
                touched += network.change(Change::Put(Box::new(object(&new)))).len();
                documents.push(new);
            }
            let anew = Cluster::new(documents.iter().map(object));
            for name in &names {
                for direction in Direction::ALL {
                    let compiled = anew.find(name).and_then(|id| Tables::compile(&anew, id, direction));
                    assert_eq!(
                        network.tables(name, direction),
                        compiled.as_ref(),
                        "seed {seed}: {name} {direction:?}"
                    );
                }
            }
            if documents.is_empty() {
                break;
            }
        }
    }
    assert!(touched > 1_000, "{touched}");
}

#[test]
fn a_pod_that_nobody_asks_for_touches_no_other_table() {
    let policy = "kind: NetworkPolicy\nmetadata: {name: pol, namespace: a}\nspec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}\n";
    let pod = |name: &str, app: &str, address: &str| {
        format!(
            "kind: Pod\nmetadata: {{name: {name}, namespace: a, labels: {{app: {app}}}}}\nstatus: {{podIP: {address}, hostIP: 192.168.0.1}}\n"
        )
    };
    let mut network = Network::new(cluster(&format!("{policy}---\n{}", pod("one", "db", "10.1.0.1"))));
    let one = Name::new("a", "one");
    network.watch(&one);
    let put = |text: String| Change::Put(Box::new(read(&text).0.remove(0)));
    assert!(network.change(put(pod("two", "db", "10.1.0.2"))).is_empty());
    let changed = network.change(put(pod("three", "web", "10.1.0.3")));
    assert_eq!(changed.into_iter().collect::<Vec<_>>(), [(one, Direction::Ingress)]);
}
