//! What is done about a judgement, here and now.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::Digest;
use crate::judgement::Judgement;
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
}
