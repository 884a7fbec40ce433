//! What is denied where, as `plumb-agent status` tells it.

use std::fmt;
use std::sync::Arc;

use policy::document::Ceiling;
use policy::event::EventKind;
use policy::record::Subject;
use serde::{Serialize, Serializer};

use super::{Denials, Rule};
use crate::identity::{Free, Running};

mod enforced;

use enforced::Enforced;

/// What no record can tell, since nobody saw it.
pub const LOOKS: &str = "containers are held against their Pods when they start, when one of their programs runs under new \
     ids or with a capability that none before it had, and within a second of a use of SYS_ADMIN, SETUID, SETGID or SETPCAP, or within eight where such uses went on and \
     changed nothing; what changes and changes back in between \
     is not seen. Containers of gVisor and Kata, and of a RuntimeClass whose runtime cannot be told, are not held against \
     them";

/// The answer to `plumb-agent status --output json`, beside readiness.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    api_version: &'static str,
    kind: &'static str,
    mode: Mode,
    policies: Vec<OfPolicy>,
    containers: Vec<OfContainer>,
}

/// What is done about what is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Mode {
    Audit,
    Enforce,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct OfPolicy {
    policy: String,
    /// None where it leaves the action to the point: then it is recorded.
    action: Option<Ceiling>,
    events: Vec<EventKind>,
    /// Why it cannot be answered in advance.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_tabulated: Option<String>,
    /// What of its events may not be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    may_miss: Option<&'static str>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct OfContainer {
    #[serde(flatten)]
    subject: Subject,
    cgroup: Arc<str>,
    #[serde(serialize_with = "as_string")]
    denied: u64,
    #[serde(serialize_with = "as_string")]
    would_deny: u64,
    #[serde(serialize_with = "as_string")]
    killed: u64,
    #[serde(serialize_with = "as_string")]
    would_kill: u64,
    #[serde(serialize_with = "as_string")]
    denied_calls: u64,
    #[serde(serialize_with = "as_string")]
    would_deny_calls: u64,
    policies: Vec<Enforced>,
}

/// JSON.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Free {
    fn because(self) -> &'static str {
        match self {
            Self::Sandbox => "it is a Pod's sandbox, which is not observed",
            Self::Own => "it is the agent's own container, which is not observed",
            Self::NoRoom => "the kernel side has no room for it, so that it is not observed",
            Self::NotBegun => "no program of its own was seen yet, so that all in it may be its runtime's",
        }
    }
}

impl Denials {
    /// Puts it together, for these containers.
    pub(crate) fn status(&mut self, enforcing: bool, running: &[Running]) -> Status {
        let mut containers: Vec<_> = running.iter().map(|one| self.of_container(enforcing, one)).collect();
        containers.sort_by(|one, other| one.cgroup.cmp(&other.cgroup));
        Status {
            api_version: "status.plumbline.dev/v1alpha1",
            kind: "Status",
            mode: if enforcing { Mode::Enforce } else { Mode::Audit },
            policies: self.rules.iter().map(|rule| self.of_policy(rule)).collect(),
            containers,
        }
    }

    fn of_policy(&self, rule: &Rule) -> OfPolicy {
        let policy = self.policies.get(&rule.policy);
        let events = policy.map(|policy| policy.kinds().to_vec()).unwrap_or_default();
        let is_held_against = policy.is_some_and(|policy| policy.resources().is_some());
        OfPolicy {
            policy: rule.policy.clone(),
            action: policy.and_then(policy::Policy::ceiling),
            not_tabulated: rule.advance.as_ref().err().map(ToString::to_string),
            may_miss: (is_held_against || events.contains(&EventKind::FactsChange)).then_some(LOOKS),
            events,
        }
    }

    fn of_container(&mut self, enforcing: bool, running: &Running) -> OfContainer {
        let Running { container, init, free } = running;
        let masks = self.of_each(container);
        let enforced = |(rule, mask)| match free {
            Some(free) => Enforced::observed(rule, free.because()),
            None => self.enforced(enforcing, rule, mask),
        };
        OfContainer {
            subject: container.subject(),
            cgroup: Arc::clone(&container.path),
            denied: init.denied,
            would_deny: init.would_deny,
            killed: init.killed,
            would_kill: init.would_kill,
            denied_calls: init.denied_calls,
            would_deny_calls: init.would_deny_calls,
            policies: self.rules.iter().zip(&*masks).map(enforced).collect(),
        }
    }
}

fn as_string<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
