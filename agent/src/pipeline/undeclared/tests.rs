use policy::Known;
use policy::event::{Ancestry, Detail, Executable, Origin};

use super::*;

fn call(cgroup: u64, key: Key, since: u64) -> Call {
    let event = Event {
        task: Known::Unknown,
        executable: Executable { path: Known::Unknown, origin: Origin::Unknown, script: None },
        ancestry: Ancestry::default(),
        uid: Known::Unknown,
        gid: Known::Unknown,
        detail: Detail::CapabilityUse { capability: Known::Unknown, user_namespace: Known::Unknown },
    };
    let time = Timestamp::from_unix_nanos(since);
    Call { cgroup, container: Arc::from("c"), key, event, time, since }
}

fn key(number: u64) -> Key {
    Key::of(number)
}

#[test]
fn a_call_waits_once_and_for_a_minute() {
    let mut undeclared = Undeclared::default();
    undeclared.keep(call(1, key(1), 0));
    undeclared.keep(call(1, key(1), 5));
    undeclared.keep(call(1, key(2), LATE_NANOSECONDS));
    assert_eq!(undeclared.len(), 2);
    let taken = undeclared.take(LATE_NANOSECONDS);
    assert_eq!((taken.len(), undeclared.len()), (2, 0));
    taken.into_iter().for_each(|call| undeclared.keep(call));
    let taken = undeclared.take(LATE_NANOSECONDS + 1);
    assert_eq!(taken.iter().map(|call| call.key).collect::<Vec<_>>(), [key(2)], "the first is too old");
}

/// Guards against a container that makes the others' calls go.
#[test]
fn who_has_the_most_gives_up_its_first() {
    let mut undeclared = Undeclared::default();
    undeclared.keep(call(1, key(0), 0));
    for number in 0..2000 {
        undeclared.keep(call(2, key(number), 0));
    }
    assert_eq!((undeclared.len(), undeclared.evicted()), (CALLS_MAX, 977));
    let taken = undeclared.take(0);
    assert_eq!(taken.iter().filter(|call| call.cgroup == 1).count(), 1);
    assert!(taken.iter().any(|call| call.cgroup == 2 && call.key == key(1999)), "the last one stays");
}
