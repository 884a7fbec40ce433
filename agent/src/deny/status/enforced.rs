//! What a policy's failure leads to in a container.

use std::collections::BTreeMap;

use policy::capabilities::Set;
use policy::event::EventKind;
use serde::Serialize;

use super::super::calls;
use super::super::execs::{self, Case, cases, seen};
use super::super::uses::{Like, likes};
use super::super::{Advance, Denials, Mask, Rule};

/// What is done, and about what.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Enforced {
    policy: String,
    enforcement: Enforcement,
    /// Why no more is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// The executables that are killed before they run, by whose task it is and whether a script is run.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    executables: BTreeMap<String, Vec<&'static str>>,
    /// The capabilities for whose use a task is killed by the kernel side, each time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    capabilities: Vec<Capabilities>,
    /// The calls on sockets that fail with EPERM, by whose task it is and the address's family.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    calls: BTreeMap<String, Vec<&'static str>>,
    /// What else is killed, by the agent, after the fact.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    after_the_fact: Vec<&'static str>,
}

/// The words are pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Enforcement {
    Deny,
    #[serde(rename = "Kill before first instruction")]
    KillBeforeFirstInstruction,
    #[serde(rename = "Kill after the fact")]
    KillAfterTheFact,
    #[serde(rename = "Observe only")]
    ObserveOnly,
}

/// Capabilities, by whose task it is and in which user namespace, for those that have the same.
#[derive(Debug, PartialEq, Serialize)]
struct Capabilities {
    by: Vec<String>,
    names: Set,
}

const EXECS: &str = "other executions that fail, once the file was looked at, if the program still runs then";
const CALLS: &str = "the first call of each kind to each peer and port by each kind of task, if the program still runs then; \
     later ones are counted and not looked at";
const USES: &str = "the first use of each capability by each kind of task, if the program still runs then; \
     later ones are counted and not looked at";

impl Enforced {
    /// Nothing is done.
    pub(super) fn observed(rule: &Rule, because: impl Into<String>) -> Self {
        Self {
            policy: rule.policy.clone(),
            enforcement: Enforcement::ObserveOnly,
            because: Some(because.into()),
            executables: BTreeMap::new(),
            capabilities: Vec::new(),
            calls: BTreeMap::new(),
            after_the_fact: Vec::new(),
        }
    }
}

impl Denials {
    /// In a container in which the policy has this mask. What is done about calls is done at the hooks that there are.
    pub(super) fn enforced(&self, enforcing: bool, rule: &Rule, mask: &Mask) -> Enforced {
        let enforced = self.at_all_hooks(enforcing, rule, mask);
        let of_calls = calls::KILLED.into_iter().any(|kind| self.is_about(rule, kind));
        if !of_calls || self.refused_hooks.is_empty() || enforced.enforcement == Enforcement::ObserveOnly {
            return enforced;
        }
        let hooks = self.refused_hooks.join(", ");
        let missing = format!(
            "this kernel refuses {hooks} (`plumb-agent probe` says why): no call is seen or refused there"
        );
        let because = enforced.because.map_or(missing.clone(), |because| format!("{because}; {missing}"));
        Enforced { because: Some(because), ..enforced }
    }

    fn at_all_hooks(&self, enforcing: bool, rule: &Rule, mask: &Mask) -> Enforced {
        let kinds = self.policies.get(&rule.policy).map(policy::Policy::kinds).unwrap_or_default();
        let (of_execs, of_uses) =
            (kinds.contains(&EventKind::Exec), kinds.contains(&EventKind::CapabilityUse));
        let of_calls = calls::KILLED.iter().any(|kind| kinds.contains(kind));
        let done =
            |enforcement| Enforced { enforcement, because: None, ..self.killed(rule, mask, String::new()) };
        match &rule.advance {
            _ if !rule.blocks => Enforced::observed(rule, "its action is not Block"),
            Ok(Advance::OtherEvents) => Enforced::observed(rule, "what it is about is only recorded"),
            _ if !enforcing => Enforced::observed(rule, "the agent does not enforce"),
            _ if of_execs && mask.execs != 0 => done(Enforcement::KillBeforeFirstInstruction),
            _ if !of_execs && mask.calls != 0 => done(Enforcement::Deny),
            _ if !of_execs && !of_calls && !self.tell_uses() => {
                Enforced::observed(rule, self.uses_untold.unwrap_or_default())
            }
            Err(why) => self.killed(rule, mask, format!("it cannot be answered in advance: {why}")),
            _ if of_execs => {
                self.killed(rule, mask, "it denies no executable that the kernel can tell".to_owned())
            }
            _ if of_uses => {
                self.killed(rule, mask, "this kernel grants a capability before it can be denied".to_owned())
            }
            _ => self.killed(rule, mask, "it denies no call that the kernel can tell".to_owned()),
        }
    }

    fn killed(&self, rule: &Rule, mask: &Mask, because: String) -> Enforced {
        let uses = if self.uses_untold.is_some() { Mask::default().uses } else { mask.uses };
        let is_about = |kind, sentence| self.is_about(rule, kind).then_some(sentence);
        let of_each = [
            is_about(EventKind::Exec, EXECS),
            is_about(EventKind::CapabilityUse, USES).filter(|_| self.tell_uses()),
            calls::KILLED.into_iter().find_map(|kind| is_about(kind, CALLS)),
        ];
        Enforced {
            policy: rule.policy.clone(),
            enforcement: Enforcement::KillAfterTheFact,
            because: Some(because),
            executables: executables(mask.execs),
            capabilities: capabilities(&uses),
            calls: calls(mask.calls),
            after_the_fact: of_each.into_iter().flatten().collect(),
        }
    }

    fn is_about(&self, rule: &Rule, kind: EventKind) -> bool {
        self.policies.get(&rule.policy).is_some_and(|policy| policy.kinds().contains(&kind))
    }
}

/// By `Container`, `Container script`, `Injected` and `Injected script`.
fn executables(mask: u32) -> BTreeMap<String, Vec<&'static str>> {
    let mut executables: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for case in cases().filter(|case| mask & case.bit() != 0) {
        let Case { origin, script, injected } = case;
        let by = format!("{}{}", execs::task(injected).as_str(), if script { " script" } else { "" });
        executables.entry(by).or_default().push(seen(origin).as_str());
    }
    executables
}

/// By `Container IPv4`, `Injected IPv6` and so on.
fn calls(mask: u32) -> BTreeMap<String, Vec<&'static str>> {
    let mut calls: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for case in calls::cases().filter(|case| mask & case.bit() != 0) {
        let by = format!("{} {}", execs::task(case.injected).as_str(), case.family.as_str());
        calls.entry(by).or_default().push(case.words());
    }
    calls
}

/// By `Container in Container`, `Injected in Ancestor` and so on.
fn capabilities(masks: &[u64]) -> Vec<Capabilities> {
    let mut of_each: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for like in likes().filter(|like| masks[like.mask()] != 0) {
        let Like { injected, .. } = like;
        let by = format!("{} in {}", execs::task(injected).as_str(), like.seen().as_str());
        of_each.entry(masks[like.mask()]).or_default().push(by);
    }
    of_each.into_iter().map(|(bits, by)| Capabilities { by, names: Set::from_bits(bits) }).collect()
}
