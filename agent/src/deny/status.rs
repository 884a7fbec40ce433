//! What is denied where, as `plumb-agent status` tells it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use policy::document::Ceiling;
use policy::event::EventKind;
use policy::record::Subject;
use serde::{Serialize, Serializer};

use super::{Advance, Case, Denials, Rule, cases, seen};
use crate::correlate::resolve::Resolved;

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

/// What the kernel side does about execs that are denied.
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
    policies: Vec<Enforced>,
}

/// What a policy's failure leads to in a container.
#[derive(Debug, PartialEq, Serialize)]
struct Enforced {
    policy: String,
    enforcement: Enforcement,
    /// Why no more is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// The executables that are killed, by whose task it is and whether a script is run; those of other origins, and
    /// those whose origin cannot be told in time, are recorded.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    executables: BTreeMap<String, Vec<&'static str>>,
}

/// The words are pinned. This version has no hook that denies, and sends no signal from user space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Enforcement {
    #[serde(rename = "Kill before first instruction")]
    KillBeforeFirstInstruction,
    #[serde(rename = "Observe only")]
    ObserveOnly,
}

/// JSON.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Denials {
    /// Puts it together, for these containers with how many execs were denied and would have been.
    pub(crate) fn status(&self, enforcing: bool, containers: &[(Arc<Resolved>, (u64, u64))]) -> Status {
        let mut containers: Vec<_> = containers
            .iter()
            .map(|(container, counts)| self.of_container(enforcing, container, *counts))
            .collect();
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
        OfPolicy {
            policy: rule.policy.clone(),
            action: policy.and_then(policy::Policy::ceiling),
            events: policy.map(|policy| policy.kinds().to_vec()).unwrap_or_default(),
            not_tabulated: rule.advance.as_ref().err().map(ToString::to_string),
        }
    }

    fn of_container(&self, enforcing: bool, container: &Resolved, counts: (u64, u64)) -> OfContainer {
        let (denied, would_deny) = counts;
        OfContainer {
            subject: container.subject(),
            cgroup: Arc::clone(&container.path),
            denied,
            would_deny,
            policies: self.rules.iter().map(|rule| self.enforced(enforcing, rule, container)).collect(),
        }
    }

    fn enforced(&self, enforcing: bool, rule: &Rule, container: &Resolved) -> Enforced {
        let policy = rule.policy.clone();
        let mask = self.mask(rule, container);
        match self.why_not(enforcing, rule, mask) {
            Some(because) => Enforced {
                policy,
                enforcement: Enforcement::ObserveOnly,
                because: Some(because),
                executables: BTreeMap::new(),
            },
            None => Enforced {
                policy,
                enforcement: Enforcement::KillBeforeFirstInstruction,
                because: None,
                executables: executables(mask),
            },
        }
    }

    /// The first reason why nothing that the policy fails is killed.
    fn why_not(&self, enforcing: bool, rule: &Rule, mask: u32) -> Option<String> {
        let reason = match &rule.advance {
            _ if !self.blocks(rule) => "its action is not Block".to_owned(),
            Ok(Advance::OtherEvents) => "this kernel cannot stop what it is about".to_owned(),
            Err(why) => format!("it cannot be answered in advance: {why}"),
            Ok(_) if mask == 0 => "it denies no executable that the kernel can tell".to_owned(),
            Ok(_) if !enforcing => "the agent does not enforce".to_owned(),
            Ok(_) => return None,
        };
        Some(reason)
    }
}

/// By `Container`, `Container script`, `Injected` and `Injected script`.
fn executables(mask: u32) -> BTreeMap<String, Vec<&'static str>> {
    let mut executables: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for case in cases().filter(|case| mask & case.bit() != 0) {
        let Case { origin, script, .. } = case;
        let by = format!("{}{}", case.task().as_str(), if script { " script" } else { "" });
        executables.entry(by).or_default().push(seen(origin).as_str());
    }
    executables
}

fn as_string<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
