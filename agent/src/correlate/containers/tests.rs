use proptest::prelude::*;

use super::*;
use crate::correlate::resolve::Resolved;

fn container(id: &str) -> Arc<Resolved> {
    Arc::new(Resolved::of_id(id))
}

fn table(limits: Limits) -> Containers {
    Containers::new(limits)
}

fn id_of(table: &mut Containers, cgroup: u64) -> Option<String> {
    table.get(cgroup).map(|container| container.id.to_string())
}

#[test]
fn a_removed_cgroup_is_still_found_for_a_while() {
    let mut table = table(Limits::default());
    table.insert(7, container("a"));
    assert_eq!(table.remove(7).map(|gone| gone.id.to_string()).as_deref(), Some("a"));
    assert_eq!((id_of(&mut table, 7).as_deref(), table.len()), (Some("a"), 0));
}

#[test]
fn those_just_gone_leave_when_there_are_many() {
    let mut table = table(Limits { gone_bytes: 3 * (container("a").bytes() + 128), ..Limits::default() });
    for cgroup in 0..10 {
        table.insert(cgroup, container("a"));
        table.remove(cgroup);
    }
    assert_eq!((id_of(&mut table, 0), id_of(&mut table, 9).as_deref()), (None, Some("a")));
    assert_eq!(table.evicted(), 0, "that is no eviction of a live one");
}

#[test]
fn a_container_s_last_cgroup_is_said_to_be_the_last() {
    let mut table = table(Limits::default());
    table.insert(1, container("a"));
    table.insert(2, container("a"));
    assert!(table.remove(1).is_none());
    assert!(table.remove(2).is_some());
    assert!(table.remove(2).is_none(), "it is gone already");
}

#[test]
fn a_reused_inode_number_is_the_new_container() {
    let mut table = table(Limits::default());
    table.insert(1, container("old"));
    table.remove(1);
    table.insert(1, container("new"));
    assert_eq!(id_of(&mut table, 1).as_deref(), Some("new"));
}

#[test]
fn a_container_that_nests_thousands_crowds_out_itself_alone() {
    let mut table = table(Limits { cgroups_each: 4, ..Limits::default() });
    table.insert(1, container("quiet"));
    for cgroup in 100..5100 {
        table.insert(cgroup, container("noisy"));
    }
    assert_eq!((id_of(&mut table, 1).as_deref(), table.len(), table.evicted()), (Some("quiet"), 5, 4996));
}

#[test]
fn inserting_a_cgroup_again_counts_it_once() {
    let mut table = table(Limits { cgroups_each: 2, ..Limits::default() });
    for _ in 0..5 {
        table.insert(1, container("a"));
        table.insert(2, container("a"));
    }
    assert_eq!((table.len(), table.evicted()), (2, 0));
}

#[test]
fn every_cgroup_of_a_container_shares_what_is_resolved_again() {
    let mut table = table(Limits::default());
    table.insert(1, container("a"));
    table.insert(2, container("a"));
    table.insert(3, container("b"));
    let mut asked = 0;
    table.update(|old| {
        asked += 1;
        (&*old.id == "a").then(|| {
            let mut fresh = old.clone();
            fresh.sandbox = true;
            fresh
        })
    });
    assert_eq!(asked, 2);
    assert!(table.get(1).unwrap().sandbox && table.get(2).unwrap().sandbox && !table.get(3).unwrap().sandbox);
}

proptest! {
    #[test]
    fn the_budgets_hold_whatever_comes(steps in prop::collection::vec((any::<bool>(), 0u64..50, 0u8..5), 0..300)) {
        let limits = Limits { live_bytes: 5000, gone_bytes: 2000, cgroups_each: 6 };
        let mut table = table(limits);
        for (adds, cgroup, id) in steps {
            if adds {
                table.insert(cgroup, container(&id.to_string()));
            } else {
                table.remove(cgroup);
            }
            prop_assert!(table.bytes() <= limits.live_bytes + limits.gone_bytes);
            prop_assert_eq!(table.cgroups.values().map(Vec::len).sum::<usize>(), table.len());
            prop_assert!(table.cgroups.values().all(|own| own.len() <= 6));
        }
    }
}
