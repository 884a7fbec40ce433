//! Judging a field in which a container became weaker. Each comes once, so that nothing is kept of it.

use policy::evaluate::{Which, evaluate};
use policy::event::Event;
use policy::input::{EventInput, Input};
use policy::observed::Change;
use policy::record::Evidence;
use policy::{Enforcement, Known};
use serde_json::Value;

use super::{Judge, Tell};
use crate::correlate::resolve::Resolved;

impl Judge {
    /// Holds it against the policies that are about such events.
    pub fn judge_change(
        &mut self,
        event: &Event,
        change: &Change,
        container: &Resolved,
        pod: Known<&Value>,
        tell: &mut impl Tell,
    ) {
        let (seen, subject) = (&container.container(self.full), container.subject());
        let input = EventInput { event, container: seen, pod, node: &self.node };
        for judgement in evaluate(&self.policies, &Input::Event(input), Which::All) {
            tell.judged(&judgement.verdict);
            if self.is_worth_telling(&judgement, &subject) {
                let evidence = Evidence { changes: vec![change.clone()], ..Evidence::of(event, seen) };
                tell.decide(subject.clone(), judgement, &self.policies, evidence, Enforcement::WentOn);
            }
        }
    }
}
