//! The automaton that searches.

use super::parser::Parsed;
use crate::budget::{Budget, Exceeded};
use crate::error::EvaluationErrorKind;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{Compiler, Config, NFA};
use regex_automata::util::pool::Pool;
use regex_automata::{Input, MatchKind};
use regex_syntax::hir::{Hir, HirKind};
use std::cell::RefCell;
use std::ops::Range;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::thread;

/// A deterministic automaton whose states are made when a search first comes to them, and their memory: one for
/// each thread that searches at the same time.
pub(super) struct Machine {
    automaton: DFA,
    memory: Pool<Cache, MakeCache>,
    /// Goes through the pattern state by state, which is slower and knows of groups.
    simulation: PikeVM,
    /// The text that the pattern is, if it is no more.
    literal: Option<Box<str>>,
    /// Whether `\B` occurs, which the automaton also finds between the bytes of one character.
    splits: bool,
    steps_a_byte: u64,
}

thread_local! {
    /// What it keeps of one pattern for the next, a table of common states, takes longer to make than most patterns.
    static COMPILER: RefCell<Compiler> = RefCell::new(Compiler::new());
}

type MakeCache = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// What a search found, and where it ended.
struct Scan {
    /// The end of the leftmost match.
    end: Option<usize>,
    /// Where no longer match was possible.
    stopped: usize,
}

fn literal(tree: &Hir) -> Option<Box<str>> {
    let HirKind::Literal(literal) = tree.kind() else { return None };
    Some(str::from_utf8(&literal.0).ok()?.into())
}

/// The states of a pattern, if they need at most `limit` bytes.
fn states(tree: &Hir, height: usize, limit: usize) -> Option<NFA> {
    // The compiler recurses, and takes up to so much of the stack for each step in a build without optimization.
    const BYTES_A_STEP: usize = 24 << 10;
    const LOW: usize = 20;
    let build = || {
        COMPILER.with_borrow_mut(|compiler| {
            compiler.configure(Config::new().utf8(false).nfa_size_limit(Some(limit)));
            compiler.build_from_hir(tree).ok()
        })
    };
    if height <= LOW {
        return build();
    }
    // Nobody knows how much of this thread's stack is left.
    let builder = thread::Builder::new().stack_size(height * BYTES_A_STEP);
    thread::scope(|scope| builder.spawn_scoped(scope, build).ok()?.join().ok()?)
}

impl Machine {
    /// None, if it needs more than `limit` bytes.
    pub(super) fn new(parsed: &Parsed, limit: usize) -> Option<Self> {
        // A search that needs more than this forgets states and makes them again.
        const MEMORY_LIMIT: usize = 1 << 20;
        // States of the pattern that a step of the budget pays for, for every byte and then some: in the worst case
        // all of them are looked at.
        const STATES_A_STEP: u64 = 16;
        let states = states(&parsed.tree, parsed.height, limit)?;
        let steps_a_byte = 1 + states.states().len() as u64 / STATES_A_STEP;
        let config = DFA::config()
            .match_kind(MatchKind::LeftmostFirst)
            .cache_capacity(MEMORY_LIMIT)
            .skip_cache_capacity_check(true);
        let simulation = PikeVM::new_from_nfa(states.clone()).ok()?;
        let automaton = DFA::builder().configure(config).build_from_nfa(states).ok()?;
        let maker = automaton.clone();
        let memory: MakeCache = Box::new(move || maker.create_cache());
        let memory = Pool::new(memory);
        let literal = literal(&parsed.tree);
        Some(Self { automaton, memory, simulation, literal, splits: parsed.splits, steps_a_byte })
    }

    /// The states of the pattern.
    pub(super) fn states(&self) -> &NFA {
        self.automaton.get_nfa()
    }

    pub(super) const fn simulation(&self) -> &PikeVM {
        &self.simulation
    }

    pub(super) fn size(&self) -> usize {
        self.states().memory_usage()
    }

    pub(super) fn is_match(&self, text: &str, budget: &mut Budget) -> Result<bool, EvaluationErrorKind> {
        if self.splits {
            return Ok(self.scan(text, 0, budget)?.is_some());
        }
        self.charge(text.len(), budget)?;
        if let Some(literal) = &self.literal {
            return Ok(text.contains(&**literal));
        }
        let input = Input::new(text).earliest(true);
        let found = self.automaton.try_search_fwd(&mut self.memory.get(), &input);
        // It has no reason to give up: no byte makes it, and it may forget states as often as it likes.
        Ok(found.is_ok_and(|found| found.is_some()))
    }

    /// What ends with the leftmost match that does not begin before `from`, and has none that begins before that.
    pub(super) fn scan(
        &self,
        text: &str,
        mut from: usize,
        budget: &mut Budget,
    ) -> Result<Option<Range<usize>>, EvaluationErrorKind> {
        while from <= text.len() {
            let Scan { end, stopped } = self.scan_bytes(text, from);
            self.charge(stopped.saturating_sub(from), budget)?;
            match end {
                // An empty match inside a character is none, and no other begins before it.
                Some(end) if !text.is_char_boundary(end) => from = end + 1,
                end => return Ok(end.map(|end| from..end)),
            }
        }
        Ok(None)
    }

    fn charge(&self, bytes: usize, budget: &mut Budget) -> Result<(), Exceeded> {
        let times = usize::try_from(self.steps_a_byte).unwrap_or(usize::MAX);
        budget.charge_bytes(bytes.saturating_mul(times))
    }

    fn scan_bytes(&self, text: &str, from: usize) -> Scan {
        let mut memory = self.memory.get();
        let input = Input::new(text).range(from..);
        let mut scan = Scan { end: None, stopped: text.len() };
        let Ok(mut state) = self.automaton.start_state_forward(&mut memory, &input) else { return scan };
        for (index, byte) in text.bytes().enumerate().skip(from) {
            let Ok(next) = self.automaton.next_state(&mut memory, state, byte) else { return scan };
            state = next;
            // A match is known one byte after its end.
            if state.is_match() {
                scan.end = Some(index);
            } else if state.is_dead() {
                scan.stopped = index;
                return scan;
            }
        }
        if self.automaton.next_eoi_state(&mut memory, state).is_ok_and(|state| state.is_match()) {
            scan.end = Some(text.len());
        }
        scan
    }
}
