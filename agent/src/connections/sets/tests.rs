use policy::network::{Cluster, Direction, Name, Network};
use proptest::prelude::*;

use super::*;
use crate::connections::tests::{Fake, objects};

proptest! {
    /// Guards against a block that begins where none of its size can, and against a port that two blocks or none has.
    #[test]
    fn blocks_of_a_range_are_its_ports_each_once(first: u16, last: u16) {
        let (first, last) = (first.min(last), first.max(last));
        let mut next = u32::from(first);
        let mut number = 0;
        for (start, bits) in blocks(first, last) {
            let size = 1_u32 << (16 - bits);
            prop_assert_eq!(u32::from(start), next);
            prop_assert_eq!(next % size, 0, "a prefix leads to ports that have its bits in common");
            next += size;
            number += 1;
        }
        prop_assert_eq!(next, u32::from(last) + 1);
        prop_assert!(number <= 30, "{} blocks", number);
    }
}

/// The set of ports that one rule allows to everyone.
fn set(ports: &str) -> Ports {
    let text = format!(
        "kind: NetworkPolicy\nmetadata: {{name: p, namespace: a}}\nspec: {{podSelector: {{}}, policyTypes: [Egress], \
         egress: [{{ports: [{ports}]}}]}}\n---\nkind: Node\nmetadata: {{name: worker}}\n---\n\
         kind: Pod\nmetadata: {{name: one, namespace: a}}\nspec: {{nodeName: worker}}\nstatus: {{podIP: 10.1.0.1}}\n"
    );
    let mut network = Network::new(Cluster::new(objects(&text)));
    let one = Name::new("a", "one");
    drop(network.watch(&one));
    let tables = network.tables(&one, Direction::Egress).expect("it is declared");
    let (_, shared) = tables.shared().expect("it is selected");
    (*shared.prefixes().next().expect("every address has one").1.others).clone()
}

#[test]
fn set_is_written_once_and_taken_away_with_its_last_address() {
    let (mut sets, mut maps) = (Sets::default(), Fake::default());
    let web = set("{port: 80}, {protocol: UDP, port: 1000, endPort: 2999}");
    let number = sets.number(&web, &mut maps).expect("there is room");
    assert_eq!(sets.number(&web, &mut maps), Ok(number));
    let written = maps.ports.len();
    assert!(written > 3, "{written}");
    let used = [&web].into();
    sets.keep(&used, &mut maps);
    assert_eq!(maps.ports.len(), written);
    sets.keep(&HashSet::new(), &mut maps);
    assert!(maps.ports.is_empty());
    let again = sets.number(&web, &mut maps).expect("there is room");
    assert_ne!(again, number, "a program may still hold the old one");
}

#[test]
fn what_holds_for_all_ports_alike_needs_no_entry() {
    let (mut sets, mut maps) = (Sets::default(), Fake::default());
    for verdict in [Verdict::Denied, Verdict::Unknown, Verdict::Allowed] {
        assert!(sets.number(&Ports::all(verdict), &mut maps).is_ok_and(|number| number < ports::FIRST));
    }
    assert!(maps.ports.is_empty());
}

#[test]
fn set_that_does_not_fit_leaves_nothing_behind() {
    let (mut sets, mut maps) = (Sets::default(), Fake { room: 2, ..Fake::default() });
    assert_eq!(sets.number(&set("{port: 80}"), &mut maps), Err(Full("fake")));
    assert!(maps.ports.is_empty());
}
