mod contrary;
mod documented;
mod documents;
mod generate;
mod here;
mod reference;
mod seeded;
mod tables;

use std::net::IpAddr;

use super::*;
use crate::yaml;

/// The objects of a text, and the mistakes as they are told.
fn read(text: &str) -> (Vec<Object>, Vec<String>) {
    let mut objects = Vec::new();
    let mut mistakes = Vec::new();
    for node in yaml::documents(text) {
        let read = document::read(&node.expect("it is YAML"));
        objects.extend(read.objects);
        mistakes.extend(
            read.mistakes
                .iter()
                .map(|mistake| format!("{}:{}: {mistake}", mistake.position.line, mistake.position.column)),
        );
    }
    (objects, mistakes)
}

fn cluster(text: &str) -> Cluster {
    let (objects, mistakes) = read(text);
    assert_eq!(mistakes, Vec::<String>::new());
    Cluster::new(objects)
}

fn watching(cluster: Cluster, pods: &[Name]) -> Network {
    let mut network = Network::new(cluster);
    for pod in pods {
        network.watch(pod);
    }
    network
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn ask(
    cluster: &Cluster,
    pod: &str,
    direction: Direction,
    peer: &str,
    protocol: Protocol,
    port: u16,
) -> Answer {
    let (namespace, name) = pod.split_once('/').expect("namespace/name");
    let name = Name::new(namespace, name);
    let pod = cluster.find(&name).expect("it is declared");
    let question = Question { direction, peer: ip(peer), port, protocol };
    let answer = cluster.answer(pod, &question);
    assert_eq!(cluster.explain(pod, &question).answer, answer);
    let network = watching(cluster.clone(), std::slice::from_ref(&name));
    let tables = network.tables(&name, direction).expect("it is declared");
    let peer = canonical(ip(peer));
    assert_eq!(tables.answer(peer, cluster.is_pod(peer), protocol, port), answer.verdict(), "{answer:?}");
    answer
}
