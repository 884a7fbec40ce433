//! What was lost or missed since it was last looked at, as gaps.

use std::collections::HashMap;

use agent_common::counter::{Class, Outcome};
use policy::record::Gap;

use crate::{load::Counts, observe::clock::Clock};

/// The counts as they were last told.
#[derive(Debug)]
pub(super) struct Account {
    lost: HashMap<Class, u64>,
    missed: HashMap<String, u64>,
    since: u64,
}

impl Account {
    /// Nothing has been lost yet, at this time by CLOCK_BOOTTIME.
    pub(super) fn new(now: u64) -> Self {
        Self { lost: HashMap::new(), missed: HashMap::new(), since: now }
    }

    /// What the counts say more than the last time.
    pub(super) fn gaps(&mut self, counts: &Counts, missed: &[(String, u64)], now: u64) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for class in Class::ALL {
            let total = counts.of(class, Outcome::Lost);
            let before = self.lost.insert(class, total).unwrap_or(0);
            gaps.extend(self.gap(class.name(), "ring_full", total - before, now));
        }
        for (program, total) in missed {
            let before = self.missed.insert(program.clone(), *total).unwrap_or(0);
            gaps.extend(self.gap(program, "program_missed", total - before, now));
        }
        self.since = now;
        gaps
    }

    fn gap(&self, class: &str, reason: &'static str, lost: u64, now: u64) -> Option<Gap> {
        let clock = Clock::read();
        let (from, to) = (clock.wall(self.since), clock.wall(now));
        (lost > 0).then(|| Gap { class: class.to_owned().into(), reason: reason.into(), lost, from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(number: u64) -> Counts {
        Counts::default().with(Class::Exec, Outcome::Lost, number)
    }

    fn told(gaps: &[Gap]) -> Vec<(&str, &str, u64)> {
        gaps.iter().map(|gap| (&*gap.class, &*gap.reason, gap.lost)).collect()
    }

    #[test]
    fn loss_is_told_from_the_first_look_on_and_only_what_is_new() {
        let mut account = Account::new(0);
        assert_eq!(told(&account.gaps(&lost(7), &[], 1)), [("exec", "ring_full", 7)]);
        assert!(account.gaps(&lost(7), &[], 2).is_empty());
        assert_eq!(told(&account.gaps(&lost(9), &[], 3)), [("exec", "ring_full", 2)]);
    }

    #[test]
    fn run_that_the_kernel_skipped_is_a_gap_of_its_program() {
        let mut account = Account::new(0);
        let missed = [("fork".to_owned(), 3)];
        assert_eq!(told(&account.gaps(&lost(0), &missed, 1)), [("fork", "program_missed", 3)]);
        assert!(account.gaps(&lost(0), &missed, 2).is_empty());
    }
}
