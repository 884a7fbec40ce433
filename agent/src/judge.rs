//! Judging an executable once for each container, and counting when it comes again.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use policy::{
    Enforcement, Judgement, Known, PolicySet, Timestamp, Verdict,
    capabilities::Set,
    document::Ceiling,
    evaluate::{Which, evaluate},
    event::{Ancestor, Event, EventKind, Executable, Node},
    input::{EventInput, Input, ResourceInput},
    observed::Change,
    record::{Body, Count, Drift, Evidence, Source, Subject},
};

use serde_json::Value;

use crate::{correlate::resolve::Resolved, observed::form, respond::Target};

/// Executables that a container may have here: twice its share of the kernel side's table.
const EACH_MAX: usize = 2 * agent_common::map::EXECUTABLES_PER_CONTAINER as usize;
/// Executables of all containers together, at about 64 bytes each: 4 MiB. When they are used up, a container gets more
/// only by giving up its own, but for [`EACH_MIN`] that none can take from it: 4 MiB more on a full node.
const ALL_MAX: usize = 65_536;
const EACH_MIN: usize = 4;
/// Different programs, by path and origin, that are kept once for all: 1 MiB.
const ANCESTORS_MAX: usize = 4096;
/// Forms of Pods that were judged, and what was found wrong with them. When they are used up all are judged anew as they
/// change.
const PODS_MAX: usize = 16_384;
/// Unknowns that have been recorded once: beyond these they are only counted.
const UNKNOWNS_MAX: usize = 4096;

/// What identifies an executable within its container, by a keyed hash that nobody outside can aim at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(u64);

#[cfg(test)]
impl Key {
    pub(crate) fn of(number: u64) -> Self {
        Self(number)
    }
}

/// Everything judged so far.
#[derive(Debug)]
pub struct Judge {
    policies: Arc<PolicySet>,
    node: Node,
    /// The capabilities that the node has.
    full: Set,
    hasher: RandomState,
    /// By cgroup and key: one table for all, since most containers have few.
    entries: HashMap<(u64, Key), Entry>,
    /// How many each container has.
    shares: HashMap<u64, u32>,
    /// Containers that are gone; what is kept of them goes at the next round.
    gone: HashSet<u64>,
    /// Equal ancestors are one: most containers run the same few programs.
    ancestors: HashSet<Arc<Ancestor>>,
    evicted: u64,
    pods: HashSet<u64>,
    unknowns: HashSet<u64>,
    /// Unknowns that no record tells of, since that many were told already.
    untold: u64,
    /// Whether some policy wants to see each exec. What else happens in containers comes once.
    each_event: bool,
    /// Whether there may be an answer to what failed and went on.
    enforce: bool,
}

#[derive(Debug)]
struct Entry {
    /// What it is to those that descend from it.
    ancestor: Arc<Ancestor>,
    /// `None` where nothing was found wrong.
    repeats: Option<Box<Repeats>>,
    /// Whether a policy that blocks failed it, and the kernel side did not stop it: then each time is to be answered.
    blocked: bool,
}

/// How often an executable that failed was seen again since that was last written down.
#[derive(Debug)]
struct Repeats {
    of: Vec<(Source, Subject)>,
    count: u64,
    first: Timestamp,
    last: Timestamp,
    /// How often it was seen in all, where the kernel counts.
    total: u64,
}

/// What a judgement is to be told of: the records that it makes, in order.
pub trait Tell {
    /// Writes a record and gives its id.
    fn tell(&mut self, subject: Subject, body: Body) -> Source;
    /// Decides what is done about a judgement and writes that down.
    fn decide(
        &mut self,
        subject: Subject,
        judgement: Judgement,
        policies: &PolicySet,
        evidence: Evidence,
        enforcement: Enforcement,
    ) -> Source;
    /// Does what is to be done about an event that failed and went on, and says what that was.
    fn respond(&mut self, target: Target) -> Enforcement;
    /// Counts a verdict.
    fn judged(&mut self, verdict: &Verdict);
}

/// An event with its circumstance.
#[derive(Debug)]
pub struct Case<'a> {
    pub cgroup: u64,
    pub key: Key,
    pub event: &'a Event,
    pub container: &'a Resolved,
    /// The observed Pod.
    pub pod: Known<&'a Value>,
    pub subject: Subject,
    pub time: Timestamp,
    /// Whether it may be the second record of an exec: then an executable that is known is no news.
    pub second: bool,
    /// Whether all was found out that can be: else the next run is worth another look.
    pub settled: bool,
    /// Whether the container is still there.
    pub live: bool,
    pub enforcement: Enforcement,
    /// Whom it would mean to kill for it. None where that must not be.
    pub target: Option<Target>,
}

impl Judge {
    #[must_use]
    pub fn new(policies: impl Into<Arc<PolicySet>>, node: Node, full: Set) -> Self {
        let policies = policies.into();
        let of_each_exec = |policy: &policy::set::Policy| {
            policy.kinds().contains(&EventKind::Exec) && !policy.judged_per_executable()
        };
        let each_event = policies.policies().any(of_each_exec);
        Self {
            policies,
            node,
            full,
            hasher: RandomState::new(),
            entries: HashMap::new(),
            shares: HashMap::new(),
            gone: HashSet::new(),
            ancestors: HashSet::new(),
            evicted: 0,
            pods: HashSet::new(),
            unknowns: HashSet::new(),
            untold: 0,
            each_event,
            enforce: false,
        }
    }

    /// The agent may do more than record: then each time that something fails is to be answered, the first time or not.
    #[must_use]
    pub fn enforcing(self, enforce: bool) -> Self {
        Self { enforce, ..self }
    }

    /// The capabilities that the node has.
    #[must_use]
    pub fn full(&self) -> Set {
        self.full
    }

    /// The key of what these values identify.
    pub fn key(&self, identity: impl std::hash::Hash) -> Key {
        Key(self.hasher.hash_one(identity))
    }

    /// What another run of a known executable is to its descendants, if nothing more is to be learnt from it. Counts
    /// it if it failed, unless this may be the second record of an exec.
    pub fn repeat(
        &mut self,
        cgroup: u64,
        key: Key,
        second: bool,
        time: impl FnOnce() -> Timestamp,
    ) -> Option<Arc<Ancestor>> {
        if self.each_event && !second {
            return None;
        }
        let entry = self.entries.get_mut(&(cgroup, key)).filter(|entry| !entry.blocked)?;
        if let (Some(repeats), false) = (&mut entry.repeats, second) {
            repeats.again(time());
        }
        Some(Arc::clone(&entry.ancestor))
    }

    /// Holds an event against the policies and tells what comes of it.
    pub fn judge(&mut self, case: &Case<'_>, tell: &mut impl Tell) {
        let (known, which) = match self.entries.get_mut(&(case.cgroup, case.key)) {
            Some(_) if case.second => return,
            Some(entry) => {
                if let Some(repeats) = &mut entry.repeats {
                    repeats.again(case.time);
                }
                // What is known may have been declared by now, so it is not killed on an earlier word.
                (true, if entry.blocked { Which::All } else { Which::PerEvent })
            }
            None => (false, Which::All),
        };
        if which == Which::PerEvent && !self.each_event {
            return;
        }
        let container = &case.container.container(self.full);
        let input = EventInput { event: case.event, container, pod: case.pod, node: &self.node };
        let judgements = evaluate(&self.policies, &Input::Event(input), which);
        let blocked = judgements.iter().any(|judgement| self.is_to_be_stopped(judgement));
        let enforcement = match (case.enforcement, case.target) {
            (Enforcement::WentOn, Some(target)) if blocked => tell.respond(target),
            (other, _) => other,
        };
        let evidence = || Evidence::of(case.event, container);
        let mut told = Vec::new();
        if !known && let Some(drift) = Drift::of_injected(case.event, container) {
            let source = tell.tell(case.subject.clone(), Body::Drift(drift));
            told.push((source, case.subject.clone()));
        }
        for judgement in judgements {
            let per_executable = self.is_per_executable(&judgement);
            if known && per_executable {
                continue;
            }
            tell.judged(&judgement.verdict);
            if !self.is_worth_telling(&judgement, &case.subject) {
                continue;
            }
            let is_wrong = matches!(judgement.verdict, Verdict::Fail | Verdict::Error { .. });
            let source =
                tell.decide(case.subject.clone(), judgement, &self.policies, evidence(), enforcement);
            if is_wrong && (per_executable || case.event.kind() != EventKind::Exec) {
                told.push((source, case.subject.clone()));
            }
        }
        if !known && (case.settled || !told.is_empty()) {
            let blocked = blocked && self.enforce && case.enforcement != Enforcement::Stopped;
            self.remember(case, told, blocked, tell);
        }
    }

    /// Whether a policy wants what failed stopped. What errs is not certain enough.
    fn is_to_be_stopped(&self, judgement: &Judgement) -> bool {
        judgement.verdict == Verdict::Fail
            && self
                .policies
                .get(&judgement.policy)
                .is_some_and(|policy| policy.ceiling() == Some(Ceiling::Block))
    }

    fn is_per_executable(&self, judgement: &Judgement) -> bool {
        self.policies.get(&judgement.policy).is_some_and(policy::set::Policy::judged_per_executable)
    }

    /// Holds an observed Pod against the policies that are about Pods, once for each form that it takes. `overlay` is in
    /// what it differs from the declared one. What is wrong with it as before, in another form, is no news; and what the
    /// Pod declares itself is nothing that the node saw: it fails where it is declared, and is only counted here.
    pub fn judge_pod(
        &mut self,
        declared: &Value,
        pod: &Value,
        overlay: &[Change],
        subject: &Subject,
        tell: &mut impl Tell,
    ) {
        if self.pods.len() >= PODS_MAX {
            self.pods.clear();
        }
        if !self.pods.insert(self.hasher.hash_one((workload(subject), form(pod)))) {
            return;
        }
        let judged = |pod| {
            let input = ResourceInput::observed(pod, Known::Unknown);
            evaluate(&self.policies, &Input::Resource(&input), Which::All)
        };
        let as_observed = judged(pod);
        // Where nothing is laid over the declared Pod, the observed one is the same.
        let as_declared = (!overlay.is_empty()).then(|| judged(declared));
        let is_declared = |judgement: &Judgement| {
            judgement.verdict == Verdict::Fail
                && as_declared.as_ref().is_none_or(|said| said.iter().any(|it| says(it, judgement)))
        };
        for judgement in as_observed {
            tell.judged(&judgement.verdict);
            if !is_declared(&judgement)
                && self.is_worth_telling(&judgement, subject)
                && self.is_news(pod, &judgement)
            {
                let evidence = Evidence::of_pod(overlay, &judgement.paths);
                tell.decide(subject.clone(), judgement, &self.policies, evidence, Enforcement::WentOn);
            }
        }
    }

    /// Whether a Pod has not failed in these words before.
    fn is_news(&mut self, pod: &Value, judgement: &Judgement) -> bool {
        let Judgement { policy, validation, message, .. } = judgement;
        let metadata = ["namespace", "name", "uid"].map(|field| pod["metadata"][field].as_str());
        let verdict = judgement.verdict.as_str();
        self.pods.insert(self.hasher.hash_one((metadata, policy, validation, verdict, message)))
            || matches!(judgement.verdict, Verdict::Unknown { .. })
    }

    /// Takes over how often the kernel saw something of a container, the first time included. It is asked only about
    /// what was found wrong.
    pub fn counted(&mut self, cgroup: u64, key: Key, now: Timestamp, total: impl FnOnce() -> Option<u64>) {
        let entry = self.entries.get_mut(&(cgroup, key));
        if let Some(repeats) = entry.and_then(|entry| entry.repeats.as_mut())
            && let Some(total) = total()
        {
            repeats.counted(total, now);
        }
    }

    /// Passes are counted only; an Unknown is told once for each workload, policy and cause.
    fn is_worth_telling(&mut self, judgement: &Judgement, subject: &Subject) -> bool {
        match &judgement.verdict {
            Verdict::Pass => false,
            Verdict::Fail | Verdict::Error { .. } => true,
            Verdict::Unknown { unknown_paths } => {
                let cause = self.hasher.hash_one((workload(subject), &judgement.policy, unknown_paths));
                let full = self.unknowns.len() >= UNKNOWNS_MAX && !self.unknowns.contains(&cause);
                self.untold += u64::from(full);
                !full && self.unknowns.insert(cause)
            }
        }
    }

    fn remember(
        &mut self,
        case: &Case<'_>,
        told: Vec<(Source, Subject)>,
        blocked: bool,
        tell: &mut impl Tell,
    ) {
        let Executable { path, origin, script: _ } = &case.event.executable;
        let ancestor = self.ancestor(Ancestor { path: path.clone(), origin: origin.clone() });
        let repeats = (!told.is_empty())
            .then(|| Box::new(Repeats { of: told, count: 0, first: case.time, last: case.time, total: 1 }));
        let share = self.shares.get(&case.cgroup).copied().unwrap_or(0) as usize;
        if share >= EACH_MAX || self.entries.len() >= ALL_MAX && share >= EACH_MIN {
            self.give_up(case.cgroup, tell);
        }
        if self.entries.insert((case.cgroup, case.key), Entry { ancestor, repeats, blocked }).is_none() {
            *self.shares.entry(case.cgroup).or_default() += 1;
        }
        if !case.live {
            self.gone.insert(case.cgroup);
        }
    }

    /// The one ancestor that is equal to this. Those that nothing needs any more make room.
    fn ancestor(&mut self, ancestor: Ancestor) -> Arc<Ancestor> {
        if let Some(known) = self.ancestors.get(&ancestor) {
            return Arc::clone(known);
        }
        if self.ancestors.len() >= ANCESTORS_MAX {
            self.ancestors.retain(|ancestor| Arc::strong_count(ancestor) > 1);
        }
        let ancestor = Arc::new(ancestor);
        if self.ancestors.len() < ANCESTORS_MAX {
            self.ancestors.insert(Arc::clone(&ancestor));
        }
        ancestor
    }

    /// A container has used up its share: it begins anew, but for what was found wrong, as far as that is little.
    fn give_up(&mut self, cgroup: u64, tell: &mut impl Tell) {
        for (_, entry) in self.entries.iter_mut().filter(|((of, _), _)| *of == cgroup) {
            entry.repeats.iter_mut().for_each(|repeats| repeats.tell(tell));
        }
        let kept = |repeats: &Option<Box<Repeats>>| repeats.is_some();
        let wrong =
            self.entries.iter().filter(|((of, _), entry)| *of == cgroup && kept(&entry.repeats)).count();
        let keep_wrong = wrong < EACH_MAX / 2;
        self.evicted += self.keep(|(of, _), entry| *of != cgroup || keep_wrong && kept(&entry.repeats));
    }

    /// Keeps what is to be kept. Gives the number of those that go.
    fn keep(&mut self, mut keep: impl FnMut(&(u64, Key), &Entry) -> bool) -> u64 {
        let before = self.entries.len();
        let shares = &mut self.shares;
        self.entries.retain(|key, entry| {
            let keep = keep(key, entry);
            if !keep && let Some(share) = shares.get_mut(&key.0) {
                *share -= 1;
            }
            keep
        });
        self.shares.retain(|_, share| *share > 0);
        (before - self.entries.len()) as u64
    }

    /// Writes down what came again since the last time, and lets go of containers that are gone.
    pub fn count(&mut self, tell: &mut impl Tell) {
        for repeats in self.entries.values_mut().filter_map(|entry| entry.repeats.as_mut()) {
            repeats.tell(tell);
        }
        let gone = std::mem::take(&mut self.gone);
        if !gone.is_empty() {
            self.keep(|(cgroup, _), _| !gone.contains(cgroup));
        }
    }

    /// A container is gone: what is known of it is kept until the next count, for events still on their way.
    pub fn gone(&mut self, cgroup: u64) {
        if self.shares.contains_key(&cgroup) {
            self.gone.insert(cgroup);
        }
    }

    /// Declarations changed: what was not found wrong may be, or may be known now.
    pub fn declarations_changed(&mut self) {
        self.keep(|_, entry| entry.repeats.is_some());
    }

    /// Unknowns that no record tells of.
    #[must_use]
    pub fn untold(&self) -> u64 {
        self.untold
    }

    /// Executables kept, and those given up to keep within bounds.
    #[must_use]
    pub fn size(&self) -> (usize, u64) {
        (self.entries.len(), self.evicted)
    }
}

impl Repeats {
    fn again(&mut self, time: Timestamp) {
        if self.count == 0 {
            self.first = time;
        }
        self.count += 1;
        self.last = time;
    }

    /// When exactly each came is not known: they came since the last look.
    fn counted(&mut self, total: u64, now: Timestamp) {
        self.count += total.saturating_sub(self.total);
        self.total = self.total.max(total);
        self.first = self.last;
        self.last = now;
    }

    fn tell(&mut self, tell: &mut impl Tell) {
        if self.count == 0 {
            return;
        }
        let Self { of, count, first, last, total: _ } = self;
        for (source, subject) in of {
            let count = Count { of: source.clone(), count: *count, first: *first, last: *last };
            tell.tell(subject.clone(), Body::Count(count));
        }
        *count = 0;
    }
}

/// What Unknowns are told once of: the root owner, else the Pod, else the container.
fn workload(subject: &Subject) -> (Option<Arc<str>>, Arc<str>) {
    match subject {
        Subject::Container { namespace, owner: Some(owner), .. } => {
            (namespace.clone(), Arc::clone(&owner.name))
        }
        Subject::Container { namespace, pod: Some(pod), .. } => (namespace.clone(), Arc::clone(&pod.name)),
        Subject::Container { namespace, container, .. } => (namespace.clone(), Arc::clone(&container.id)),
        Subject::Unresolved { cgroup, .. } => (None, Arc::from(cgroup.as_str())),
        Subject::Node => (None, Arc::from("")),
    }
}

mod again;
mod change;
#[cfg(test)]
mod tests;

pub use again::Again;

/// Whether both say the same of what they are about.
fn says(one: &Judgement, other: &Judgement) -> bool {
    (&one.policy, &one.validation, &one.verdict, &one.message)
        == (&other.policy, &other.validation, &other.verdict, &other.message)
}
