//! The addresses of the node's own interfaces, which objects need not tell: a bridge's, from which the kubelet probes,
//! or a second network card's.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use policy::network::{Here, canonical};
use tracing::warn;

use crate::load::node::{self, Node};

#[cfg(test)]
mod tests;

/// A node with ten thousand routes lists them in 1 MiB.
const MOST_BYTES: u64 = 8 << 20;

/// Where they are read: `/proc/PID/net` of a process in the node's network needs no privilege and no entering of it.
#[derive(Debug)]
pub struct Interfaces {
    node: Box<str>,
    proc: PathBuf,
    /// Inode number of the node's network namespace, if that is known.
    network: Option<u32>,
    last: Mutex<Last>,
}

/// How it went the last time.
#[derive(Debug, Default)]
struct Last {
    process: Option<String>,
    failed: bool,
}

impl Interfaces {
    /// Of the node by that name, which its Pods know it by.
    #[must_use]
    pub fn of(node: &Node, name: &str) -> Self {
        Self::below(Path::new("/proc"), node.namespaces.network, name)
    }

    /// The same, of the processes below a folder such as `/proc`.
    pub(super) fn below(proc: &Path, network: Option<u32>, name: &str) -> Self {
        Self { node: name.into(), proc: proc.to_owned(), network, last: Mutex::default() }
    }

    /// What they are now. That they cannot be read is said once.
    pub fn read(&self) -> Here {
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let read = self.addresses(&mut last.process);
        if let (Err(error), false) = (&read, last.failed) {
            warn!(%error, "cannot read the addresses of the node's interfaces: what is permitted of its own and of others' addresses is Unknown");
        }
        last.failed = read.is_err();
        Here { node: self.node.clone(), addresses: read.ok() }
    }

    fn addresses(&self, process: &mut Option<String>) -> io::Result<BTreeSet<IpAddr>> {
        let pid = match process.take().filter(|pid| self.is_in_network(pid)) {
            Some(pid) => pid,
            None => self.process()?,
        };
        let net = self.proc.join(&pid).join("net");
        let mut addresses = ipv4(&text(&net.join("fib_trie"))?);
        match text(&net.join("if_inet6")) {
            Ok(listed) => addresses.extend(ipv6(&listed)),
            // The kernel was built or started without IPv6.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        // The number may have become another process's meanwhile.
        if !self.is_in_network(&pid) {
            return Err(io::Error::other(format!("process {pid} has gone")));
        }
        *process = Some(pid);
        Ok(addresses)
    }

    /// A process in the node's network: this one or pid 1, else whichever is.
    fn process(&self) -> io::Result<String> {
        let first = ["self", "1", "2"].map(str::to_owned).into_iter();
        let listed = fs::read_dir(&self.proc)?.flatten();
        let others = listed.filter_map(|entry| entry.file_name().into_string().ok());
        let others = others.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
        first
            .chain(others)
            .find(|pid| self.is_in_network(pid))
            .ok_or_else(|| io::Error::other("no process shows the node's network"))
    }

    fn is_in_network(&self, pid: &str) -> bool {
        let link = self.proc.join(pid).join("ns/net");
        self.network.is_some() && node::namespace(&link.to_string_lossy()).ok() == self.network
    }
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if read as u64 > MOST_BYTES {
        return Err(io::Error::other(format!("{} is too long", path.display())));
    }
    Ok(text)
}

/// `/proc/net/fib_trie` (net/ipv4/fib_trie.c, `fib_trie_seq_show`): an address, and below it its prefixes with their
/// scopes and types. A local one of a whole address is an interface's.
fn ipv4(trie: &str) -> BTreeSet<IpAddr> {
    let mut address = None;
    let mut found = BTreeSet::new();
    for line in trie.lines().map(str::trim_start) {
        if let Some(leaf) = line.strip_prefix("|-- ") {
            address = leaf.trim_end().parse::<Ipv4Addr>().ok();
        } else if line.trim_end() == "/32 host LOCAL" {
            found.extend(address.map(IpAddr::from));
        }
    }
    found
}

/// `/proc/net/if_inet6` (net/ipv6/addrconf.c, `if6_seq_show`): 32 hexadecimal digits begin a line.
fn ipv6(listed: &str) -> impl Iterator<Item = IpAddr> {
    let digits = listed.lines().filter_map(|line| line.get(..32));
    let bits = digits.filter_map(|digits| u128::from_str_radix(digits, 16).ok());
    bits.map(|bits| canonical(IpAddr::from(Ipv6Addr::from_bits(bits))))
}
