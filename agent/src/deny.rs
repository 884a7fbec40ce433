//! Which execs are denied in a container. The policies that can be answered in advance become masks, which the kernel
//! side holds every exec against; it kills only what fails whatever is not known of it.

use std::sync::Arc;

use agent_common::denial::{self, Origin as Told};
use policy::{
    Known, Policy, PolicySet,
    capabilities::Set,
    document::Ceiling,
    event::{Ancestry, Args, Detail, Event, EventKind, Executable, Origin, Script, Task},
    tabulate::{Answer, NotTabulated, Tabulation},
};

use crate::correlate::resolve::Resolved;

mod status;
#[cfg(test)]
mod tests;

pub use status::Status;

/// What the kernel side denies in a container, and what it counts as if it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Masks {
    pub denied: u32,
    pub audited: u32,
}

/// The policies about execs, as masks.
#[derive(Debug)]
pub struct Denials {
    policies: Arc<PolicySet>,
    /// The capabilities that the node has.
    full: Set,
    rules: Vec<Rule>,
}

/// What is known in advance of one policy.
#[derive(Debug)]
struct Rule {
    policy: String,
    advance: Result<Advance, NotTabulated>,
}

#[derive(Debug)]
enum Advance {
    /// It is not about execs.
    OtherEvents,
    /// The same in every container.
    Everywhere(u32),
    /// It depends on the container.
    In(Tabulation),
}

impl Denials {
    /// Works out in advance what can be. The kernel side cannot tell kinds of volume, so neither do the tables.
    #[must_use]
    pub fn new(policies: Arc<PolicySet>, full: Set) -> Self {
        let rule = |policy: &Policy| Rule { policy: policy.name().to_owned(), advance: advance(policy) };
        let rules = policies.policies().map(rule).collect();
        Self { policies, full, rules }
    }

    /// Whether masks change with what is known of a container.
    #[must_use]
    pub fn depend_on_containers(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.advance, Ok(Advance::In(_))))
    }

    /// What is denied in a container.
    #[must_use]
    pub fn masks(&self, container: &Resolved) -> Masks {
        let mut masks = Masks::default();
        for rule in &self.rules {
            let mask = self.mask(rule, container);
            match self.blocks(rule) {
                true => masks.denied |= mask,
                false => masks.audited |= mask,
            }
        }
        masks
    }

    /// Whether the policy wants failures blocked.
    fn blocks(&self, rule: &Rule) -> bool {
        self.policies.get(&rule.policy).is_some_and(|policy| policy.ceiling() == Some(Ceiling::Block))
    }

    fn mask(&self, rule: &Rule, container: &Resolved) -> u32 {
        match (&rule.advance, self.policies.get(&rule.policy)) {
            (Ok(Advance::Everywhere(mask)), _) => *mask,
            (Ok(Advance::In(tabulation)), Some(policy)) => {
                let container = container.container(self.full);
                mask(|event| tabulation.answer(policy, container, event))
            }
            (Ok(Advance::OtherEvents | Advance::In(_)) | Err(_), _) => 0,
        }
    }
}

fn advance(policy: &Policy) -> Result<Advance, NotTabulated> {
    if !policy.kinds().contains(&EventKind::Exec) {
        return Ok(Advance::OtherEvents);
    }
    let tabulation = Tabulation::of(policy, &[])?;
    if tabulation.reads_container() {
        return Ok(Advance::In(tabulation));
    }
    // Which container is all the same.
    let table = tabulation.table(policy, Resolved::nobody().container(Set::default()));
    Ok(Advance::Everywhere(mask(|event| table.answer(event))))
}

/// The bits of execs that fail, whatever else they are.
fn mask(answer: impl Fn(&Event) -> Option<Answer>) -> u32 {
    let fails = |case: &Case| answer(&case.event()) == Some(Answer::Fail);
    cases().filter(fails).fold(0, |mask, case| mask | case.bit())
}

/// An exec, as far as the kernel side tells one from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Case {
    injected: bool,
    script: bool,
    origin: Told,
}

fn cases() -> impl Iterator<Item = Case> {
    let kinds = [(false, false), (false, true), (true, false), (true, true)];
    kinds.into_iter().flat_map(|(injected, script)| {
        Told::ALL.into_iter().map(move |origin| Case { injected, script, origin })
    })
}

impl Case {
    fn bit(self) -> u32 {
        denial::bit(self.injected, self.script, self.origin)
    }

    /// What policies see of it: all that the kernel side cannot tell is Unknown.
    fn event(self) -> Event {
        let script = Script { path: Known::Unknown, origin: Origin::Unknown };
        Event {
            task: Known::Known(self.task()),
            executable: Executable {
                path: Known::Unknown,
                origin: seen(self.origin),
                script: self.script.then_some(script),
            },
            ancestry: Ancestry::default(),
            uid: Known::Unknown,
            gid: Known::Unknown,
            detail: Detail::Exec { args: Args::default() },
        }
    }

    fn task(self) -> Task {
        if self.injected { Task::Injected } else { Task::Container }
    }
}

/// The origin that policies see.
fn seen(origin: Told) -> Origin {
    match origin {
        Told::Image => Origin::Image,
        Told::Upper => Origin::Upper,
        Told::Volume => Origin::Volume(Known::Unknown),
        Told::Memfd => Origin::Memfd,
        Told::Deleted => Origin::Deleted,
    }
}
