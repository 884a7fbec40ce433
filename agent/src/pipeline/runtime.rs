//! What the container runtime is asked.

use policy::Known;

use super::Pipeline;
use crate::correlate::resolve::Resolved;
use crate::cri::{About, Answer, Question, Told};
use crate::identity::Standing;
use crate::judge::Tell;
use crate::observe::facts::Looked;

impl Pipeline {
    /// A look that found no OCI specification waits for what the runtime says of it; given back where none can be asked.
    pub(super) fn complete(&mut self, cgroup: u64, looked: Box<Looked>) -> Option<Box<Looked>> {
        let Standing::Container(container) = self.identity.of(cgroup) else { return Some(looked) };
        if looked.spec.is_some() || container.declared().is_none() {
            return Some(looked);
        }
        let Some(question) = question(cgroup, &container, About::Spec(looked.clone())) else {
            return Some(looked);
        };
        self.cri.ask(question).is_err().then_some(looked)
    }

    /// The digests of a container's image, where its Pod pins one.
    pub(super) fn image_digests(&mut self, cgroup: u64, container: &Resolved) -> Known<Vec<String>> {
        let pinned = container.declared().and_then(|declared| declared.pinned());
        let Some(pinned) = pinned else { return Known::Unknown };
        let Self { observed, cri, .. } = self;
        observed.image_digests(cgroup, pinned, || {
            question(cgroup, container, About::Image).is_some_and(|question| cri.ask(question).is_ok())
        })
    }

    /// The runtime answered, or could not be asked.
    pub(super) fn told(&mut self, answer: Answer, tell: &mut impl Tell) {
        let Answer { question: Question { cgroup, container, about, runtime: _ }, told } = answer;
        // The number of a cgroup that is gone may be another's by now.
        if matches!(self.identity.of(cgroup), Standing::Container(now) if now.id != container) {
            return;
        }
        match (about, told) {
            (About::Image, Some(Told::Image(digests))) => self.observed.image_told(cgroup, Some(digests)),
            (About::Image, _) => self.observed.image_told(cgroup, None),
            (About::Spec(looked), Some(Told::Spec(spec))) => {
                let looked = Box::new(Looked { spec: Some(*spec), ..*looked });
                self.completed(cgroup, Some(looked), tell);
            }
            (About::Spec(looked), _) => self.completed(cgroup, Some(looked), tell),
        }
        self.look();
    }
}

/// What to ask of a container that a CRI made.
fn question(cgroup: u64, container: &Resolved, about: About) -> Option<Question> {
    let runtime = container.runtime.filter(|_| container.of_a_pod)?;
    Some(Question { cgroup, container: container.id.clone(), runtime, about })
}
