//! Execs, as far as the kernel side tells one from another.

use agent_common::denial::{self, Origin as Told};
use policy::{
    Known,
    event::{Ancestry, Args, Detail, Event, Executable, Origin, Script, Task},
};

/// The bits of execs that fail, whatever else they are.
pub(super) fn mask(fails: impl Fn(&Event) -> bool) -> u32 {
    cases().filter(|case| fails(&case.event())).fold(0, |mask, case| mask | case.bit())
}

/// An exec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) injected: bool,
    pub(super) script: bool,
    pub(super) origin: Told,
}

/// All of them.
pub(super) fn cases() -> impl Iterator<Item = Case> {
    let kinds = [(false, false), (false, true), (true, false), (true, true)];
    kinds.into_iter().flat_map(|(injected, script)| {
        Told::ALL.into_iter().map(move |origin| Case { injected, script, origin })
    })
}

impl Case {
    pub(super) fn bit(self) -> u32 {
        denial::bit(self.injected, self.script, self.origin)
    }

    /// What policies see of it: all that the kernel side cannot tell is Unknown.
    pub(super) fn event(self) -> Event {
        let script = Script { path: Known::Unknown, origin: Origin::Unknown };
        Event {
            task: Known::Known(task(self.injected)),
            executable: Executable {
                path: Known::Unknown,
                origin: seen(self.origin),
                script: self.script.then_some(script),
            },
            ancestry: Ancestry::default(),
            uid: Known::Unknown,
            gid: Known::Unknown,
            detail: Detail::Exec { args: Args::default() },
        }
    }
}

pub(super) fn task(injected: bool) -> Task {
    if injected { Task::Injected } else { Task::Container }
}

/// The origin that policies see.
pub(super) fn seen(origin: Told) -> Origin {
    match origin {
        Told::Image => Origin::Image,
        Told::Upper => Origin::Upper,
        Told::Volume => Origin::Volume(Known::Unknown),
        Told::Memfd => Origin::Memfd,
        Told::Deleted => Origin::Deleted,
    }
}
