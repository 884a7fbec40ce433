use proptest::prelude::*;

use super::*;

#[test]
fn the_entry_unused_for_longest_leaves_first() {
    let mut lru = Lru::new(2 * (ENTRY + 10));
    lru.insert(1, "one", 10);
    lru.insert(2, "two", 10);
    assert_eq!(lru.get(&1), Some(&"one"));
    assert_eq!(lru.insert(3, "three", 10), [(2, "two")]);
    assert_eq!(lru.get(&2), None);
    assert_eq!((lru.evicted(), lru.len()), (1, 2));
}

#[test]
fn replacing_counts_the_entry_once() {
    let mut lru = Lru::new(1000);
    lru.insert(1, "a", 500);
    assert!(lru.insert(1, "b", 400).is_empty());
    assert_eq!((lru.bytes(), lru.evicted()), (400 + ENTRY, 0));
}

#[test]
fn what_exceeds_the_whole_budget_is_not_kept() {
    let mut lru = Lru::new(100);
    assert_eq!(lru.insert(1, "big", 200), [(1, "big")]);
    assert_eq!((lru.len(), lru.bytes()), (0, 0));
}

proptest! {
    #[test]
    fn the_budget_holds_after_any_operations(steps in prop::collection::vec((0u8..3, 0u8..20, 0usize..300), 0..200)) {
        let mut lru = Lru::new(1500);
        for (what, key, weight) in steps {
            match what {
                0 => drop(lru.insert(key, weight, weight)),
                1 => drop(lru.get(&key).copied()),
                _ => drop(lru.remove(&key)),
            }
            prop_assert!(lru.bytes() <= 1500);
            prop_assert_eq!(lru.slots.len(), lru.order.len());
            prop_assert_eq!(lru.bytes(), lru.slots.values().map(|slot| slot.weight).sum::<usize>());
        }
    }
}
