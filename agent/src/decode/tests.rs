use agent_common::event::{self as abi, flag};
use proptest::prelude::*;

use super::*;

fn record(fixed: abi::Exec, path: &[u8], filename: &[u8], arguments: &[u8]) -> Vec<u8> {
    let fixed = abi::Exec {
        header: abi::Header { kind: abi::Kind::Exec as u16, ..fixed.header },
        path_length: path.len() as u16,
        filename_length: filename.len() as u16,
        arguments_length: arguments.len() as u16,
        ..fixed
    };
    [bytemuck::bytes_of(&fixed), path, filename, arguments].concat()
}

fn exec_of(bytes: &[u8]) -> Exec<'_> {
    match decode(bytes) {
        Ok(Event::Exec(exec)) => exec,
        other => panic!("not an exec: {other:?}"),
    }
}

#[test]
fn path_is_put_together_from_the_leaf_up() {
    let bytes = record(abi::Exec::default(), b"busybox\0bin\0usr\0", b"/usr/bin/busybox\0", b"");
    assert_eq!(exec_of(&bytes).path(), b"/usr/bin/busybox");
    assert_eq!(exec_of(&bytes).filename, b"/usr/bin/busybox");
}

#[test]
fn path_of_the_root_itself_is_a_slash() {
    assert_eq!(exec_of(&record(abi::Exec::default(), b"", b"", b"")).path(), b"/");
}

#[test]
fn truncated_path_is_no_whole_path() {
    let fixed = abi::Exec { flags: flag::PATH_TRUNCATED, ..abi::Exec::default() };
    assert_eq!(exec_of(&record(fixed, b"leaf\0deep\0", b"", b"")).whole_path(), None);
}

#[test]
fn file_that_has_no_place_has_no_path() {
    let fixed = abi::Exec { flags: flag::UNREACHABLE, ..abi::Exec::default() };
    assert_eq!(exec_of(&record(fixed, b"", b"/proc/self/fd/6\0", b"")).whole_path(), None);
}

#[test]
fn arguments_are_split_at_nuls_and_keep_empty_ones() {
    let fixed = abi::Exec { arguments_total: 8, ..abi::Exec::default() };
    let bytes = record(fixed, b"", b"", b"sh\0\0-c\0x");
    let exec = exec_of(&bytes);
    let (arguments, cut) = exec.arguments();
    assert_eq!(arguments.collect::<Vec<_>>(), [&b"sh"[..], b"", b"-c", b"x"]);
    assert!(!cut);
}

#[test]
fn arguments_beyond_the_bound_are_said_to_be_cut() {
    let fixed = abi::Exec { arguments_total: 1 << 20, ..abi::Exec::default() };
    let bytes = record(fixed, b"", b"", b"sh\0");
    assert!(exec_of(&bytes).arguments().1);
}

#[test]
fn lengths_that_pass_the_record_are_refused() {
    let mut bytes = record(abi::Exec::default(), b"sh\0", b"", b"");
    bytes.pop();
    assert_eq!(decode(&bytes), Err(DecodeError::Short(bytes.len())));
}

#[test]
fn kinds_that_do_not_exist_are_refused_by_number() {
    let header = abi::Header { kind: 99, ..abi::Header::default() };
    assert_eq!(decode(bytemuck::bytes_of(&header)), Err(DecodeError::Kind(99)));
    let mut exec = abi::Exec::default();
    exec.header.task = 7;
    assert_eq!(decode(&record(exec, b"", b"", b"")), Err(DecodeError::Task(7)));
}

proptest! {
    #[test]
    fn any_bytes_decode_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2048), kind in 0_u16..8) {
        let mut bytes = bytes;
        if let Some(head) = bytes.get_mut(..2) {
            head.copy_from_slice(&kind.to_ne_bytes());
        }
        if let Ok(Event::Exec(exec) | Event::Executable(exec)) = decode(&bytes) {
            prop_assert!(exec.path().len() <= bytes.len() + 1);
            prop_assert!(exec.arguments().0.map(|argument| argument.len() + 1).sum::<usize>() <= bytes.len() + 1);
        }
    }
}

#[test]
fn capability_use_is_named_and_numbers_that_name_nothing_are_refused() {
    let header = abi::Header { kind: abi::Kind::CapabilityUse as u16, task: 1, ..abi::Header::default() };
    let fixed = abi::CapabilityUse { header, capability: 21, user_namespace: 2, ..Default::default() };
    let Ok(Event::CapabilityUse(used)) = decode(bytemuck::bytes_of(&fixed)) else {
        panic!("a capability use")
    };
    assert_eq!((used.capability, used.task), ("SYS_ADMIN", abi::Task::Injected));
    assert_eq!(used.user_namespace, abi::UserNamespace::Child);
    let of = |fixed: abi::CapabilityUse| decode(bytemuck::bytes_of(&fixed)).map(drop);
    assert_eq!(of(abi::CapabilityUse { capability: 41, ..fixed }), Err(DecodeError::Capability(41)));
    assert_eq!(of(abi::CapabilityUse { user_namespace: 3, ..fixed }), Err(DecodeError::UserNamespace(3)));
    assert_eq!(decode(&bytemuck::bytes_of(&fixed)[..39]), Err(DecodeError::Short(39)));
}

#[test]
fn call_on_a_socket_is_named_and_numbers_that_name_nothing_are_refused() {
    let header = abi::Header { kind: abi::Kind::SocketUse as u16, task: 1, ..abi::Header::default() };
    let fixed = abi::SocketUse { header, call: 5, protocol: 1, ..Default::default() };
    let Ok(Event::SocketUse(used)) = decode(bytemuck::bytes_of(&fixed)) else { panic!("a call on a socket") };
    assert_eq!((used.call, used.task), (abi::SocketCall::RawSocket, abi::Task::Injected));
    let of = |fixed: abi::SocketUse| decode(bytemuck::bytes_of(&fixed)).map(drop);
    assert_eq!(of(abi::SocketUse { call: 7, ..fixed }), Err(DecodeError::SocketCall(7)));
    let header = abi::Header { task: 9, ..header };
    assert_eq!(of(abi::SocketUse { header, ..fixed }), Err(DecodeError::Task(9)));
    assert_eq!(decode(&bytemuck::bytes_of(&fixed)[..71]), Err(DecodeError::Short(71)));
}
