//! What became of an event, and what is denied where.

use policy::Enforcement;

use super::Pipeline;
use crate::{deny::Status, observe::seen::Seen};

/// What the kernel side did about an event, as it says itself.
pub(super) fn enforcement(seen: &Seen) -> Enforcement {
    match (seen.denied, seen.would_deny) {
        (true, _) => Enforcement::Stopped,
        (false, true) => Enforcement::Off,
        (false, false) => Enforcement::WentOn,
    }
}

impl Pipeline {
    /// What is denied where, with the kernel side in this mode.
    pub fn status(&mut self, enforcing: bool) -> Status {
        let running = self.identity.running();
        self.identity.denials().status(enforcing, &running)
    }
}
