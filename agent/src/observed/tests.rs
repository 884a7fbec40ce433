use std::borrow::Cow;

use policy::Known;
use policy::observed::{
    CapabilitySets, IdMap, IdRange, Mount, MountSource, Namespaces, NodeFacts, Observation,
    ObservedContainer, OciSpec, Seccomp, overlay,
};
use serde_json::json;

use super::container::{PAIRS_MAX, TOLD_MAX, UNCHANGED_MIN, sets};
use super::kept::OVERLAYS_BYTES;
use super::*;
use crate::observe::facts::Credentials;

const ROOT: Creds = Creds { effective: (0, 0), permitted: 0 };

fn ids(uid: u32, gid: u32) -> Creds {
    Creds { effective: (uid, gid), permitted: 0 }
}

fn started() -> Observed {
    let mut observed = Observed::default();
    observed.started(1, Some(Ids { uid: 0, gid: 5 }), ROOT, 100);
    observed
}

fn credentials(permitted: u64) -> Credentials {
    Credentials { permitted, bounding: 0, no_new_privileges: true, seccomp: Seccomp::Filter }
}

fn looked(permitted: u64) -> Looked {
    Looked { credentials: Some(credentials(permitted)), ..Looked::default() }
}

/// The contradictions of a container that declares nothing and holds these.
fn holding(permitted: u64, pod: &Value) -> Overlay {
    let spec = serde_json::from_value(json!({"process": {}})).unwrap();
    let facts = Facts { capabilities: sets(credentials(permitted)).into(), ..Facts::default() };
    let node =
        NodeFacts { capabilities: Vec::new(), cdi_targets: Known::Unknown, mount_plugins: Known::Unknown };
    overlay(
        ObservedContainer { pod, kind: policy::event::ContainerKind::Container, name: "c" },
        Observation { spec: Some(&spec), facts: &facts, node: &node },
    )
}

fn pod(image: &str) -> Value {
    json!({"kind": "Pod", "metadata": {"name": "p", "uid": "u"}, "spec": {"containers": [{"name": "c", "image": image, "securityContext": {"capabilities": {"drop": ["ALL"]}}}]}})
}

#[test]
fn a_container_is_looked_at_when_it_starts_and_when_its_ids_are_new() {
    let mut observed = started();
    assert_eq!(observed.take_due(), Some(Due { cgroup: 1, init_seen: 100, task: None }));
    assert_eq!(observed.take_due(), None, "it is being looked at");
    observed.answered(1, Some(&looked(0)));
    assert!(!observed.exec(1, ROOT, 7, 200) && observed.take_due().is_none());
    assert!(observed.exec(1, ids(1000, 0), 8, 300));
    assert_eq!(observed.take_due(), Some(Due { cgroup: 1, init_seen: 100, task: Some((8, 300)) }));
    observed.answered(1, Some(&looked(0)));
    assert!(!observed.exec(1, ids(1000, 0), 9, 400), "those were looked at");
    assert!(!observed.exec(2, ROOT, 9, 400), "of a cgroup that started nothing");
}

/// Guards against ids taken for all that an exec changes: a file's capabilities need no other user.
#[test]
fn exec_that_may_do_more_than_any_before_makes_a_look() {
    let mut observed = started();
    let with = |permitted| Creds { permitted, ..ROOT };
    observed.take_due().unwrap();
    observed.answered(1, Some(&looked(0)));
    assert!(observed.exec(1, with(0b101), 7, 200));
    assert_eq!(observed.take_due().unwrap().task, Some((7, 200)));
    let facts = observed.answered(1, Some(&looked(0))).unwrap();
    assert_eq!(facts.capabilities, sets(credentials(0b101)).into(), "it may be gone by the time of the look");
    assert!(!observed.exec(1, with(0b100), 8, 300), "that was seen");
    assert!(!observed.exec(1, with(0), 8, 300), "less is no news");
    assert!(observed.exec(1, with(0b010), 9, 400));
}

#[test]
fn what_happens_during_a_look_makes_one_more() {
    let mut observed = started();
    observed.take_due().unwrap();
    for uid in 1..9 {
        observed.exec(1, ids(uid, 0), uid, 200);
    }
    assert_eq!(observed.take_due(), None);
    observed.answered(1, None);
    assert_eq!(observed.take_due().unwrap().task, Some((8, 200)));
    observed.answered(1, None);
    assert_eq!(observed.take_due(), None);
}

#[test]
fn a_container_that_changes_its_ids_without_end_makes_no_looks_without_end() {
    let mut observed = started();
    let mut looks = 0;
    for uid in 1..1000 {
        observed.exec(1, ids(uid, 0), uid, 200);
        if observed.take_due().is_some() {
            observed.answered(1, Some(&looked(0)));
            looks += 1;
        }
    }
    assert_eq!(looks, PAIRS_MAX - 1, "the first pair was its start's");
}

/// Sixteen other users first, and root would go unseen.
#[test]
fn root_is_looked_for_however_many_other_ids_came_before() {
    let mut observed = Observed::default();
    observed.started(1, None, ids(1000, 0), 100);
    let map = IdMap(vec![IdRange { inside: 0, outside: 100_000, length: 65_536 }]);
    let looked = Looked { facts: Facts { uid_map: map.into(), ..Facts::default() }, ..looked(0) };
    observed.take_due().unwrap();
    observed.answered(1, Some(&looked));
    let is_root = |uid| uid == 100_000;
    for uid in 2000..2000 + PAIRS_MAX as u32 {
        observed.exec(1, ids(uid, 0), uid, 200);
    }
    assert!(!observed.exec(1, ids(7, 0), 7, 300), "others are not looked for any more");
    assert_eq!(observed.ran_as(1, is_root), None);
    assert!(observed.exec(1, ids(100_000, 0), 8, 300));
    assert!(!observed.exec(1, ids(100_000, 5), 9, 300), "root is root");
    assert_eq!(observed.ran_as(1, is_root), Some(8));
    assert_eq!(observed.ran_as(1, |uid| uid == 1000), None, "the first exec's task is not named");
    let facts = observed.answered(1, Some(&looked)).unwrap();
    assert!(facts.effective_uids.contains(&100_000) && facts.effective_uids.contains(&1000));
    assert_eq!(facts.effective_uids.len(), PAIRS_MAX + 1);
}

#[test]
fn what_a_container_became_is_told_once_and_of_each_container() {
    let (mut observed, pod) = (started(), pod("a"));
    observed.started(2, None, ROOT, 100);
    let change = holding(1, &pod).changes()[0].clone();
    assert!(observed.is_news(1, &change) && !observed.is_news(1, &change));
    assert!(observed.is_news(2, &change) && !observed.is_news(3, &change));
    observed.started(1, None, ROOT, 200);
    assert!(observed.is_news(1, &change), "another container");
}

#[test]
fn more_uses_of_what_changes_a_container_make_a_look() {
    let mut observed = started();
    observed.take_due().unwrap();
    observed.answered(1, Some(&looked(0)));
    observed.used(1, 3, 0);
    assert!(observed.take_due().is_some());
    observed.answered(1, Some(&looked(0)));
    observed.used(1, 3, 0);
    assert_eq!(observed.take_due(), None);
    observed.used(1, 4, 0);
    assert!(observed.take_due().is_some());
}

/// sshd and its kind use SETUID all day. None of its uses goes unlooked at for ever.
#[test]
fn a_container_that_uses_them_all_the_time_and_does_not_change_is_looked_at_less_often() {
    const SECOND: u64 = 1_000_000_000;
    let (mut observed, pod) = (started(), pod("a"));
    let look = |observed: &mut Observed, second: u64, uses: u64, permitted: u64| {
        observed.used(1, uses, second * SECOND);
        let is_due = observed.take_due().is_some();
        if is_due {
            observed.answered(1, Some(&looked(permitted)));
            observed.contradicted(1, &pod, &holding(permitted, &pod));
        }
        is_due
    };
    assert!(look(&mut observed, 0, 0, 0), "its start");
    let busy = (1..60).filter(|second| look(&mut observed, *second, *second, 0)).collect::<Vec<_>>();
    let every_second = 1..=u64::from(UNCHANGED_MIN) + 2;
    let expected: Vec<u64> = every_second.chain([8, 12, 20, 28, 36, 44, 52]).collect();
    assert_eq!(busy, expected);
    assert!(look(&mut observed, 60, 59, 1), "a use that came while it rested");
    let changed = (61..66).filter(|second| look(&mut observed, *second, *second, 1)).collect::<Vec<_>>();
    assert_eq!(changed, [61, 62, 63, 64, 65], "it has changed: each second again");
}

#[test]
fn what_cannot_be_looked_at_now_is_not_forgotten() {
    let mut observed = started();
    observed.take_due().unwrap();
    observed.answered(1, None);
    observed.exec(1, ids(7, 7), 8, 300);
    let due = observed.take_due().unwrap();
    observed.postpone(due);
    assert_eq!(observed.take_due(), None, "not at once");
    observed.exec(1, ids(8, 8), 9, 400);
    assert_eq!(observed.take_due(), None, "nor for what happens meanwhile");
    observed.retry();
    assert_eq!(observed.take_due(), Some(Due { task: Some((9, 400)), ..due }));
    observed.retry();
    assert_eq!(observed.take_due(), None, "once");
}

#[test]
fn ids_are_told_by_the_first_exec_alone_and_credentials_by_all_tasks() {
    let mut observed = started();
    observed.take_due().unwrap();
    let facts = observed.answered(1, Some(&looked(1))).unwrap();
    assert_eq!((facts.uid, facts.gid), (Known::Known(0), Known::Known(5)));
    observed.exec(1, ids(9, 9), 8, 300);
    observed.take_due().unwrap();
    let facts = observed.answered(1, Some(&looked(1 << 21))).unwrap();
    let CapabilitySets { permitted, .. } = facts.capabilities.known().unwrap();
    assert_eq!(permitted, ["CHOWN", "SYS_ADMIN"].map(Cow::Borrowed).into());
    assert_eq!((facts.uid, facts.gid), (Known::Known(0), Known::Known(5)));
    let facts = observed.answered(1, Some(&Looked::default())).unwrap();
    assert_ne!(facts.capabilities, Known::Unknown, "a task that is gone takes nothing away");
}

/// A sandbox that ends takes the paths with it, and one step more would be one drift more.
#[test]
fn whose_namespace_was_joined_stays_known() {
    let mut observed = started();
    let joined = |network| Looked {
        facts: Facts { joined: Namespaces { network, ..Namespaces::default() }, ..Facts::default() },
        ..looked(0)
    };
    let mut known = |network| {
        observed.take_due();
        observed.answered(1, Some(&joined(network))).unwrap().joined.network
    };
    assert_eq!(known(Known::Unknown), Known::Unknown);
    assert_eq!(known(true.into()), Known::Known(true));
    assert_eq!(known(Known::Unknown), Known::Known(true));
    assert_eq!(known(false.into()), Known::Known(true));
}

#[test]
fn of_a_container_that_ran_before_no_first_ids_are_known() {
    let mut observed = Observed::default();
    observed.found(1, 50);
    assert_eq!(observed.take_due(), Some(Due { cgroup: 1, init_seen: 50, task: None }));
    let facts = observed.answered(1, Some(&looked(1))).unwrap();
    assert_eq!(
        (facts.uid, facts.gid, facts.no_new_privileges),
        (Known::Unknown, Known::Unknown, Known::Known(true))
    );
}

#[test]
fn a_contradiction_is_told_once_and_a_further_one_by_itself() {
    let (mut observed, pod) = (started(), pod("a"));
    assert_eq!(observed.contradicted(1, &pod, &holding(0, &pod)), Some(Vec::new()), "the first time");
    assert_eq!(observed.contradicted(1, &pod, &holding(0, &pod)), None, "nothing is new");
    let first = observed.contradicted(1, &pod, &holding(1, &pod)).unwrap();
    assert_eq!((first.len(), &first[0].observed), (1, &json!(["CHOWN"])));
    assert_eq!(observed.contradicted(1, &pod, &holding(1, &pod)), None);
    let more = observed.contradicted(1, &pod, &holding(3, &pod)).unwrap();
    assert_eq!(more[0].observed, json!(["CHOWN", "DAC_OVERRIDE"]));
    assert_eq!(
        observed.contradicted(1, &pod, &holding(1, &pod)),
        Some(Vec::new()),
        "it is back to what was told"
    );
}

#[test]
fn what_no_record_tells_is_counted() {
    let (mut observed, pod) = (started(), pod("a"));
    // Each with one more capability is a contradiction of its own.
    let holdings: Vec<u64> = (1..=u64::from(u8::MAX)).collect();
    let (told, rest) = holdings.split_at(TOLD_MAX);
    for permitted in told {
        assert_eq!(observed.contradicted(1, &pod, &holding(*permitted, &pod)).unwrap().len(), 1);
    }
    assert_eq!(observed.untold(), Untold::default());
    assert_eq!(observed.contradicted(1, &pod, &holding(rest[0], &pod)), Some(Vec::new()));
    assert_eq!(observed.untold(), Untold { changes: 1, mounts: 0 });
    assert_eq!(observed.contradicted(1, &pod, &holding(rest[0], &pod)), None, "nothing has changed");
    let change = holding(rest[1], &pod).changes()[0].clone();
    assert!(!observed.is_news(1, &change));
    assert_eq!(observed.untold(), Untold { changes: 2, mounts: 0 });
    assert_eq!(observed.contradicted(1, &pod, &mounting(70, &pod)), Some(Vec::new()));
    assert_eq!(observed.untold(), Untold { changes: 2 + 128, mounts: 6 });
}

/// The contradictions of a container with so many folders of the node.
fn mounting(count: usize, pod: &Value) -> Overlay {
    let mount =
        |index| Mount { target: format!("/{index}"), source: MountSource::Node(vec!["/etc".to_owned()]) };
    let facts = Facts { mounts: Known::Known((0..count).map(mount).collect()), ..Facts::default() };
    let node =
        NodeFacts { capabilities: Vec::new(), cdi_targets: Known::Unknown, mount_plugins: Known::Unknown };
    overlay(
        ObservedContainer { pod, kind: policy::event::ContainerKind::Container, name: "c" },
        Observation { spec: Some(&OciSpec::default()), facts: &facts, node: &node },
    )
}

#[test]
fn a_pod_that_is_declared_anew_is_another_input() {
    let (mut observed, before, after) = (started(), pod("a"), pod("b"));
    assert_eq!(observed.contradicted(1, &before, &holding(1, &before)).unwrap().len(), 1);
    assert_eq!(
        observed.contradicted(1, &after, &holding(1, &after)),
        Some(Vec::new()),
        "judged again, told once"
    );
    let mut fares = after.clone();
    fares["status"] = json!({"phase": "Running"});
    fares["metadata"]["resourceVersion"] = json!("8");
    assert_eq!(observed.contradicted(1, &fares, &holding(1, &fares)), None, "nothing is declared anew");
}

fn declared(pod: &Value) -> Arc<Pod> {
    Arc::new(Pod::from_object(pod).unwrap())
}

/// The observed Pod, and whether it was the same one the last time.
fn laid(observed: &mut Observed, cgroup: u64, pod: &Arc<Pod>) -> (Value, bool) {
    let mut ask = || match observed.pod(cgroup, pod) {
        Known::Known(ObservedPod::Laid(laid)) => laid,
        other => panic!("{other:?}"),
    };
    let (first, second) = (ask(), ask());
    (Value::clone(&first), Arc::ptr_eq(&first, &second))
}

#[test]
fn contradictions_are_kept_within_their_bytes_and_given_back() {
    let (mut observed, pod) = (started(), pod("a"));
    let overlay = || holding(u64::MAX, &pod);
    let of = declared(&pod);
    observed.contradicted(1, &pod, &overlay());
    let each = observed.bytes;
    assert!(each > 300, "{each}");
    observed.bytes = OVERLAYS_BYTES;
    observed.started(2, None, ROOT, 1);
    assert_eq!(observed.contradicted(2, &pod, &overlay()).unwrap().len(), 1, "it is told even so");
    assert!(matches!(observed.pod(2, &of), Known::Unknown));
    assert_eq!(observed.contradicted(2, &pod, &overlay()), None);
    assert_eq!(laid(&mut observed, 1, &of), (overlay().apply(&pod), false), "there is no room for a Pod");
    observed.gone(1);
    observed.gone(2);
    assert_eq!(observed.bytes, OVERLAYS_BYTES - each);
    assert!(matches!(observed.pod(1, &of), Known::Known(ObservedPod::Declared(_))));
}

/// Guards against a Pod that is made anew for each event, against one that is laid over a form that is declared no more,
/// and against bytes that are never given back.
#[test]
fn an_observed_pod_is_made_once_for_each_declared_one() {
    let (mut observed, pod) = (started(), pod("a"));
    let of = declared(&pod);
    assert!(matches!(observed.pod(1, &of), Known::Known(ObservedPod::Declared(_))), "nothing contradicts it");
    let overlay = holding(1, &pod);
    observed.contradicted(1, &pod, &overlay);
    let before = observed.bytes;
    assert_eq!(laid(&mut observed, 1, &of), (overlay.apply(&pod), true));
    let with = observed.bytes;
    assert!(with > before + pod.to_string().len(), "{before} {with}");
    let mut fares = pod.clone();
    fares["status"] = json!({"phase": "Running", "message": "x".repeat(500)});
    let of = declared(&fares);
    assert_eq!(laid(&mut observed, 1, &of), (overlay.apply(&fares), true));
    assert!(observed.bytes > with + 500);
    observed.contradicted(1, &pod, &holding(0, &pod));
    assert!(matches!(observed.pod(1, &of), Known::Known(ObservedPod::Declared(_))));
    assert_eq!(observed.bytes, 0);
    observed.contradicted(1, &pod, &overlay);
    laid(&mut observed, 1, &of);
    observed.gone(1);
    assert_eq!(observed.bytes, 0);
}

#[test]
fn a_container_that_starts_anew_is_another() {
    let (mut observed, pod) = (started(), pod("a"));
    observed.contradicted(1, &pod, &holding(1, &pod));
    observed.started(1, None, ROOT, 900);
    assert_eq!((observed.bytes, observed.size()), (0, (1, 0)));
    assert_eq!(observed.take_due().unwrap().init_seen, 900);
    assert_eq!(observed.take_due(), None);
    assert_eq!(observed.contradicted(1, &pod, &holding(1, &pod)).unwrap().len(), 1);
}

#[test]
fn as_many_containers_are_kept_as_the_kernel_side_has_room_for() {
    let mut observed = Observed::default();
    for cgroup in 0..CONTAINERS_MAX as u64 + 3 {
        observed.found(cgroup, 1);
    }
    assert_eq!(observed.size(), (CONTAINERS_MAX, 3));
    observed.gone(0);
    observed.found(u64::MAX, 1);
    assert_eq!(observed.size(), (CONTAINERS_MAX, 3));
}

#[test]
fn only_a_container_whose_pod_is_declared_anew_is_looked_at_again() {
    let object = json!({"kind": "Pod", "metadata": {"name": "p"}});
    let pod = || Arc::new(Pod::from_object(&object).unwrap());
    let (mut observed, before) = (started(), pod());
    let look = |observed: &mut Observed| {
        let due = observed.take_due();
        observed.answered(1, None);
        due.is_some()
    };
    assert!(look(&mut observed), "at its start");
    observed.declarations_changed(|_| None);
    assert!(!look(&mut observed), "there is no Pod to hold it against");
    observed.declarations_changed(|_| Some(Arc::clone(&before)));
    assert!(look(&mut observed), "there is one now");
    observed.hold_against(1, &before);
    observed.declarations_changed(|_| Some(Arc::clone(&before)));
    assert!(!look(&mut observed), "others were declared");
    observed.declarations_changed(|_| Some(pod()));
    assert!(look(&mut observed), "its own was");
}
