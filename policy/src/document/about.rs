//! What a policy says for people.

use serde::{Deserialize, Serialize};

/// How bad a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Untidy.
    Low,
    /// To be mended in time.
    Medium,
    /// To be mended soon; fails a pull request and a build.
    High,
    /// To be mended now; fails a pull request and a build.
    Critical,
}

/// What a policy says for people: in every finding and every record of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// What must hold, in a line.
    pub title: String,
    /// How bad a failure is.
    pub severity: Severity,
    /// Why it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
    /// Which controls of which frameworks it serves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<Control>,
}

/// A control of a framework.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// `mitre-attack`, `pod-security-standards`, ...
    pub framework: String,
    /// Its name there: `T1105`.
    pub id: String,
}
