use agent_common::{counter::Class, event as kernel};
use policy::{Known, PolicySet, event::Node};

use super::*;
use crate::{decode, judge::Judge, observe::processes::Processes};

fn seen(time: u64, arguments: usize) -> Seen {
    seen_in(1, time, arguments)
}

fn seen_in(cgroup: u64, time: u64, arguments: usize) -> Seen {
    let arguments = vec![b'x'; arguments];
    let fixed = kernel::Exec {
        header: kernel::Header { kind: kernel::Kind::Exec as u16, time, cgroup, ..kernel::Header::default() },
        arguments_length: arguments.len() as u16,
        arguments_total: arguments.len() as u32,
        ..kernel::Exec::default()
    };
    let record = [bytemuck::bytes_of(&fixed), &arguments].concat();
    let Ok(decode::Event::Exec(exec)) = decode::decode(&record) else { panic!("not an exec") };
    let node = Node { name: String::new(), labels: Known::Unknown, kernel: String::new() };
    let key = Judge::new(PolicySet::compile(&[]).0, node, policy::capabilities::Set::default()).key(0_u8);
    Seen::of(&exec, exec.whole_path(), Class::Exec, key, None, &Processes::default())
}

#[test]
fn event_waits_for_its_pod_for_two_seconds_and_no_longer() {
    let mut hold = Hold::default();
    assert_eq!(hold.push(seen(1_000, 0), Reason::Identity, 0), None);
    assert!(hold.due(1_000 + IDENTITY_NANOSECONDS - 1).is_empty());
    assert_eq!(hold.due(1_000 + IDENTITY_NANOSECONDS).len(), 1);
    assert_eq!((hold.len(), hold.bytes), (0, 0));
}

#[test]
fn answer_finds_its_event_once() {
    let mut hold = Hold::default();
    let token = hold.token();
    hold.push(seen(1, 0), Reason::Answer(token), 0);
    assert!(hold.take(token).is_some());
    assert!(hold.take(token).is_none());
}

#[test]
fn answer_that_comes_too_late_finds_nothing() {
    let mut hold = Hold::default();
    let token = hold.token();
    hold.push(seen(0, 0), Reason::Answer(token), 0);
    assert_eq!(hold.due(ANSWER_NANOSECONDS).len(), 1);
    assert!(hold.take(token).is_none());
}

#[test]
fn only_events_that_wait_for_an_identity_are_released_by_one() {
    let mut hold = Hold::default();
    let token = hold.token();
    hold.push(seen(1, 0), Reason::Answer(token), 0);
    hold.push(seen(2, 0), Reason::Identity, 0);
    let ready = hold.known(|_| true);
    assert_eq!(ready.iter().map(|seen| seen.time).collect::<Vec<_>>(), [2]);
}

#[test]
fn without_room_the_oldest_goes_on_and_none_is_dropped() {
    let mut hold = Hold::default();
    let mut went_on = Vec::new();
    let many = BYTES_MAX as u64 / 1000;
    for time in 0..many {
        went_on.extend(hold.push(seen(time, 1000), Reason::Identity, 0).map(|seen| seen.time));
    }
    assert!(!went_on.is_empty() && hold.bytes <= BYTES_MAX);
    assert_eq!(went_on, (0..went_on.len() as u64).collect::<Vec<_>>());
    assert_eq!(went_on.len() + hold.len(), many as usize);
    assert_eq!(hold.pushed_out(), went_on.len() as u64);
}

#[test]
fn container_that_floods_pushes_out_its_own() {
    let mut hold = Hold::default();
    hold.push(seen_in(2, 0, 1000), Reason::Identity, 0);
    for time in 1..BYTES_MAX as u64 / 1000 {
        let pushed_out = hold.push(seen_in(1, time, 1000), Reason::Identity, 0);
        assert!(pushed_out.is_none_or(|seen| seen.cgroup == 1));
    }
    assert!(hold.pushed_out() > 0);
}

#[test]
fn time_to_answer_counts_from_the_question() {
    let mut hold = Hold::default();
    let token = hold.token();
    hold.push(seen(0, 0), Reason::Answer(token), IDENTITY_NANOSECONDS);
    assert!(hold.due(IDENTITY_NANOSECONDS).is_empty());
    assert!(hold.take(token).is_some());
}

#[test]
fn one_container_has_so_many_open_questions_and_another_its_own() {
    let mut hold = Hold::default();
    for _ in 0..QUESTIONS_EACH {
        assert!(hold.may_ask(1));
        let token = hold.token();
        hold.push(seen_in(1, 0, 0), Reason::Answer(token), 0);
    }
    assert!(!hold.may_ask(1) && hold.may_ask(2));
    hold.due(u64::MAX);
    assert!(hold.may_ask(1) && hold.shares.is_empty());
}
