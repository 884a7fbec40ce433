//! The answers.

use super::axes::Axes;
use crate::evaluate;
use crate::event::{Container, Event, Node};
use crate::input::{EventInput, Input};
use crate::judgement::Verdict;
use crate::known::Known;
use crate::set::Policy;

/// A verdict without its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the verdicts' own words")]
pub enum Answer {
    Pass,
    Fail,
    Error,
    Unknown,
}

impl From<&Verdict> for Answer {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Fail => Self::Fail,
            Verdict::Error { .. } => Self::Error,
            Verdict::Unknown { .. } => Self::Unknown,
        }
    }
}

/// The policy's verdict of one row.
pub(super) fn answer(axes: &Axes, row: usize, policy: &Policy, container: &Container) -> Answer {
    // Neither the node nor the Pod is read, or there would be no rows.
    let node = Node { name: String::new(), labels: Known::Unknown, kernel: String::new() };
    let event = axes.event(row);
    let input = EventInput { event: &event, container, pod: Known::Unknown, node: &node };
    Answer::from(&evaluate::verdict(policy, &Input::Event(input)))
}

/// A policy's verdict for every value of the fields that it reads, in one container.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    axes: Axes,
    answers: Vec<Answer>,
}

impl Table {
    pub(super) fn fill(axes: &Axes, policy: &Policy, container: &Container) -> Self {
        let answers = (0..axes.rows()).map(|row| answer(axes, row, policy, container)).collect();
        Self { axes: axes.clone(), answers }
    }

    /// The verdict of an event, by the fields that the policy reads. None if one has a value that the domain has not.
    pub fn answer(&self, event: &Event) -> Option<Answer> {
        self.answers.get(self.axes.row(event)?).copied()
    }

    /// An event for each value of the domain, with its answer.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (Event, Answer)> {
        self.answers.iter().enumerate().map(|(row, answer)| (self.axes.event(row), *answer))
    }

    /// The same with one answer made wrong, to show that somebody would notice.
    #[cfg(test)]
    pub(super) fn with_a_wrong_answer(mut self, row: usize) -> Self {
        self.answers[row] = if self.answers[row] == Answer::Fail { Answer::Pass } else { Answer::Fail };
        self
    }
}
