//! One match after the other.

use super::machine::Machine;
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use regex_automata::Input;
use regex_automata::nfa::thompson::pikevm::Cache;
use regex_automata::util::primitives::NonMaxUsize;
use std::ops::Range;

/// Groups whose places are found; replacements cannot name more.
pub(super) const GROUPS: usize = 9;

/// The matches in a text that do not overlap, by Go's rules.
pub(crate) struct Matches<'t> {
    machine: &'t Machine,
    text: &'t str,
    /// Where the next search begins.
    from: usize,
    previous_end: Option<usize>,
    /// Memory to find where a match begins and where its groups are; made for the first one.
    memory: Option<Cache>,
}

/// Where a match is, and where each group is that takes part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) range: Range<usize>,
    groups: [Option<Range<usize>>; GROUPS],
}

impl Match {
    /// The place of a group. The match itself is the group 0, and only the first nine others have a place.
    pub(crate) fn group(&self, number: usize) -> Option<Range<usize>> {
        match number.checked_sub(1) {
            None => Some(self.range.clone()),
            Some(index) => self.groups.get(index).cloned().flatten(),
        }
    }
}

impl<'t> Matches<'t> {
    pub(super) const fn new(machine: &'t Machine, text: &'t str) -> Self {
        Self { machine, text, from: 0, previous_end: None, memory: None }
    }

    /// The next match, if there is another.
    pub(crate) fn next(&mut self, budget: &mut Budget) -> Result<Option<Match>, EvaluationErrorKind> {
        while let Some(span) = self.machine.scan(self.text, self.from, budget)? {
            let (from, end) = (self.from, span.end);
            let found = self.places(span, budget)?;
            let follows_another = self.previous_end == Some(found.range.start);
            self.previous_end = Some(end);
            // After an empty match at its beginning, a search has to go on behind the next character.
            self.from = if end == from { end + self.width(end) } else { end };
            if end != from || !follows_another {
                return Ok(Some(found));
            }
        }
        self.from = self.text.len() + 1;
        Ok(None)
    }

    /// Bytes of the character there; at the end of the text, one.
    fn width(&self, at: usize) -> usize {
        self.text[at..].chars().next().map_or(1, char::len_utf8)
    }

    /// The match that ends the span; none begins earlier in it.
    fn places(&mut self, span: Range<usize>, budget: &mut Budget) -> Result<Match, EvaluationErrorKind> {
        let simulation = self.machine.simulation();
        let memory = match &mut self.memory {
            Some(memory) => memory,
            none => {
                budget.charge(self.machine.states().states().len() as u64)?;
                none.insert(simulation.create_cache())
            }
        };
        let end = span.end;
        let mut slots = [None::<NonMaxUsize>; 2 * (GROUPS + 1)];
        simulation.search_slots(memory, &Input::new(self.text).range(span), &mut slots);
        let place = |group: usize| Some(slots[2 * group]?.get()..slots[2 * group + 1]?.get());
        // The span was found to have a match.
        let range = place(0).unwrap_or(end..end);
        Ok(Match { range, groups: std::array::from_fn(|index| place(index + 1)) })
    }
}
