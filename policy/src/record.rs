//! The one output type. An alert is a record that passed [`Record::is_alert`].

mod drift;
mod evidence;
mod subject;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

pub use drift::Drift;
pub use evidence::Evidence;
pub use subject::{Owner, Pod, Subject, SubjectContainer};

use crate::decide::{Decision, Point};
use crate::document::About;
use crate::judgement::Verdict;
use crate::time::Timestamp;

/// The version of the records' format.
pub const API_VERSION: &str = "records.plumbline.dev/v1alpha1";

/// What a record tells of. The list is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum RecordKind {
    /// A judgement, and what was done about it.
    Decision,
    /// Declared and observed, or declared and live, contradict.
    Drift,
    /// What a failure at runtime triggered.
    Response,
    /// A rollout went on, back, or was paused.
    StageChange,
    /// A person looked at a would-have-blocked decision.
    Triage,
    /// An exception was made or ran out.
    Exception,
    /// Break-glass was asked for, approved, used, ran out or was reviewed.
    BreakGlass,
    /// Something was not seen or not kept.
    Gap,
    /// An earlier record's event happened again.
    Count,
}

/// Who wrote a record. Together this is the record's id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Source {
    /// `agent`, `controller` or `plumb`.
    pub component: Cow<'static, str>,
    /// Which of them: the node's or the replica's name.
    pub instance: Arc<str>,
    /// Which run of it: a value that no other run of this instance had.
    pub boot: Arc<str>,
    /// The how manieth record of this run, from 1, without holes.
    #[serde(serialize_with = "as_string")]
    pub sequence: u64,
}

/// `instance/boot/sequence`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { component: _, instance, boot, sequence } = self;
        write!(f, "{instance}/{boot}/{sequence}")
    }
}

/// What is told.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all records are decisions, and none waits in number")]
pub enum Body {
    /// A judgement, and what was done about it.
    Decision {
        /// What the policy says for people.
        policy: Arc<About>,
        /// The decision with its judgement.
        decision: Decision,
        /// What was seen.
        evidence: Evidence,
    },
    /// A container contradicts its Pod, or what entered it the container.
    Drift(Drift),
    /// Something was not seen or not kept.
    Gap(Gap),
    /// An earlier record's event happened again.
    Count(Count),
}

/// What was not seen, or not kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gap {
    /// The class of events that the counters count apart.
    pub class: Cow<'static, str>,
    /// Why: the word that the counters use.
    pub reason: Cow<'static, str>,
    /// How many.
    #[serde(serialize_with = "as_string")]
    pub lost: u64,
    /// Not before.
    pub from: Timestamp,
    /// Not after.
    pub to: Timestamp,
}

/// How often an earlier record's event happened again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Count {
    /// The id of that record.
    #[serde(serialize_with = "display")]
    pub of: Source,
    /// How often since the last count of it.
    #[serde(serialize_with = "as_string")]
    pub count: u64,
    /// The first of these times.
    pub first: Timestamp,
    /// The last of these times.
    pub last: Timestamp,
}

/// One line of output.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Who wrote it, and its id.
    pub source: Source,
    /// When it was written.
    pub time: Timestamp,
    /// The cluster, if there is one.
    pub cluster: Option<Arc<str>>,
    /// The node.
    pub node: Option<Arc<str>>,
    /// What it is about.
    pub subject: Subject,
    /// What it tells.
    pub body: Body,
}

impl Record {
    /// What it tells of.
    pub fn kind(&self) -> RecordKind {
        match self.body {
            Body::Decision { .. } => RecordKind::Decision,
            Body::Drift(_) => RecordKind::Drift,
            Body::Gap(_) => RecordKind::Gap,
            Body::Count(_) => RecordKind::Count,
        }
    }

    /// Whether somebody should look: a failure at runtime, or a drift. Gaps, counts and Unknowns never are alerts.
    pub fn is_alert(&self) -> bool {
        match &self.body {
            Body::Decision { decision, .. } => {
                decision.point == Point::Runtime && decision.judgement.verdict == Verdict::Fail
            }
            Body::Drift(_) => true,
            Body::Gap(_) | Body::Count(_) => false,
        }
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { source, time, cluster, node, subject, body } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("apiVersion", API_VERSION)?;
        map.serialize_entry("kind", &self.kind())?;
        map.serialize_entry("source", source)?;
        map.serialize_entry("time", time)?;
        if let Some(cluster) = cluster {
            map.serialize_entry("cluster", cluster)?;
        }
        if let Some(node) = node {
            map.serialize_entry("node", node)?;
        }
        map.serialize_entry("subject", subject)?;
        match body {
            Body::Decision { policy, decision, evidence } => {
                map.serialize_entry("policy", policy)?;
                map.serialize_entry("judgement", &decision.judgement)?;
                map.serialize_entry("decision", decision)?;
                map.serialize_entry("evidence", evidence)?;
            }
            Body::Drift(drift) => map.serialize_entry("evidence", drift)?,
            Body::Gap(gap) => map.serialize_entry("gap", gap)?,
            Body::Count(count) => map.serialize_entry("count", count)?,
        }
        map.end()
    }
}

/// A 64-bit integer is a string in JSON, where readers keep only 53 bits of a number.
fn as_string<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn display<S: Serializer>(value: &Source, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
