//! The network of a run's Pods: a namespace that stands for their node's, and from there a pair of interfaces into that of
//! each Pod, as simple network plugins do it. Nothing leaves it, and it enforces no NetworkPolicy.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail};

use crate::sh::Cmd;

/// The node, as the Pods name it.
pub(crate) const NODE: &str = "worker";
/// Its address, from a range for documentation (RFC 5737).
pub(crate) const NODE_ADDRESS: &str = "192.0.2.1";

/// Sends on what Pods send each other, and ends with its standard input, so that nothing outlives the run.
const HOLD: &str = "echo 1 > /proc/sys/net/ipv4/ip_forward && echo ready && read _";

/// A namespace, for as long as the process in it lives.
#[derive(Debug)]
pub(crate) struct Network {
    holder: Child,
}

impl Network {
    /// Makes the node's. `folder` is how what a run left behind is told.
    pub(crate) fn make(folder: &Path) -> Result<Self> {
        let hold = Cmd::new("busybox").args(["unshare", "-n", "busybox", "sh", "-c", HOLD]).arg(folder);
        let mut hold = hold.into_inner();
        let holder = hold.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut network = Self { holder: holder.context("cannot start busybox")? };
        let output = network.holder.stdout.take().context("it has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).context("cannot read what it says")?;
        if line.trim() != "ready" {
            bail!("cannot make a network; what busybox wrote is above");
        }
        Ok(network)
    }

    /// Gives a container that was made and not yet started its addresses, and joins it to the node.
    pub(crate) fn join(&self, pid: u32, addresses: &[&str]) -> Result<()> {
        let node = self.holder.id();
        // A name has fifteen bytes at most.
        let pair = format!("pod{pid}");
        let each = |line: &str| addresses.iter().map(|at| line.replace("ADDRESS", at)).collect::<String>();
        let made = format!(
            "set -e\n\
             busybox ip link add eth0 type veth\n\
             busybox ip link set veth0 name {pair}\n\
             busybox ip link set {pair} netns {node}\n"
        );
        inside(pid, &(made + &each("busybox ip address add ADDRESS/32 dev eth0\n")))?;
        let routes = each(&format!("busybox ip route add ADDRESS dev {pair}\n"));
        inside(
            node,
            &format!(
                "set -e\n\
                 busybox ip address add {NODE_ADDRESS}/32 dev {pair}\n\
                 busybox ip link set {pair} up\n{routes}"
            ),
        )?;
        inside(
            pid,
            &format!(
                "set -e\n\
                 busybox ip link set eth0 up\n\
                 busybox ip route add {NODE_ADDRESS} dev eth0\n\
                 busybox ip route add default via {NODE_ADDRESS}\n"
            ),
        )
    }

    /// Asks for a page from the node, with the program of an image.
    pub(crate) fn probe(&self, image: &Path, at: &str) -> Result<()> {
        inside(self.holder.id(), &format!("exec {} reach {at}", image.join("bin/sample").display()))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // Nothing is left to try: a kill that fails means that it is gone.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Runs lines of a shell in the network of a process.
fn inside(pid: u32, lines: &str) -> Result<()> {
    let enter = Cmd::new("busybox").args(["nsenter", "-t", &pid.to_string(), "-n"]);
    enter.args(["busybox", "sh", "-c", lines]).run_quietly()
}
