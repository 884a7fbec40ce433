use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use policy::network::{Direction, Question, Verdict};

use super::*;
use crate::caller::Way;

const UIDS: [&str; 6] = ["u0", "u1", "u2", "u3", "u4", "u5"];

#[test]
fn every_document_is_read_without_a_mistake_and_the_same_seed_makes_the_same() {
    for seed in 0..60 {
        let make = || {
            let mut dice = Dice::new(seed);
            let mut declared = Declared::generate(&mut dice, &UIDS, seed % 5 != 4);
            let first = declared.clone();
            declared.change(&mut dice);
            (first, declared)
        };
        let (first, changed) = make();
        let again = make();
        assert_eq!((&first.documents, &changed.documents), (&again.0.documents, &again.1.documents));
        for declared in [first, changed] {
            let cluster = declared.cluster().expect("it is sound");
            assert!(declared.own.iter().all(|name| cluster.find(name).is_some()), "seed {seed}");
        }
    }
}

/// Who asks only what is always denied, or allowed, shows little.
#[test]
fn all_answers_are_common() {
    let mut answers: BTreeMap<Verdict, usize> = BTreeMap::new();
    for seed in 0..20 {
        let mut dice = Dice::new(seed);
        let declared = Declared::generate(&mut dice, &UIDS, seed % 5 != 4);
        let peers = questions::of(&declared.documents, &mut dice, 3);
        for verdict in verdicts(&declared, &peers) {
            *answers.entry(verdict).or_default() += 1;
        }
    }
    let all: usize = answers.values().sum();
    println!("{all}: {answers:?}");
    assert!(answers.len() == 3 && answers.values().all(|count| count * 10 > all), "{answers:?} of {all}");
}

#[test]
fn every_mistake_changes_answers() {
    for (what, fault) in faults::ALL {
        let mut changed = 0;
        for seed in 0..8 {
            let mut dice = Dice::new(seed);
            let mut declared = Declared::generate(&mut dice, &UIDS, true);
            let peers = questions::of(&declared.documents, &mut dice, 1);
            let right = verdicts(&declared, &peers);
            declared.documents.iter_mut().for_each(fault);
            changed +=
                right.iter().zip(verdicts(&declared, &peers)).filter(|(one, other)| *one != other).count();
        }
        println!("{what}: {changed}");
        assert!(changed > 20, "{what}: {changed}");
    }
}

/// What is said of these peers, for each of the cluster's own Pods.
fn verdicts(declared: &Declared, peers: &[SocketAddr]) -> Vec<Verdict> {
    let cluster = declared.cluster().expect("it is sound");
    let ask = |name: &Name, peer: &SocketAddr| {
        let pod = cluster.find(name).expect("it is declared");
        Way::ORDINARY.map(|way| {
            let (direction, protocol) = (Direction::Egress, way.protocol());
            let question = Question { direction, peer: peer.ip(), port: peer.port(), protocol };
            cluster.answer(pod, &question).verdict()
        })
    };
    declared
        .own
        .iter()
        .flat_map(|name| {
            peers.iter().flat_map({
                let ask = &ask;
                move |peer| ask(name, peer)
            })
        })
        .collect()
}

#[test]
fn edges_of_a_range_are_its_neighbours_too() {
    let documents = [json!({"ipBlock": {"cidr": "10.1.2.8/30", "except": ["fd00::/127"]}})];
    let asked = questions::of(&documents, &mut Dice::new(0), 1);
    for edge in ["10.1.2.7", "10.1.2.8", "10.1.2.11", "10.1.2.12", "fd00::", "fd00::1", "fd00::2"] {
        let edge: IpAddr = edge.parse().expect("an address");
        assert!(asked.iter().any(|peer| peer.ip() == edge), "{edge}");
    }
}
