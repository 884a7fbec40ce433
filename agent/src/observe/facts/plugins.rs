//! Plugins of the container runtime (containerd/nri, README.md): each may add mounts to any container, and leaves no trace
//! of that in the specification.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::spec;

#[cfg(test)]
mod tests;

/// Those that the runtime starts itself are in the first, what it tells them in the second.
const FOLDERS: [&str; 2] = ["opt/nri/plugins", "etc/nri/conf.d"];
/// Where others connect to the runtime: `/var/run/nri/nri.sock` by default.
const SOCKET: &[u8] = b"/nri/nri.sock";
/// Processes of the node's own: where an init is guarded, there is kthreadd.
const NODES_OWN: [&str; 2] = ["1", "2"];
/// A list of sockets: 80,000 of them.
const SOCKETS_MAX: u64 = 8 << 20;

/// Whether there are any. None where it cannot be told.
pub(super) fn are_there(node_root: &Path, proc: &Path) -> Option<bool> {
    for folder in FOLDERS {
        match fs::read_dir(node_root.join(folder)) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Some(true);
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(_) => return None,
        }
    }
    let sockets = |process: &str| spec::bounded(&proc.join(process).join("net/unix"), SOCKETS_MAX);
    Some(are_connected(&NODES_OWN.into_iter().find_map(sockets)?))
}

/// Whether the runtime has accepted somebody: the socket that it has for that bears the name of the one that listens
/// (net/unix/af_unix.c, `unix_seq_show`).
fn are_connected(sockets: &[u8]) -> bool {
    let mut of_plugins = sockets.split(|byte| *byte == b'\n').filter(|line| line.ends_with(SOCKET));
    of_plugins.any(|line| {
        // Num RefCount Protocol Flags Type St Inode Path; SS_CONNECTED of include/uapi/linux/net.h is 3.
        let mut fields = line.split(|byte| *byte == b' ').filter(|field| !field.is_empty());
        fields.nth(5) == Some(b"03")
    })
}
