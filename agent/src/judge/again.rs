//! Judging an event once more, when more is known of it.

use std::collections::HashSet;

use policy::evaluate::{Which, evaluate};
use policy::event::Event;
use policy::input::{EventInput, Input};
use policy::record::Evidence;
use policy::{Enforcement, Known, Timestamp, Verdict};
use serde_json::Value;

use super::{Case, Judge, Key, Tell};
use crate::correlate::resolve::Resolved;

/// An event that was judged, with what has become known of it.
#[derive(Debug)]
pub struct Again<'a> {
    pub cgroup: u64,
    pub key: Key,
    /// As it was judged.
    pub before: &'a Event,
    pub event: &'a Event,
    pub container: &'a Resolved,
    /// The observed Pod.
    pub pod: Known<&'a Value>,
    pub time: Timestamp,
    /// Whether the container is still there.
    pub live: bool,
    pub enforcement: Enforcement,
}

impl Judge {
    /// Tells what is wrong with it and could not be known before. Whatever was known is told already.
    pub fn judge_again(&mut self, again: &Again<'_>, tell: &mut impl Tell) {
        let Again { cgroup, key, before, event, container, pod, time, live, enforcement } = *again;
        let seen = &container.container(self.full);
        let judged = |event| {
            let input = EventInput { event, container: seen, pod, node: &self.node };
            evaluate(&self.policies, &Input::Event(input), Which::All)
        };
        let (before, now) = (judged(before), judged(event));
        let was_unknown = before.iter().filter(|it| matches!(it.verdict, Verdict::Unknown { .. }));
        let was_unknown: HashSet<_> = was_unknown.map(|it| (&it.policy, &it.validation)).collect();
        let subject = container.subject();
        let mut told = Vec::new();
        for judgement in now {
            let is_news = was_unknown.contains(&(&judgement.policy, &judgement.validation));
            if !is_news || matches!(judgement.verdict, Verdict::Unknown { .. }) {
                continue;
            }
            tell.judged(&judgement.verdict);
            if matches!(judgement.verdict, Verdict::Fail | Verdict::Error { .. }) {
                let evidence = Evidence::of(event, seen);
                let source = tell.decide(subject.clone(), judgement, &self.policies, evidence, enforcement);
                told.push((source, subject.clone()));
            }
        }
        if told.is_empty() {
            return;
        }
        match self.entries.get_mut(&(cgroup, key)).and_then(|entry| entry.repeats.as_mut()) {
            Some(repeats) => repeats.of.extend(told),
            None => {
                let case = Case {
                    cgroup,
                    key,
                    event,
                    container,
                    pod,
                    subject,
                    time,
                    second: false,
                    settled: true,
                    live,
                    enforcement,
                    target: None,
                };
                self.remember(&case, told, false, tell);
            }
        }
    }
}
