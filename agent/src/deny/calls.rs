//! Calls on sockets, as far as the kernel side tells one from another.

use agent_common::denial::{self, Call as Told};
use policy::{
    Known,
    event::{Ancestry, Detail, Event, EventKind, Executable, Family, Origin, Script, Socket, SocketCall},
};

use super::execs::task;

/// The kinds of event that a hook can refuse. Nobody asks before a connection from outside is established, and what
/// listens was bound before.
pub(super) const KINDS: [EventKind; 4] =
    [EventKind::Connect, EventKind::SendTo, EventKind::Bind, EventKind::RawSocket];

/// The kinds of event for which a task is killed where no hook refused: there is a task that asked.
pub(super) const KILLED: [EventKind; 5] =
    [EventKind::Connect, EventKind::SendTo, EventKind::Bind, EventKind::RawSocket, EventKind::Listen];

/// All bits of calls to peers that NetworkPolicies do not allow.
pub(super) fn not_permitted() -> u32 {
    let is_one = |case: &Case| matches!(case.call, Told::ConnectNotPermitted | Told::SendToNotPermitted);
    cases().filter(is_one).fold(0, |mask, case| mask | case.bit())
}

/// The bits of calls that fail, whatever else they are, by whichever program.
pub(super) fn mask(fails: impl Fn(&Event) -> bool) -> u32 {
    cases().filter(|case| case.events().iter().all(&fails)).fold(0, |mask, case| mask | case.bit())
}

/// A call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) injected: bool,
    pub(super) family: Family,
    pub(super) call: Told,
}

/// All of them.
pub(super) fn cases() -> impl Iterator<Item = Case> {
    let kinds = [(false, Family::IPv4), (false, Family::IPv6), (true, Family::IPv4), (true, Family::IPv6)];
    kinds
        .into_iter()
        .flat_map(|(injected, family)| Told::ALL.into_iter().map(move |call| Case { injected, family, call }))
}

impl Case {
    pub(super) fn bit(self) -> u32 {
        denial::bit_of_call(self.injected, self.family == Family::IPv6, self.call)
    }

    /// What policies see of it.
    fn socket(self) -> Socket {
        let call = match self.call {
            Told::Connect | Told::ConnectNotPermitted => SocketCall::Connect,
            Told::SendTo | Told::SendToNotPermitted => SocketCall::SendTo,
            Told::Bind => SocketCall::Bind,
            Told::RawSocket => SocketCall::RawSocket,
        };
        let is_not_permitted = matches!(self.call, Told::ConnectNotPermitted | Told::SendToNotPermitted);
        let permitted = if is_not_permitted { Known::Known(false) } else { Known::Unknown };
        // Of a raw socket no address is seen, and so no family.
        let family = if call == SocketCall::RawSocket { Known::Unknown } else { Known::Known(self.family) };
        Socket { family, permitted, ..Socket::unknown(call) }
    }

    /// The kernel side knows nothing of the program, so that all else is Unknown, and there may be a script.
    fn events(self) -> [Event; 2] {
        let script = Script { path: Known::Unknown, origin: Origin::Unknown };
        [None, Some(script)].map(|script| Event {
            task: Known::Known(task(self.injected)),
            executable: Executable { path: Known::Unknown, origin: Origin::Unknown, script },
            ancestry: Ancestry::default(),
            uid: Known::Unknown,
            gid: Known::Unknown,
            detail: Detail::Socket(self.socket()),
        })
    }

    /// In a few words: `Connect, where no NetworkPolicy allows it`.
    pub(super) fn words(self) -> &'static str {
        match self.call {
            Told::Connect => "Connect",
            Told::ConnectNotPermitted => "Connect that no NetworkPolicy allows",
            Told::SendTo => "SendTo",
            Told::SendToNotPermitted => "SendTo that no NetworkPolicy allows",
            Told::Bind => "Bind",
            Told::RawSocket => "RawSocket",
        }
    }
}

#[cfg(test)]
mod tests;
