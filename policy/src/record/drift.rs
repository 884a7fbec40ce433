//! What runs beside what was declared.

use serde::Serialize;

use super::Evidence;
use crate::capabilities::Set;
use crate::event::{Container, Detail, Event, Executable, Origin, Task, UserNamespace, VolumeKind};
use crate::known::Known;
use crate::observed::Change;

/// A container, or what entered it, contradicts what was declared.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind")]
#[expect(clippy::large_enum_variant, reason = "drifts are rare, and none waits in number")]
pub enum Drift {
    /// A container is weaker than its Pod declares, so far as that was not told before.
    Contradiction {
        /// Each field with what is declared, what is observed, and between which two it was lost.
        changes: Vec<Change>,
    },
    /// A task that entered from outside runs or uses what the container does not declare. It is nothing that the
    /// container is, so that the observed Pod stays as it is.
    Injected {
        /// What it did.
        event: Event,
        /// What was declared, in a line.
        declared: String,
        /// What was observed, in a line.
        observed: String,
    },
}

impl Drift {
    /// Whether an event is one. What cannot be known is none.
    pub fn of_injected(event: &Event, container: &Container) -> Option<Self> {
        let is_foreign = match &event.detail {
            Detail::Exec { .. } => runs_foreign(&event.executable),
            // In a user namespace that it made a task has every capability, which gives it nothing outside.
            Detail::CapabilityUse {
                user_namespace: Known::Known(UserNamespace::Child) | Known::Unknown,
                ..
            } => false,
            Detail::CapabilityUse { capability, .. } => {
                let used: Set = capability.as_ref().known().map(|name| &**name).into_iter().collect();
                let allowed = container.capabilities.allowed.as_ref().known();
                allowed.is_some_and(|allowed| !allowed.contains(used))
            }
            Detail::Socket(_) | Detail::FactsChange(_) => false,
        };
        (is_foreign && event.task == Known::Known(Task::Injected)).then(|| {
            let Evidence { declared, observed, .. } = Evidence::of(event, container);
            Self::Injected { event: event.clone(), declared, observed }
        })
    }
}

/// A script shows its interpreter as the executable: either may be foreign.
fn runs_foreign(executable: &Executable) -> bool {
    let script = executable.script.as_ref().map(|script| &script.origin);
    [Some(&executable.origin), script].into_iter().flatten().any(is_foreign)
}

/// Neither of the image nor of a volume that was declared. A volume that is a tmpfs is what no declared one explains.
fn is_foreign(origin: &Origin) -> bool {
    match origin {
        Origin::Upper | Origin::Memfd | Origin::Deleted | Origin::Host => true,
        Origin::Volume(kind) => *kind == Known::Known(VolumeKind::TMPFS),
        Origin::Image | Origin::CopiedUp | Origin::Unknown => false,
    }
}

#[cfg(test)]
mod tests;
