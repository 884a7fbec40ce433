//! The implementation against the reference, and faults that the comparison must find.

use serde_json::Value;

use super::generate::{self, Dice, PEERS, PORTS};
use super::reference::{self, Ask};
use super::*;

/// How many cases there were, and those in which the two differ.
#[derive(Default)]
struct Outcome {
    cases: usize,
    known: usize,
    disagreements: usize,
    first: Option<String>,
}

fn objects_of(documents: &[Value]) -> Vec<Object> {
    let text = Value::from(documents.to_vec()).to_string();
    let text = format!("{{\"kind\": \"List\", \"items\": {text}}}");
    read(&text).0
}

/// Compares over generated clusters; what is implemented reads the documents as `seed` leaves them.
fn compare(clusters: u64, questions: usize, seed: impl Fn(&mut Value)) -> Outcome {
    let mut outcome = Outcome::default();
    for number in 0..clusters {
        let mut dice = Dice::new(number + 1);
        let documents = generate::cluster(&mut dice);
        let mut faulty = documents.clone();
        faulty.iter_mut().for_each(&seed);
        let cluster = Cluster::new(objects_of(&faulty));
        let names: Vec<_> = cluster.pods().map(|(_, pod)| pod.name.clone()).collect();
        // All Pods at once, so that those share tables that may.
        let network = watching(cluster, &names);
        let cluster = network.cluster();
        let pods: Vec<_> = documents.iter().filter(|document| document["kind"] == "Pod").collect();
        for pod in &pods {
            let (namespace, name) = (&pod["metadata"]["namespace"], &pod["metadata"]["name"]);
            let name = Name::new(namespace.as_str().unwrap(), name.as_str().unwrap());
            let id = cluster.find(&name).expect("it is declared");
            for direction in Direction::ALL {
                let tables = network.tables(&name, direction).unwrap();
                let ask = Ask { objects: &documents, pod, egress: direction == Direction::Egress };
                for _ in 0..questions {
                    let of_pod = dice.one(&pods)["status"]["podIPs"][0]["ip"].as_str().unwrap();
                    let peer = if dice.once_in(2) { of_pod } else { *dice.one(&PEERS) };
                    let (port, protocol) = (*dice.one(&PORTS), *dice.one(&Protocol::ALL));
                    let expected = reference::answer(ask, peer, protocol.word(), port);
                    let question = Question { direction, peer: ip(peer), port, protocol };
                    let answer = cluster.answer(id, &question);
                    let word = match &answer {
                        Answer::Allowed(_) => "Allowed",
                        Answer::Denied => "Denied",
                        Answer::Free => "Free",
                        // A Service behind which is the Pod itself, or its node.
                        Answer::Always(_) if expected == "Allowed" => "Allowed",
                        Answer::Always(_) => "Always",
                        Answer::Unknown(_) => "Unknown",
                    };
                    let by_table =
                        tables.answer(ip(peer), cluster.is_pod(canonical(ip(peer))), protocol, port);
                    outcome.cases += 1;
                    outcome.known += usize::from(expected != "Unknown");
                    if word != expected || by_table != answer.verdict() {
                        outcome.disagreements += 1;
                        outcome.first.get_or_insert_with(|| {
                            format!(
                                "cluster {number}: {name} {direction:?} {peer} {protocol} {port}: the reference says \
                                 {expected}, the answer is {answer:?}, the table says {by_table:?}"
                            )
                        });
                    }
                }
            }
        }
    }
    outcome
}

#[test]
fn the_answer_and_its_tables_are_what_a_plain_reading_of_the_documentation_says() {
    let outcome = compare(1_300, 16, |_| {});
    println!("{} cases, {} known, {} disagreements", outcome.cases, outcome.known, outcome.disagreements);
    assert_eq!(outcome.disagreements, 0, "of {}; first: {:?}", outcome.cases, outcome.first);
    assert!(
        outcome.cases > 200_000 && outcome.known > outcome.cases / 3,
        "{} {}",
        outcome.cases,
        outcome.known
    );
}

/// Does something to each rule of a policy.
fn each_rule(document: &mut Value, change: impl Fn(&mut Value)) {
    for list in ["ingress", "egress"] {
        document["spec"].get_mut(list).and_then(Value::as_array_mut).into_iter().flatten().for_each(&change);
    }
}

#[test]
fn an_except_that_is_not_heeded_is_found() {
    let outcome = compare(100, 16, |document| {
        each_rule(document, |rule| {
            for peers in ["from", "to"] {
                for peer in rule.get_mut(peers).and_then(Value::as_array_mut).into_iter().flatten() {
                    peer.get_mut("ipBlock")
                        .and_then(Value::as_object_mut)
                        .map(|block| block.remove("except"));
                }
            }
        });
    });
    assert!(outcome.disagreements > 0);
}

#[test]
fn a_port_whose_name_is_taken_for_any_port_is_found() {
    let outcome = compare(100, 16, |document| {
        each_rule(document, |rule| {
            for port in rule.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
                if port["port"].is_string() {
                    port.as_object_mut().unwrap().remove("port");
                }
            }
        });
    });
    assert!(outcome.disagreements > 0);
}

#[test]
fn a_policy_without_rules_that_does_not_isolate_is_found() {
    let outcome = compare(100, 16, |document| {
        let has_rules = |list: &str| document["spec"][list].as_array().is_some_and(|rules| !rules.is_empty());
        if document["kind"] == "NetworkPolicy" && !has_rules("ingress") && !has_rules("egress") {
            document["spec"]["podSelector"] = serde_json::json!({"matchLabels": {"nobody": "has-this"}});
        }
    });
    assert!(outcome.disagreements > 0);
}
