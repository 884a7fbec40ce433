use std::os::unix::net::{UnixListener, UnixStream};

use super::*;

const HEAD: &str = "Num       RefCount Protocol Flags    Type St Inode Path\n";

fn node(sockets: &str) -> tempfile::TempDir {
    let node = tempfile::tempdir().unwrap();
    fs::create_dir_all(node.path().join("2/net")).unwrap();
    fs::write(node.path().join("2/net/unix"), sockets).unwrap();
    node
}

fn found(node: &tempfile::TempDir) -> Option<bool> {
    are_there(node.path(), node.path())
}

#[test]
fn what_is_installed_or_configured_is_there() {
    for folder in FOLDERS {
        let node = node(HEAD);
        let folder = node.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(found(&node), Some(false), "an empty folder");
        fs::write(folder.join("10-device-injector"), "").unwrap();
        assert_eq!(found(&node), Some(true));
    }
}

/// A runtime listens by default; only who is connected has a say.
#[test]
fn what_is_connected_is_there_and_who_only_listens_is_none() {
    let listens = "ffff: 00000002 00000000 00010000 0001 01 70 /run/nri/nri.sock\n";
    let is_connected = "ffff: 00000003 00000000 00000000 0001 03 71 /var/run/nri/nri.sock\n";
    let other = "ffff: 00000003 00000000 00000000 0001 03 72 /run/dbus/nri.sock\n";
    assert_eq!(found(&node(&[HEAD, listens, other].concat())), Some(false));
    assert_eq!(found(&node(&[HEAD, listens, is_connected].concat())), Some(true));
}

#[test]
fn without_a_list_of_sockets_or_a_folder_that_reads_it_cannot_be_told() {
    let node = node(HEAD);
    fs::create_dir_all(node.path().join("etc/nri")).unwrap();
    fs::write(node.path().join("etc/nri/conf.d"), "").unwrap();
    assert_eq!(found(&node), None, "no folder");
    assert_eq!(found(&tempfile::tempdir().unwrap()), None);
}

#[test]
fn the_kernel_names_a_connection_by_the_socket_that_listens() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("nri")).unwrap();
    let path = folder.path().join("nri/nri.sock");
    let of_it = || {
        let sockets = fs::read("/proc/self/net/unix").unwrap();
        let name = path.to_str().unwrap().as_bytes().to_vec();
        let lines = sockets.split(|byte| *byte == b'\n').filter(move |line| line.ends_with(&name));
        lines.flat_map(|line| [line, b"\n"].concat()).collect::<Vec<_>>()
    };
    let listener = UnixListener::bind(&path).unwrap();
    assert!(!of_it().is_empty() && !are_connected(&of_it()));
    let (_client, _server) = (UnixStream::connect(&path).unwrap(), listener.accept().unwrap());
    assert!(are_connected(&of_it()));
}
