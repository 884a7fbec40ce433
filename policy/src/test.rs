//! Runs the tests of a policy: cases that say what is seen and which verdict is expected.
//!
//! ```yaml
//! cases:
//! - name: a program written after the start
//!   event: {kind: Exec, task: Container, executable: {path: /tmp/x, origin: Upper}}
//!   expect: Fail
//!   message: /tmp/x
//! ```
//! A case of a policy about resources has an `object` instead of an `event`, and `observed: true` where that is a Pod as
//! the node shows it.
//!
//! `event`, `container`, `pod` and `node` have the shape that expressions see. What a case leaves out is Unknown, but
//! for `script` and the other fields that may be absent: those are.

mod case;

use std::fmt;

use serde::Deserialize;

use crate::evaluate::{Which, evaluate, verdicts};
use crate::input::{EventInput, Input, ResourceInput};
use crate::judgement::{Judgement, Verdict};
use crate::known::Known;
use crate::set::{LoadError, PolicySet, Source};
use crate::yaml::{self, Node, Position};
use case::{ContainerCase, EventCase, NodeCase, known};

/// A file of tests.
#[derive(Deserialize)]
struct Tests {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    event: Option<EventCase>,
    #[serde(default)]
    container: ContainerCase,
    pod: Option<serde_json::Value>,
    #[serde(default)]
    node: NodeCase,
    object: Option<serde_json::Value>,
    #[serde(rename = "namespaceObject")]
    namespace_object: Option<serde_json::Value>,
    #[serde(default)]
    observed: bool,
    expect: Expected,
    /// A part of the message.
    message: Option<String>,
}

/// The verdict that a case expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the verdicts' own words")]
pub enum Expected {
    Pass,
    Fail,
    Error,
    Unknown,
}

impl Expected {
    fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::Fail => "Fail",
            Self::Error => "Error",
            Self::Unknown => "Unknown",
        }
    }
}

/// What became of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseResult {
    /// Its name.
    pub name: String,
    /// Where it stands in the file of tests.
    pub position: Position,
    /// Why it failed; none if it passed.
    pub failure: Option<CaseFailure>,
}

/// Why a case failed.
#[derive(Clone, Debug, PartialEq)]
pub enum CaseFailure {
    /// It has no `event`, and no `object` that says its `apiVersion` and `kind`; or it has both.
    NoSubject,
    /// The policies are not about such an event or object.
    NotAbout,
    /// The verdict is another.
    Verdict {
        /// What was expected.
        expected: Expected,
        /// What the policies say.
        found: Verdict,
    },
    /// No failing validation says this.
    Message {
        /// A part of the message that was expected.
        expected: String,
        /// What is said.
        found: Vec<String>,
    },
}

impl fmt::Display for CaseFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSubject => {
                f.write_str("a case has an `event`, or an `object` with its apiVersion and kind")
            }
            Self::NotAbout => f.write_str("the policy is not about it"),
            Self::Verdict { expected, found } => {
                write!(f, "expected {}, found {}", expected.as_str(), found.as_str())?;
                match found {
                    Verdict::Error { error } => write!(f, ": {error}"),
                    Verdict::Unknown { unknown_paths } => write!(f, ": {unknown_paths:?}"),
                    Verdict::Pass | Verdict::Fail => Ok(()),
                }
            }
            Self::Message { expected, found } => {
                write!(f, "expected a message with `{expected}`, found {found:?}")
            }
        }
    }
}

/// Runs the cases of `tests` against the policies of `policy`.
///
/// # Errors
/// What of the two files could not be read.
pub fn run(policy: &Source, tests: &Source) -> Result<Vec<CaseResult>, Vec<LoadError>> {
    let (policies, mut errors) = PolicySet::compile(std::slice::from_ref(policy));
    let mut results = Vec::new();
    for document in yaml::documents(&tests.text) {
        match document {
            Ok(node) => match yaml::decode::<Tests>(&node) {
                Ok(Tests { cases }) => results.extend(run_cases(&policies, &node, cases)),
                Err(mistakes) => {
                    errors.extend(mistakes.into_iter().map(|mistake| LoadError::mistake(tests, mistake)));
                }
            },
            Err(error) => errors.push(LoadError::new(tests, error.position, error.kind.into())),
        }
    }
    if errors.is_empty() { Ok(results) } else { Err(errors) }
}

fn run_cases(policies: &PolicySet, node: &Node, cases: Vec<Case>) -> Vec<CaseResult> {
    let position = |index| node.at(&format!("/cases/{index}")).unwrap_or(node).position;
    let run = |(index, case): (usize, Case)| CaseResult {
        name: case.name.clone(),
        position: position(index),
        failure: run_case(policies, case),
    };
    cases.into_iter().enumerate().map(run).collect()
}

fn run_case(policies: &PolicySet, case: Case) -> Option<CaseFailure> {
    let Case { name: _, event, container, pod, node, object, namespace_object, observed, expect, message } =
        case;
    let judge = |input| compare(&evaluate(policies, &input, Which::All), expect, message);
    match (event, &object) {
        (Some(event), None) => {
            let (event, container, node) = (event.into_event(), container.into_container(), node.into_node());
            let pod = known(pod.as_ref());
            judge(Input::Event(EventInput { event: &event, container: &container, pod, node: &node }))
        }
        (None, Some(object)) => match resource(object, known(namespace_object.as_ref()), observed) {
            Some(input) => judge(Input::Resource(&input)),
            None => Some(CaseFailure::NoSubject),
        },
        (Some(_), Some(_)) | (None, None) => Some(CaseFailure::NoSubject),
    }
}

fn resource<'a>(
    object: &'a serde_json::Value,
    namespace: Known<&'a serde_json::Value>,
    observed: bool,
) -> Option<ResourceInput<'a>> {
    if observed {
        return Some(ResourceInput::observed(object, namespace));
    }
    ResourceInput::declared(object, namespace)
}

fn compare(judgements: &[Judgement], expected: Expected, message: Option<String>) -> Option<CaseFailure> {
    let Some(found) = verdicts(judgements).into_values().max_by_key(|verdict| verdict.rank()).cloned() else {
        return Some(CaseFailure::NotAbout);
    };
    if found.as_str() != expected.as_str() {
        return Some(CaseFailure::Verdict { expected, found });
    }
    let said: Vec<_> = judgements.iter().filter_map(|judgement| judgement.message.clone()).collect();
    let expected = message.filter(|message| !said.iter().any(|said| said.contains(message)))?;
    Some(CaseFailure::Message { expected, found: said })
}

#[cfg(test)]
mod tests;
