use agent_common::event as kernel;

use super::*;
use crate::{judge::Judge, observe::processes::Step};

const POLICIES: &[policy::set::Source] = &[];

fn seen(fixed: kernel::Exec, path: &[u8], arguments: &[u8], processes: &Processes) -> Seen {
    let header = kernel::Header { kind: kernel::Kind::Exec as u16, pid: 9, ..fixed.header };
    let fixed = kernel::Exec {
        header,
        path_length: path.len() as u16,
        arguments_length: arguments.len() as u16,
        arguments_total: fixed.arguments_total.max(arguments.len() as u32),
        ..fixed
    };
    let record = [bytemuck::bytes_of(&fixed), path, arguments].concat();
    let Ok(decode::Event::Exec(exec)) = decode::decode(&record) else { panic!("not an exec") };
    Seen::of(&exec, exec.whole_path(), Class::Exec, key(), None, processes)
}

fn key() -> Key {
    let (policies, _) = policy::PolicySet::compile(POLICIES);
    let node = policy::event::Node { name: String::new(), labels: Known::Unknown, kernel: String::new() };
    Judge::new(policies, node, policy::capabilities::Set::default()).key(0_u8)
}

fn texts(args: &[Known<Text>]) -> Vec<Option<&str>> {
    args.iter().map(|arg| arg.as_ref().known().map(Text::as_str)).collect()
}

fn event(seen: Seen) -> Event {
    seen.event(Origin::Image, None)
}

#[test]
fn truncated_path_is_unknown() {
    let fixed = kernel::Exec { flags: flag::PATH_TRUNCATED, ..kernel::Exec::default() };
    let seen = seen(fixed, b"leaf\0", b"", &Processes::default());
    assert_eq!(seen.path, None);
    assert_eq!(event(seen).executable.path, Known::Unknown);
}

#[test]
fn path_of_a_task_that_changed_its_root_is_shown_and_not_looked_up() {
    let fixed = kernel::Exec { flags: flag::CHROOT, ..kernel::Exec::default() };
    let seen = seen(fixed, b"sh\0", b"", &Processes::default());
    assert_eq!(seen.path, None);
    assert_eq!(event(seen).executable.path, Known::Known(Text::from("/sh")));
}

fn args(seen: Seen) -> Vec<Known<Text>> {
    match event(seen).detail {
        Detail::Exec { args: Args(args) } => args,
        other => panic!("{other:?} is no exec"),
    }
}

#[test]
fn cut_argument_is_unknown_and_stands_for_those_left_out() {
    let fixed = kernel::Exec { arguments_total: 5000, ..kernel::Exec::default() };
    let seen = seen(fixed, b"sh\0", b"sh\0-c\0lon", &Processes::default());
    assert_eq!(texts(&args(seen)), [Some("sh"), Some("-c"), None]);
}

#[test]
fn arguments_that_could_not_be_read_are_one_unknown() {
    let fixed = kernel::Exec { arguments_total: 12, ..kernel::Exec::default() };
    let seen = seen(fixed, b"sh\0", b"", &Processes::default());
    assert_eq!(texts(&args(seen)), [None]);
}

#[test]
fn ancestry_that_was_cut_ends_in_an_unknown() {
    let mut processes = Processes::default();
    for depth in 0..=ANCESTORS_MAX {
        let path = Text::from(format!("/{depth}").as_str()).into();
        let step = Step { cgroup: 1, pid: 9, parent: 0, time: depth as u64, first: depth == 0 };
        processes.exec(step, std::sync::Arc::new(Ancestor { path, origin: Origin::Image }));
    }
    let Ancestry(ancestry) = event(seen(kernel::Exec::default(), b"sh\0", b"", &processes)).ancestry;
    assert_eq!(ancestry.len(), ANCESTORS_MAX + 1);
    assert_eq!(ancestry.last(), Some(&Ancestor::UNKNOWN));
}

#[test]
fn capability_use_is_that_of_the_running_program_and_unknown_where_it_cannot_be_told() {
    let mut processes = Processes::default();
    let tool = Ancestor { path: Known::Known(Text::from("/bin/tool")), origin: Origin::Image };
    processes.exec(Step { cgroup: 1, pid: 9, parent: 0, time: 1, first: true }, std::sync::Arc::new(tool));
    let mut fixed = kernel::CapabilityUse { capability: 12, uid: 7, ..kernel::CapabilityUse::default() };
    fixed.header.pid = 9;
    let mut used = decode::CapabilityUse {
        fixed,
        task: kernel::Task::Injected,
        capability: "NET_ADMIN",
        user_namespace: kernel::UserNamespace::Ancestor,
    };
    let found = event(Seen::of_capability(&used, key(), &processes));
    assert_eq!(found.executable.path, Known::Known(Text::from("/bin/tool")));
    assert_eq!((found.task, found.uid), (Known::Known(Task::Injected), Known::Known(7)));
    let capability = |name: Known<&'static str>| Detail::CapabilityUse {
        capability: name.map(Into::into),
        user_namespace: Known::Known(UserNamespace::Ancestor),
    };
    assert_eq!(found.detail, capability(Known::Known("NET_ADMIN")));

    used.fixed.unattributable = 1;
    used.fixed.header.pid = 10;
    let found = event(Seen::of_capability(&used, key(), &processes));
    assert_eq!(found.detail, capability(Known::Unknown));
    assert_eq!(found.executable.path, Known::Unknown, "nobody saw what that process runs");
}

fn socket(call: kernel::SocketCall, pid: u32) -> Event {
    let header = kernel::Header { kind: kernel::Kind::SocketUse as u16, pid, ..kernel::Header::default() };
    let mapped = |last| [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, last];
    let fixed = kernel::SocketUse {
        header,
        address: mapped(7),
        local: mapped(1),
        port: 80,
        protocol: 6,
        call: call as u8,
        ..Default::default()
    };
    let Ok(decode::Event::SocketUse(used)) = decode::decode(bytemuck::bytes_of(&fixed)) else {
        panic!("no call on a socket")
    };
    event(Seen::of_socket(&used, key(), &Processes::default()))
}

fn shown(event: &Event) -> serde_json::Value {
    match &event.detail {
        Detail::Socket(socket) => serde_json::to_value(socket).unwrap(),
        other => panic!("{other:?} is no call on a socket"),
    }
}

#[test]
fn an_address_is_the_peers_or_the_sockets_own_by_what_is_called() {
    let of = |call| shown(&socket(call, 9));
    let peer = serde_json::json!({"ip": "10.0.0.7", "port": 80, "pod": null, "namespace": null});
    let own = serde_json::json!({"ip": "10.0.0.7", "port": 80});
    for call in [kernel::SocketCall::Connect, kernel::SocketCall::SendTo] {
        assert_eq!((&of(call)["peer"], of(call).get("local")), (&peer, None), "{call:?}");
    }
    for call in [kernel::SocketCall::Bind, kernel::SocketCall::Listen] {
        assert_eq!((&of(call)["local"], of(call).get("peer")), (&own, None), "{call:?}");
    }
    assert_eq!(of(kernel::SocketCall::Connect)["family"], "IPv4", "it goes over the wire as such");
    assert_eq!(of(kernel::SocketCall::RawSocket)["family"], serde_json::Value::Null);
}

#[test]
fn who_is_sent_what_may_be_an_answer_has_no_port() {
    let shown = shown(&socket(kernel::SocketCall::Reply, 9));
    let peer = serde_json::json!({"ip": "10.0.0.7", "port": null, "pod": null, "namespace": null});
    assert_eq!((&shown["peer"], shown.get("local")), (&peer, None));
}

#[test]
fn a_connection_that_came_from_outside_is_nobodys_call() {
    let accepted = socket(kernel::SocketCall::Accept, 0);
    let shown = shown(&accepted);
    assert_eq!(shown["local"], serde_json::json!({"ip": "10.0.0.1", "port": 80}));
    assert_eq!(
        (&shown["peer"]["ip"], &shown["peer"]["port"]),
        (&"10.0.0.7".into(), &serde_json::Value::Null)
    );
    assert_eq!((accepted.uid, accepted.gid), (Known::Unknown, Known::Unknown));
    assert_eq!(accepted.executable.path, Known::Unknown);
}
