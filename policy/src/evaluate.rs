//! The only code that judges.

mod scope;

use std::collections::{BTreeMap, BTreeSet};

use cel::{Outcome, Value};

use crate::digest::Digest;
use crate::input::Input;
use crate::judgement::{Judgement, Verdict};
use crate::set::{Policy, PolicySet, Validation};
use scope::{Evaluator, evaluator};

/// Which policies are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All that are about the input.
    All,
    /// Those whose judgement holds for every exec of the executable ([`Policy::judged_per_executable`]).
    PerExecutable,
    /// The others.
    PerEvent,
}

impl Which {
    fn includes(self, policy: &Policy) -> bool {
        match self {
            Self::All => true,
            Self::PerExecutable => policy.judged_per_executable(),
            Self::PerEvent => !policy.judged_per_executable(),
        }
    }
}

/// Holds an input against the policies that are about it. Each validation gives one judgement, passes included, in the
/// order of the policies' names and of their validations.
///
/// The input's digest is worked out once, when the first judgement that is no pass needs it.
pub fn evaluate(policies: &PolicySet, input: &Input<'_>, which: Which) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    let mut digest = None;
    for policy in policies.about(input).filter(|policy| which.includes(policy)) {
        for (validation, answer) in judge(policy, input) {
            let input_digest =
                (answer.verdict != Verdict::Pass).then(|| *digest.get_or_insert_with(|| input.digest()));
            judgements.push(judgement(policy, validation, answer, input_digest));
        }
    }
    judgements
}

/// What one policy says of an input: the worst of what its validations say.
pub(crate) fn verdict(policy: &Policy, input: &Input<'_>) -> Verdict {
    let answers = judge(policy, input).into_iter().map(|(_, answer)| answer.verdict);
    answers.max_by_key(Verdict::rank).unwrap_or(Verdict::Pass)
}

/// A verdict, and what is said about it.
struct Answer {
    verdict: Verdict,
    message: Option<String>,
}

impl From<Verdict> for Answer {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, message: None }
    }
}

fn judgement(
    policy: &Policy,
    validation: Option<&Validation>,
    answer: Answer,
    input_digest: Option<Digest>,
) -> Judgement {
    Judgement {
        policy: policy.shared_name(),
        policy_digest: policy.digest(),
        validation: validation.map(|validation| validation.name.clone()),
        input_digest,
        verdict: answer.verdict,
        message: answer.message,
        paths: validation.map(|validation| validation.paths.clone()).unwrap_or_default(),
    }
}

fn judge<'p>(policy: &'p Policy, input: &Input<'_>) -> Vec<(Option<&'p Validation>, Answer)> {
    evaluator(policy, input, |evaluator| {
        let each = |answer: &dyn Fn(&'p Validation) -> Answer| {
            policy.validations.iter().map(|validation| (Some(validation), answer(validation))).collect()
        };
        match is_about(policy, evaluator) {
            About::Yes => each(&|validation| validate(evaluator, validation)),
            About::No => each(&|_| Verdict::Pass.into()),
            About::Unknown(paths) => each(&|validation| unless_pass(validate(evaluator, validation), &paths)),
            About::Error(error) => vec![(None, Verdict::Error { error }.into())],
        }
    })
}

/// Whether the policy is about the input.
enum About {
    Yes,
    No,
    Unknown(BTreeSet<String>),
    Error(String),
}

/// One condition that is false is enough for No, whatever became of the others, as in the API server.
fn is_about(policy: &Policy, evaluator: &Evaluator<'_>) -> About {
    let (mut unknown, mut error) = (BTreeSet::new(), None);
    for condition in &policy.conditions {
        match boolean(evaluator.evaluate(&condition.program)) {
            Verdict::Pass => {}
            Verdict::Fail => return About::No,
            Verdict::Unknown { unknown_paths } => unknown.extend(unknown_paths),
            Verdict::Error { error: found } => error = error.or(Some(found)),
        }
    }
    match error {
        Some(error) => About::Error(error),
        None if unknown.is_empty() => About::Yes,
        None => About::Unknown(unknown),
    }
}

/// Where it is not known whether the policy is about the input, a pass is a pass either way, and all else depends.
fn unless_pass(answer: Answer, paths: &BTreeSet<String>) -> Answer {
    let unknown_paths = match answer.verdict {
        Verdict::Pass => return answer,
        Verdict::Unknown { unknown_paths } => unknown_paths.union(paths).cloned().collect(),
        Verdict::Fail | Verdict::Error { .. } => paths.clone(),
    };
    Verdict::Unknown { unknown_paths }.into()
}

fn validate(evaluator: &Evaluator<'_>, validation: &Validation) -> Answer {
    let verdict = boolean(evaluator.evaluate(&validation.expression.program));
    let message = (verdict == Verdict::Fail).then(|| message(evaluator, validation));
    Answer { verdict, message }
}

/// True is Pass, false is Fail.
fn boolean(outcome: Outcome<'_>) -> Verdict {
    match outcome {
        Outcome::Value(Value::Bool(true)) => Verdict::Pass,
        Outcome::Value(Value::Bool(false)) => Verdict::Fail,
        Outcome::Value(other) => {
            Verdict::Error { error: format!("the expression gave {}, which is no boolean", other.type_of()) }
        }
        Outcome::Error(error) => Verdict::Error { error: error.to_string() },
        Outcome::Unknown(unknown_paths) => Verdict::Unknown { unknown_paths },
    }
}

/// What `messageExpression` gives, if it is a line of text; else the message, as in the API server.
fn message(evaluator: &Evaluator<'_>, validation: &Validation) -> String {
    let computed = validation.message_expression.as_ref().and_then(|expression| {
        match evaluator.evaluate(&expression.program) {
            Outcome::Value(Value::String(text)) => Some(text.trim().to_owned()),
            _ => None,
        }
    });
    let is_line = |text: &String| !text.is_empty() && !text.contains('\n');
    computed.filter(is_line).unwrap_or_else(|| validation.message.clone())
}

/// The verdict of each policy: the worst of its validations'. In the order of the policies' names.
pub fn verdicts(judgements: &[Judgement]) -> BTreeMap<&str, &Verdict> {
    let mut worst: BTreeMap<&str, &Verdict> = BTreeMap::new();
    for judgement in judgements {
        let verdict = worst.entry(&judgement.policy).or_insert(&judgement.verdict);
        if judgement.verdict.rank() > verdict.rank() {
            *verdict = &judgement.verdict;
        }
    }
    worst
}

#[cfg(test)]
mod tests;
