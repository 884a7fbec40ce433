//! One policy, compiled.

use std::collections::BTreeSet;
use std::sync::Arc;

use cel::Program;

use crate::digest::Digest;
use crate::document::{About, Ceiling, FailurePolicy, Match, ResourceMatch, ResponseAction, Spec};
use crate::event::EventKind;
use crate::input::{self, ResourceInput};

/// A policy, ready to judge.
#[derive(Debug)]
pub struct Policy {
    pub(super) name: Arc<str>,
    pub(super) digest: Digest,
    pub(super) about: Arc<About>,
    pub(super) spec: Spec,
    pub(crate) conditions: Vec<Expression>,
    pub(crate) variables: Vec<Expression>,
    pub(crate) validations: Vec<Validation>,
    pub(super) per_executable: bool,
}

/// An expression, and everything that it reads, through variables too.
#[derive(Debug)]
pub(crate) struct Expression {
    pub(crate) program: Program,
    /// Each begins with a variable of the input.
    pub(crate) reads: BTreeSet<Vec<String>>,
}

/// A validation, compiled.
#[derive(Debug)]
pub(crate) struct Validation {
    /// Its name, or its index.
    pub(crate) name: Arc<str>,
    pub(crate) expression: Expression,
    /// What is said where `message_expression` says nothing.
    pub(crate) message: String,
    pub(crate) message_expression: Option<Expression>,
    /// JSON Pointers to what the expression reads.
    pub(crate) paths: Arc<[String]>,
}

impl Policy {
    /// Its name, unique in its set.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// What exactly it says.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What it says for people.
    pub fn about(&self) -> &Arc<About> {
        &self.about
    }

    /// The kinds of event that it is about: none if it is about resources.
    pub fn kinds(&self) -> &[EventKind] {
        match &self.spec.matches {
            Match::Events(events) => &events.kinds,
            Match::Resources(_) => &[],
        }
    }

    /// The resources that it is about, if it is about any.
    pub fn resources(&self) -> Option<&ResourceMatch> {
        match &self.spec.matches {
            Match::Events(_) => None,
            Match::Resources(resources) => Some(resources),
        }
    }

    pub(crate) fn is_about(&self, input: &ResourceInput<'_>) -> bool {
        self.resources().is_some_and(|ResourceMatch { resource_rules, pod_controllers: _, observed }| {
            if input.is_observed() {
                return *observed;
            }
            resource_rules.iter().any(|rule| rule.is_about(input.target()))
        })
    }

    /// The most that may be done about a failure, if it says so.
    pub fn ceiling(&self) -> Option<Ceiling> {
        self.spec.action
    }

    /// What an expression that fails does.
    pub fn failure_policy(&self) -> FailurePolicy {
        self.spec.failure_policy
    }

    /// What follows a failure at runtime, once enforced.
    pub fn response(&self) -> Option<ResponseAction> {
        self.spec.response.map(|response| response.action)
    }

    /// What expressions see as `params`.
    pub(crate) fn params(&self) -> Option<&serde_json::Value> {
        self.spec.params.as_ref()
    }

    /// The slot of `params`. Those of its variables follow.
    pub(crate) fn params_slot(&self) -> usize {
        input::variables(&self.spec.matches).len()
    }

    /// Whether it reads only `event.executable`, `event.task` and `container` of execs: then its judgement of an
    /// executable of a container holds for every exec of that executable by a task of the same kind. So it does of a policy
    /// that is about no events.
    pub fn judged_per_executable(&self) -> bool {
        self.per_executable
    }
}
