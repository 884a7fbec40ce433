//! What a policy says of an input: no point, no time.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::digest::Digest;

/// The answer, and for two of them its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all_fields = "camelCase")]
pub enum Verdict {
    /// The input is as the policy wants it, or the policy is not about it.
    Pass,
    /// It is not.
    Fail,
    /// An expression failed.
    Error {
        /// Why, in a sentence.
        error: String,
    },
    /// It depends on what cannot be known here. It never alerts and never blocks.
    Unknown {
        /// JSON Pointers to what is not known.
        unknown_paths: BTreeSet<String>,
    },
}

impl Verdict {
    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::Fail => "Fail",
            Self::Error { .. } => "Error",
            Self::Unknown { .. } => "Unknown",
        }
    }

    /// Orders verdicts by how bad they are: Fail, Error, Unknown, Pass. A policy's verdict is the worst of its
    /// validations'.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Unknown { .. } => 1,
            Self::Error { .. } => 2,
            Self::Fail => 3,
        }
    }
}

/// One validation of one policy, held against one input. Equal inputs give equal judgements, byte for byte.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// The policy's name.
    pub policy: Arc<str>,
    /// What exactly the policy said.
    pub policy_digest: Digest,
    /// The validation's name, or its index among the policy's validations. Absent if the match conditions already
    /// could not be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<Arc<str>>,
    /// What exactly was judged. A pass is counted and not kept, so none is worked out for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_digest: Option<Digest>,
    /// The answer.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What is wrong, in the policy's words. Absent unless it is Fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// JSON Pointers to the fields that the validation reads, sorted.
    pub paths: Arc<[String]>,
}
