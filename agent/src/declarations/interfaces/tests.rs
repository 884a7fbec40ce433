use std::os::unix::fs::symlink;

use super::*;

const TRIE: &str = "\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.1.0.0/24 2 0 2
        |-- 10.1.0.0
           /24 link UNICAST
           /16 link UNICAST
        |-- 10.1.0.254
           /32 host LOCAL
        |-- 10.1.0.255
           /32 link BROADCAST
     |-- 127.0.0.0
        /8 host LOCAL
     |-- 198.51.100.7
        /32 universe UNICAST
        /32 host LOCAL
     |-- 203.0.113.9
        /32 universe UNICAST
";

const INET6: &str = "\
fd000000000000000000000000000002 04 40 00 82     eth0
fe8000000000000000fc00fffe000001 04 40 20 80     eth0
nonsense
";

/// A process below a made `/proc`, in the network namespace of this number.
fn process(proc: &Path, pid: &str, network: u32, trie: &str) {
    let folder = proc.join(pid);
    fs::create_dir_all(folder.join("ns")).unwrap();
    fs::create_dir_all(folder.join("net")).unwrap();
    symlink(format!("net:[{network}]"), folder.join("ns/net")).unwrap();
    fs::write(folder.join("net/fib_trie"), trie).unwrap();
}

fn addresses(here: &Here) -> Option<Vec<String>> {
    Some(here.addresses.as_ref()?.iter().map(ToString::to_string).collect())
}

#[test]
fn addresses_are_those_of_interfaces_and_not_those_of_routes() {
    let proc = tempfile::tempdir().unwrap();
    process(proc.path(), "1", 7, TRIE);
    fs::write(proc.path().join("1/net/if_inet6"), INET6).unwrap();
    let here = Interfaces::below(proc.path(), Some(7), "n1").read();
    assert_eq!(&*here.node, "n1");
    assert_eq!(addresses(&here).unwrap(), ["10.1.0.254", "198.51.100.7", "fd00::2", "fe80::fc:ff:fe00:1"]);
}

/// Guards against a container's interfaces taken for the node's, where a number is used again.
#[test]
fn they_are_read_of_a_process_in_the_nodes_network() {
    let proc = tempfile::tempdir().unwrap();
    process(proc.path(), "1", 6, "|-- 192.0.2.1\n/32 host LOCAL\n");
    process(proc.path(), "400", 7, TRIE);
    let interfaces = Interfaces::below(proc.path(), Some(7), "n1");
    assert_eq!(addresses(&interfaces.read()).unwrap(), ["10.1.0.254", "198.51.100.7"], "without IPv6");
    fs::remove_dir_all(proc.path().join("400")).unwrap();
    process(proc.path(), "400", 8, "|-- 192.0.2.2\n/32 host LOCAL\n");
    process(proc.path(), "500", 7, "|-- 192.0.2.3\n/32 host LOCAL\n");
    assert_eq!(addresses(&interfaces.read()).unwrap(), ["192.0.2.3"]);
}

#[test]
fn what_cannot_be_read_is_unknown() {
    let proc = tempfile::tempdir().unwrap();
    assert_eq!(addresses(&Interfaces::below(proc.path(), Some(7), "n1").read()), None, "no process");
    process(proc.path(), "1", 7, TRIE);
    assert_eq!(addresses(&Interfaces::below(proc.path(), None, "n1").read()), None, "no known network");
    fs::remove_file(proc.path().join("1/net/fib_trie")).unwrap();
    assert_eq!(addresses(&Interfaces::below(proc.path(), Some(7), "n1").read()), None, "no list");
    assert_eq!(addresses(&Interfaces::below(Path::new("/nonexistent"), Some(7), "n1").read()), None);
}
