//! What is done about a judgement, here and now.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::Digest;
use crate::document::{Ceiling, FailurePolicy, Severity};
use crate::judgement::{Judgement, Verdict};
use crate::set::{Policy, PolicySet};
use crate::time::Timestamp;

/// Where a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Point {
    /// Of the files of a change.
    PullRequest,
    /// Of a built artifact.
    Build,
    /// Of an object on its way into a cluster.
    Admission,
    /// Of a running container and its events.
    Runtime,
    /// Of what is already there.
    Scan,
}

/// What was done, from mild to severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Action {
    /// Nothing: there was nothing to object to, or nobody could know.
    None,
    /// It was recorded.
    Audit,
    /// Whoever asked was told.
    Warn,
    /// It was not let through.
    Block,
}

/// Why an action is milder than the policy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum BecauseOf {
    /// The agent runs without `--enforce`.
    NotEnforcing,
    /// It had happened by the time that it was known: no hook of this kernel could stop it.
    AfterTheFact,
}

/// What became of what was judged at runtime. Elsewhere, who asked waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforcement {
    /// The agent records only.
    Off,
    /// The kernel stopped it.
    Stopped,
    /// The agent enforces, and it went on.
    WentOn,
    /// The agent enforces. It had happened, and then its task was to be killed.
    Answered(Kill),
}

/// What became of a task that was to be killed for what it had done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Kill {
    /// The kernel took the signal.
    Killed,
    /// It had ended by itself.
    Gone,
    /// It could not be told for certain that it is a container's task and the one that is meant, or the kernel did not
    /// take the signal.
    Refused,
}

/// A judgement with its circumstance. In JSON the judgement stands beside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// What was judged, and how.
    #[serde(skip)]
    pub judgement: Judgement,
    /// Where.
    pub point: Point,
    /// When.
    pub time: Timestamp,
    /// In which cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Arc<str>>,
    /// On which node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<Arc<str>>,
    /// By which policies, all together.
    pub policy_set_digest: Digest,
    /// What was done.
    pub action: Action,
    /// Whether it would have been blocked, had nothing made the action milder.
    pub would_block: bool,
    /// What made the action milder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because_of: Option<BecauseOf>,
    /// What became of the task, where it was to be killed after the fact. What it did was not stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kill: Option<Kill>,
}

/// The circumstance of a decision.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The policies that gave the judgement.
    pub policies: &'a PolicySet,
    /// Where the question was asked.
    pub point: Point,
    /// When.
    pub now: Timestamp,
    /// In which cluster.
    pub cluster: Option<Arc<str>>,
    /// On which node.
    pub node: Option<Arc<str>>,
    /// What became of it at runtime.
    pub enforcement: Enforcement,
}

/// What is done about a judgement. A judgement of a policy that the set does not hold is recorded.
pub fn decide(judgement: Judgement, context: &Context<'_>) -> Decision {
    let policy = context.policies.get(&judgement.policy);
    let wanted = wanted(&judgement.verdict, policy, context.point);
    let because_of = held_back(wanted, context);
    Decision {
        judgement,
        point: context.point,
        time: context.now,
        cluster: context.cluster.clone(),
        node: context.node.clone(),
        policy_set_digest: context.policies.digest(),
        action: if because_of.is_some() { Action::Audit } else { wanted },
        would_block: wanted == Action::Block,
        because_of,
        kill: kill(wanted, context),
    }
}

/// A milder policy asks for no kill, though its event may be another policy's, too.
fn kill(wanted: Action, context: &Context<'_>) -> Option<Kill> {
    match context.enforcement {
        Enforcement::Answered(kill) if context.point == Point::Runtime && wanted == Action::Block => {
            Some(kill)
        }
        _ => None,
    }
}

/// A record says that something was blocked only if it was.
fn held_back(wanted: Action, context: &Context<'_>) -> Option<BecauseOf> {
    match context.enforcement {
        _ if context.point != Point::Runtime => None,
        Enforcement::Off => (wanted > Action::Audit).then_some(BecauseOf::NotEnforcing),
        Enforcement::WentOn | Enforcement::Answered(_) => {
            (wanted == Action::Block).then_some(BecauseOf::AfterTheFact)
        }
        Enforcement::Stopped => None,
    }
}

/// What the policy itself wants done.
fn wanted(verdict: &Verdict, policy: Option<&Policy>, point: Point) -> Action {
    let fails = match verdict {
        Verdict::Pass | Verdict::Unknown { .. } => false,
        Verdict::Fail => true,
        Verdict::Error { .. } => policy.is_none_or(|policy| policy.failure_policy() == FailurePolicy::Fail),
    };
    match policy {
        _ if !fails => Action::None,
        Some(policy) => ceiling(policy, point),
        None => Action::Audit,
    }
}

fn ceiling(policy: &Policy, point: Point) -> Action {
    match (policy.ceiling(), point) {
        (Some(Ceiling::Audit), _) | (_, Point::Scan) => Action::Audit,
        (Some(Ceiling::Warn), _) => Action::Warn,
        (Some(Ceiling::Block), _) => Action::Block,
        (None, Point::Admission | Point::Runtime) => Action::Audit,
        (None, Point::PullRequest | Point::Build) if policy.about().severity >= Severity::High => {
            Action::Block
        }
        (None, Point::PullRequest | Point::Build) => Action::Warn,
    }
}

#[cfg(test)]
mod tests;
