//! Objects of a cluster, as whoever writes a file or an object may choose them: reading, answering and compiling end,
//! and a table never says otherwise than the answer.

#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use policy::network::{Cluster, Direction, Network, Protocol, Question, canonical, document};

const PEERS: [&str; 5] = ["10.1.0.2", "8.8.8.8", "fd00::2", "10.96.0.1", "::ffff:127.0.0.1"];
const PORTS: [u16; 3] = [53, 80, 8080];

fuzz_target!(|text: &str| {
    let mut objects = Vec::new();
    for node in policy::yaml::documents(text) {
        let Ok(node) = node else { return };
        let read = document::read(&node);
        assert!(read.mistakes.iter().all(|mistake| !mistake.to_string().is_empty()));
        objects.extend(read.objects);
    }
    let cluster = Cluster::new(objects);
    let pods: Vec<_> = cluster.pods().take(4).map(|(id, pod)| (id, pod.name.clone())).collect();
    let mut network = Network::new(cluster);
    for (_, name) in &pods {
        network.watch(name);
    }
    let cluster = network.cluster();
    for (pod, name) in pods.iter().map(|(id, name)| (*id, name)) {
        for direction in Direction::ALL {
            let tables = network.tables(name, direction).expect("it is declared");
            for peer in PEERS.map(|peer| peer.parse::<IpAddr>().expect("an address")) {
                for (port, protocol) in
                    PORTS.into_iter().flat_map(|port| Protocol::ALL.map(|each| (port, each)))
                {
                    let question = Question { direction, peer, port, protocol };
                    let answer = cluster.explain(pod, &question).answer;
                    let is_pod = cluster.is_pod(canonical(peer));
                    assert_eq!(tables.answer(peer, is_pod, protocol, port), answer.verdict(), "{question:?}");
                }
            }
        }
    }
});
