//! What became of an event and how often it came, and what is denied where.

use agent_common::counter::Class;
use policy::{
    Enforcement, Kill, Known,
    event::{Detail, Event, Task},
};

use super::{Pipeline, keys::identity_of_capability};
use crate::{
    deny::Status,
    observe::seen::{Done, Seen},
    respond::Target,
};

/// What the kernel side did about an event, as it says itself.
pub(super) fn enforcement(seen: &Seen) -> Enforcement {
    match seen.done {
        Done::Denied => Enforcement::Stopped,
        Done::Killed => Enforcement::Answered(Kill::Killed),
        Done::WouldHave => Enforcement::Off,
        Done::Nothing => Enforcement::WentOn,
    }
}

/// What NetworkPolicies forbid of a call that went on. The kernel side has them as they were then, and refuses what it
/// knows to be forbidden: who was let through is not killed for what is declared by now.
pub(super) fn is_forbidden_by_now(event: &Event) -> bool {
    matches!(&event.detail, Detail::Socket(socket) if socket.permitted == Known::Known(false))
}

impl Pipeline {
    /// Whom it would mean to kill for an event. Nobody where the runtime may be at work: by its mark, and before the
    /// container's first own exec. A connection from outside was nobody's doing.
    pub(super) fn target(&mut self, seen: &Seen) -> Option<Target> {
        let Seen { pid, cgroup, time, .. } = *seen;
        let is_for = match seen.class {
            Class::Exec | Class::Executable => true,
            // Where the kernel's own questions cannot be told from a task's, it may not have meant to use it.
            Class::Capability => self.identity.denials().tell_uses(),
            Class::Socket => true,
            Class::Tcp => pid != 0,
            Class::Fork | Class::Exit | Class::Cgroup => false,
        };
        let is_own = seen.task != Task::Runtime && self.identity.has_begun(cgroup);
        (is_for && is_own).then_some(Target { pid, cgroup, time })
    }

    /// Takes over how often the kernel saw capabilities used.
    pub(super) fn count_capabilities(&mut self) {
        let now = self.clock.now();
        for used in self.identity.capabilities() {
            let key = self.judge.key(identity_of_capability(used));
            self.judge.counted(used.cgroup, key, now, || self.identity.capability_uses(used));
        }
    }

    /// What is denied where, with the kernel side in this mode.
    pub fn status(&mut self, enforcing: bool) -> Status {
        let running = self.identity.running();
        self.identity.denials().status(enforcing, &running)
    }
}
