//! What is denied in a container. The policies that can be answered in advance become masks, which the kernel side holds
//! every exec, every use of a capability and every call on a socket against; it denies only what fails whatever is not
//! known of it.

use std::{collections::HashMap, ops::BitOrAssign, sync::Arc};

use agent_common::denial::USES;
use policy::{
    Policy, PolicySet,
    capabilities::Set,
    document::Ceiling,
    event::{Container, Event, EventKind},
    tabulate::{Answer, ContainerReads, NotTabulated, Tabulation},
};

use crate::correlate::resolve::Resolved;

mod calls;
mod execs;
mod status;
#[cfg(test)]
mod tests;
mod uses;

pub use status::{LOOKS, Status};

/// What the kernel side denies in a container, and what it counts as if it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Masks {
    pub denied: Mask,
    pub audited: Mask,
}

impl Masks {
    /// Whether something depends on what NetworkPolicies allow.
    #[must_use]
    pub fn ask_network_policies(&self) -> bool {
        (self.denied.calls | self.audited.calls) & calls::not_permitted() != 0
    }
}

/// What fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    /// Bits of [`agent_common::denial::bit`].
    pub execs: u32,
    /// By [`agent_common::denial::of_use`], bits of [`agent_common::denial::bit_of_capability`].
    pub uses: [u64; USES],
    /// Bits of [`agent_common::denial::bit_of_call`].
    pub calls: u32,
}

impl Mask {
    /// Of the kinds of event that the policy is about.
    fn of(policy: &Policy, answer: impl Fn(&Event) -> Option<Answer>) -> Self {
        let is_about = |kind| policy.kinds().contains(&kind);
        let fails = |event: &Event| answer(event) == Some(Answer::Fail);
        Self {
            execs: if is_about(EventKind::Exec) { execs::mask(fails) } else { 0 },
            uses: if is_about(EventKind::CapabilityUse) { uses::masks(fails) } else { [0; USES] },
            calls: if calls::KINDS.into_iter().any(is_about) { calls::mask(fails) } else { 0 },
        }
    }
}

impl BitOrAssign for Mask {
    fn bitor_assign(&mut self, other: Self) {
        self.execs |= other.execs;
        self.calls |= other.calls;
        for (mine, others) in self.uses.iter_mut().zip(other.uses) {
            *mine |= others;
        }
    }
}

/// Containers that differ in what is read of them, whose masks are kept: at about 400 bytes and 56 a policy, 4 MiB.
const ALIKE_MAX: usize = 4096;

/// The policies about execs, capabilities and sockets, as masks.
#[derive(Debug)]
pub struct Denials {
    policies: Arc<PolicySet>,
    /// The capabilities that the node has.
    full: Set,
    rules: Vec<Rule>,
    /// What the rules read of containers, and the masks of each of them in containers that are alike in that.
    reads: ContainerReads,
    alike: HashMap<Container, Arc<[Mask]>>,
    /// Why no mask of capabilities has an effect on this kernel.
    uses_untold: Option<&'static str>,
    /// The hooks of calls on sockets that this kernel refuses.
    refused_hooks: Vec<&'static str>,
}

/// What is known in advance of one policy.
#[derive(Debug)]
struct Rule {
    policy: String,
    /// Whether it wants failures blocked.
    blocks: bool,
    advance: Result<Advance, NotTabulated>,
}

#[derive(Debug)]
enum Advance {
    /// It is about nothing that the kernel side could deny.
    OtherEvents,
    /// The same in every container.
    Everywhere(Mask),
    /// It depends on the container.
    In(Tabulation),
}

impl Denials {
    /// Works out in advance what can be. The kernel side cannot tell kinds of volume, so neither do the tables.
    #[must_use]
    pub fn new(policies: Arc<PolicySet>, full: Set) -> Self {
        let rules: Vec<Rule> = policies.policies().map(Rule::of).collect();
        let of_each = rules.iter().filter_map(|rule| match &rule.advance {
            Ok(Advance::In(tabulation)) => Some(tabulation.reads_of_container()),
            _ => None,
        });
        let reads = of_each.fold(ContainerReads::default(), ContainerReads::or);
        Self {
            policies,
            full,
            rules,
            reads,
            alike: HashMap::new(),
            uses_untold: None,
            refused_hooks: Vec::new(),
        }
    }

    /// The kernel side cannot tell uses of capabilities, or not which of them are meant.
    #[must_use]
    pub fn without_uses(self, why: Option<&'static str>) -> Self {
        Self { uses_untold: why, ..self }
    }

    /// Calls on sockets do not come by these hooks.
    #[must_use]
    pub fn without_hooks(self, refused_hooks: Vec<&'static str>) -> Self {
        Self { refused_hooks, ..self }
    }

    /// Whether it can be told which uses of capabilities are meant.
    #[must_use]
    pub fn tell_uses(&self) -> bool {
        self.uses_untold.is_none()
    }

    /// What masks depend on of a container: where that is as before, so are they.
    #[must_use]
    pub fn reads(&self, container: &Resolved) -> Container {
        self.reads.of(&container.container(self.full))
    }

    /// What is denied in a container.
    #[must_use]
    pub fn masks(&mut self, container: &Resolved) -> Masks {
        let mut masks = Masks::default();
        let of_each = self.of_each(container);
        for (rule, mask) in self.rules.iter().zip(&*of_each) {
            *(if rule.blocks { &mut masks.denied } else { &mut masks.audited }) |= *mask;
        }
        masks
    }

    /// The masks of each rule in a container.
    fn of_each(&mut self, container: &Resolved) -> Arc<[Mask]> {
        let read = self.reads(container);
        if let Some(known) = self.alike.get(&read) {
            return Arc::clone(known);
        }
        let of_each: Arc<[Mask]> = self.rules.iter().map(|rule| self.mask(rule, &read)).collect();
        if self.alike.len() >= ALIKE_MAX {
            self.alike.clear();
        }
        if !self.reads.tells_each_apart() {
            self.alike.insert(read, Arc::clone(&of_each));
        }
        of_each
    }

    fn mask(&self, rule: &Rule, container: &Container) -> Mask {
        match (&rule.advance, self.policies.get(&rule.policy)) {
            (Ok(Advance::Everywhere(mask)), _) => *mask,
            (Ok(Advance::In(tabulation)), Some(policy)) => {
                Mask::of(policy, |event| tabulation.answer(policy, container, event))
            }
            (Ok(Advance::OtherEvents | Advance::In(_)) | Err(_), _) => Mask::default(),
        }
    }
}

impl Rule {
    fn of(policy: &Policy) -> Self {
        Self {
            policy: policy.name().to_owned(),
            blocks: policy.ceiling() == Some(Ceiling::Block),
            advance: advance(policy),
        }
    }
}

fn advance(policy: &Policy) -> Result<Advance, NotTabulated> {
    let is_deniable = |kind: &EventKind| {
        matches!(kind, EventKind::Exec | EventKind::CapabilityUse) || calls::KILLED.contains(kind)
    };
    if !policy.kinds().iter().any(is_deniable) {
        return Ok(Advance::OtherEvents);
    }
    let tabulation = Tabulation::of(policy, &[])?;
    if !tabulation.reads_of_container().is_empty() {
        return Ok(Advance::In(tabulation));
    }
    // Which container is all the same.
    let table = tabulation.table(policy, &Resolved::nobody().container(Set::default()));
    Ok(Advance::Everywhere(Mask::of(policy, |event| table.answer(event))))
}
