//! An event as the kernel showed it, owned, so that it can wait for what is not known of it yet.

use std::net::IpAddr;

use agent_common::{
    counter::Class,
    event::{self as abi, FileId, flag},
};
use policy::{
    Known, Text,
    event::{
        Ancestor, Ancestry, Args, Detail, Event, Executable, Family, Local, Origin, Peer, Protocol, Script,
        Socket, SocketCall, Task, UserNamespace,
    },
};

use super::processes::{ANCESTORS_MAX, Processes};
use crate::{decode, judge::Key, origin::Facts};

/// What the kernel side did about an event, by its own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Nothing,
    /// It killed the task before the program ran, or refused the call.
    Denied,
    /// It killed the task for what it had done.
    Killed,
    /// One of these, had the agent enforced at that moment.
    WouldHave,
}

/// An event without what has to be found out of its program.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Nanoseconds of CLOCK_BOOTTIME.
    pub time: u64,
    pub class: Class,
    pub cgroup: u64,
    pub pid: u32,
    pub task: Task,
    /// Whether it is the second record of an exec whose first one is judged, or waits to be.
    pub twin: bool,
    pub file: FileId,
    pub key: Key,
    /// The path from the container's root, as bytes, where that is known.
    pub path: Option<Vec<u8>>,
    /// What was typed, if the executable is an interpreter.
    pub typed: Option<Vec<u8>>,
    pub facts: Facts,
    /// The origin of a program that ran before; an exec's is found out.
    pub origin: Option<Origin>,
    /// What the kernel side did about it.
    pub done: Done,
    shown: Known<Text>,
    detail: Detail,
    ancestry: Ancestry,
    uid: u32,
    gid: u32,
}

/// Who did something, and when.
#[derive(Clone, Copy)]
struct By {
    header: abi::Header,
    task: abi::Task,
    uid: u32,
    gid: u32,
}

impl Seen {
    /// `whole` is the exec's path, if all of it is known; `is_container_root` whether the file's superblock is that of
    /// the container's root, if that is known.
    pub fn of(
        exec: &decode::Exec<'_>,
        whole: Option<Vec<u8>>,
        class: Class,
        key: Key,
        is_container_root: Option<bool>,
        processes: &Processes,
    ) -> Self {
        let header = exec.fixed.header;
        Self {
            time: header.time,
            class,
            cgroup: header.cgroup,
            pid: header.pid,
            task: task(exec.task),
            twin: false,
            file: exec.fixed.file,
            key,
            shown: whole.as_deref().map_or(Known::Unknown, |path| Text::from_bytes(path).into()),
            // A task that changed its root sees another path than the container.
            path: whole.filter(|_| !exec.is(flag::CHROOT) && !exec.is(flag::UNREACHABLE)),
            typed: exec.is(flag::INTERPRETER).then(|| exec.filename.to_vec()),
            facts: facts(exec, is_container_root),
            origin: None,
            done: match (exec.is(flag::DENIED), exec.is(flag::WOULD_DENY)) {
                (true, _) => Done::Denied,
                (false, true) => Done::WouldHave,
                (false, false) => Done::Nothing,
            },
            detail: Detail::Exec { args: args(exec) },
            ancestry: ancestry(processes, header.pid),
            uid: exec.fixed.uid,
            gid: exec.fixed.gid,
        }
    }

    /// A capability that a running program used.
    pub fn of_capability(used: &decode::CapabilityUse, key: Key, processes: &Processes) -> Self {
        let abi::CapabilityUse { header, uid, gid, unattributable, killed, would_kill, .. } = used.fixed;
        let capability =
            if unattributable == 0 { Known::Known(used.capability.into()) } else { Known::Unknown };
        let detail =
            Detail::CapabilityUse { capability, user_namespace: user_namespace(used.user_namespace).into() };
        let done = match (killed, would_kill) {
            (0, 0) => Done::Nothing,
            (0, _) => Done::WouldHave,
            _ => Done::Killed,
        };
        let by = By { header, task: used.task, uid, gid };
        Self { done, ..Self::of_running(&by, Class::Capability, key, detail, processes) }
    }

    /// A call on sockets that a running program made. Of a connection that came from outside nobody did.
    pub fn of_socket(used: &decode::SocketUse, key: Key, processes: &Processes) -> Self {
        let abi::SocketUse { header, uid, gid, denied, would_deny, .. } = used.fixed;
        let done = match (denied, would_deny) {
            (0, 0) => Done::Nothing,
            (0, _) => Done::WouldHave,
            _ => Done::Denied,
        };
        let by = By { header, task: used.task, uid, gid };
        let detail = Detail::Socket(socket(used));
        Self { done, ..Self::of_running(&by, class_of(used.call), key, detail, processes) }
    }

    /// What a program did that had been executed before, as far as that is known.
    fn of_running(by: &By, class: Class, key: Key, detail: Detail, processes: &Processes) -> Self {
        let By { header, task: whose, uid, gid } = *by;
        let program = processes.running(header.pid);
        let (shown, origin) = program.map_or((Known::Unknown, Origin::Unknown), |program| {
            (program.path.clone(), program.origin.clone())
        });
        Self {
            time: header.time,
            class,
            cgroup: header.cgroup,
            pid: header.pid,
            task: task(whose),
            twin: false,
            file: FileId::default(),
            key,
            path: None,
            typed: None,
            facts: Facts::default(),
            origin: Some(origin),
            done: Done::Nothing,
            shown,
            detail,
            ancestry: ancestry(processes, header.pid),
            uid,
            gid,
        }
    }

    /// How much memory it takes while it waits, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let text = |text: &Known<Text>| text.as_ref().known().map_or(0, |text| text.as_bytes().len());
        let paths = self.path.as_ref().map_or(0, Vec::len) + self.typed.as_ref().map_or(0, Vec::len);
        let args: usize = match &self.detail {
            Detail::Exec { args } => args.0.iter().map(|arg| 48 + text(arg)).sum(),
            Detail::CapabilityUse { .. } | Detail::Socket(_) | Detail::FactsChange(_) => 0,
        };
        size_of::<Self>() + paths + text(&self.shown) + args + 128 * self.ancestry.0.len()
    }

    /// What policies see.
    #[must_use]
    pub fn event(self, origin: Origin, script: Option<Script>) -> Event {
        // No process has number 0: nobody is seen doing it.
        let id = |id| if self.pid == 0 { Known::Unknown } else { Known::Known(id) };
        Event {
            task: Known::Known(self.task),
            executable: Executable { path: self.shown, origin, script },
            ancestry: self.ancestry,
            uid: id(self.uid),
            gid: id(self.gid),
            detail: self.detail,
        }
    }
}

/// The class that the kernel side counts a call in.
pub(crate) fn class_of(call: abi::SocketCall) -> Class {
    match call {
        abi::SocketCall::Listen | abi::SocketCall::Accept => Class::Tcp,
        abi::SocketCall::Connect
        | abi::SocketCall::SendTo
        | abi::SocketCall::Reply
        | abi::SocketCall::Bind
        | abi::SocketCall::RawSocket => Class::Socket,
    }
}

fn socket(used: &decode::SocketUse) -> Socket {
    let abi::SocketUse { address, local, port, protocol, .. } = used.fixed;
    let ip = |bytes: abi::IpBytes| IpAddr::from(bytes).to_canonical();
    let (address, port) = (ip(address), Known::Known(port));
    let call = call_of(used.call);
    let has_address = call != SocketCall::RawSocket;
    // The port of who connects, or asked, is of no meaning, and another each time.
    let is_accepted = call == SocketCall::Accept;
    let is_asker = is_accepted || used.call == abi::SocketCall::Reply;
    Socket {
        call,
        protocol: Protocol(protocol).into(),
        family: if has_address { Family::from(address).into() } else { Known::Unknown },
        local: Local { ip: if is_accepted { ip(local) } else { address }.into(), port },
        peer: Peer {
            ip: address.into(),
            port: if is_asker { Known::Unknown } else { port },
            pod: Known::Unknown,
            namespace: Known::Unknown,
        },
        permitted: Known::Unknown,
        policies: Vec::new(),
    }
}

fn call_of(call: abi::SocketCall) -> SocketCall {
    match call {
        abi::SocketCall::Connect => SocketCall::Connect,
        abi::SocketCall::SendTo | abi::SocketCall::Reply => SocketCall::SendTo,
        abi::SocketCall::Bind => SocketCall::Bind,
        abi::SocketCall::Listen => SocketCall::Listen,
        abi::SocketCall::Accept => SocketCall::Accept,
        abi::SocketCall::RawSocket => SocketCall::RawSocket,
    }
}

fn task(task: abi::Task) -> Task {
    match task {
        abi::Task::Container => Task::Container,
        abi::Task::Injected => Task::Injected,
        abi::Task::Runtime => Task::Runtime,
    }
}

fn user_namespace(of: abi::UserNamespace) -> UserNamespace {
    match of {
        abi::UserNamespace::Container => UserNamespace::Container,
        abi::UserNamespace::Ancestor => UserNamespace::Ancestor,
        abi::UserNamespace::Child => UserNamespace::Child,
    }
}

/// What the kernel tells of the file.
pub(crate) fn facts(exec: &decode::Exec<'_>, container_root: Option<bool>) -> Facts {
    Facts {
        magic: exec.fixed.magic,
        overlay: exec.is(flag::OVERLAY),
        upper: exec.is(flag::UPPER),
        numlower: exec.fixed.lower_count,
        nlink: exec.fixed.links,
        same_superblock_as_root: exec.is(flag::ROOT_SUPERBLOCK),
        same_mount_as_root: exec.is(flag::ROOT_MOUNT),
        container_root,
        in_node_mount_namespace: exec.is(flag::NODE_MOUNT_NAMESPACE),
        detached_root_dentry: exec.is(flag::DETACHED),
    }
}

/// A cut argument is Unknown, and so are those left out, together.
fn args(exec: &decode::Exec<'_>) -> Args {
    let (kept, cut) = exec.arguments();
    let mut args: Vec<Known<Text>> = kept.map(|arg| Text::from_bytes(arg).into()).collect();
    if cut {
        // The last one that was kept is the one that was cut.
        args.pop();
        args.push(Known::Unknown);
    }
    Args(args)
}

pub(crate) fn ancestry(processes: &Processes, pid: u32) -> Ancestry {
    let mut ancestry: Vec<Ancestor> = processes.ancestors(pid).cloned().collect();
    // At the bound the line may go on.
    if ancestry.len() == ANCESTORS_MAX && ancestry.last() != Some(&Ancestor::UNKNOWN) {
        ancestry.push(Ancestor::UNKNOWN);
    }
    Ancestry(ancestry)
}

#[cfg(test)]
mod tests;
