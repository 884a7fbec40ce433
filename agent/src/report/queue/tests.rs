use super::super::sample;
use super::*;

fn at(nanos: u64) -> Arc<Record> {
    let mut record = sample::count();
    record.time = Timestamp::from_unix_nanos(nanos);
    Arc::new(record)
}

fn waiting(queue: &Queue) -> u64 {
    queue.state().waiting.len() as u64
}

fn adds_up(queue: &Queue) -> bool {
    let Counts { submitted, written, dropped } = queue.counts();
    submitted == written + dropped + waiting(queue)
}

#[test]
fn a_full_queue_drops_the_newest_and_remembers_when() {
    let queue = Queue::default();
    for nanos in 0..MOST as u64 + 3 {
        queue.submit(&at(nanos));
        assert!(adds_up(&queue));
    }
    assert_eq!(queue.front().unwrap().0.time, Timestamp::from_unix_nanos(0));
    let time = |nanos| Timestamp::from_unix_nanos(nanos + MOST as u64);
    assert_eq!(queue.written(), Some(Untold { lost: 3, from: time(0), to: time(2) }));
    assert_eq!(queue.written(), None, "told once");
    assert!(adds_up(&queue));
}

#[test]
fn a_gap_that_could_not_be_told_grows() {
    let queue = Queue::default();
    let time = Timestamp::from_unix_nanos;
    queue.untold_again(Untold { lost: 3, from: time(10), to: time(20) });
    queue.untold_again(Untold { lost: 4, from: time(15), to: time(30) });
    queue.submit(&at(0));
    assert_eq!(queue.written(), Some(Untold { lost: 7, from: time(10), to: time(30) }));
}

#[test]
fn what_waits_when_patience_ends_is_dropped() {
    let queue = Queue::default();
    queue.submit(&at(1));
    queue.submit(&at(2));
    queue.written();
    assert_eq!(queue.finish(Duration::ZERO), Counts { submitted: 2, written: 1, dropped: 1 });
    queue.submit(&at(3));
    assert_eq!(
        queue.counts(),
        Counts { submitted: 3, written: 1, dropped: 2 },
        "nothing is taken after the end"
    );
}

#[test]
fn a_closed_queue_is_emptied_first() {
    let queue = Queue::default();
    queue.submit(&at(1));
    queue.state().closed = true;
    queue.pause(Duration::from_secs(600));
    assert!(queue.front().is_some_and(|(_, closed)| closed));
    queue.written();
    assert!(queue.front().is_none());
}
