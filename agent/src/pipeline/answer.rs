//! Answers to what was asked beside the loop.

use super::Pipeline;
use crate::cri;
use crate::judge::Tell;
use crate::observe::inspect::Answer;

/// An answer to what was asked beside the loop.
#[derive(Debug)]
pub enum Answered {
    Inspector(Answer),
    Runtime(cri::Answer),
}

impl Pipeline {
    /// The next answer.
    pub async fn answered(&mut self) -> Answered {
        tokio::select! {
            answer = self.inspector.answer() => Answered::Inspector(answer),
            answer = self.cri.answer() => Answered::Runtime(answer),
        }
    }

    /// The inspector answered, or the container runtime did.
    pub fn answer(&mut self, answer: Answered, tell: &mut impl Tell) {
        match answer {
            Answered::Inspector(Answer::File(token, finding)) => self.inspected(token, finding, tell),
            Answered::Inspector(Answer::Container(cgroup, looked, took)) => {
                self.metrics.look_took(took);
                self.looked(cgroup, looked, tell);
            }
            Answered::Runtime(answer) => self.told(answer, tell),
        }
    }
}
