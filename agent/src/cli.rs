//! What `plumb-agent` is told on its command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

/// The Plumbline node agent: sees what containers execute and holds it against policies.
///
/// Exit status: 0 clean, 1 a check failed, 2 an input or setting could not be read.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Watch this node's containers until stopped (SIGINT or SIGTERM)
    Run(Run),
    /// Ask the running kernel which hooks it gives, without watching anything
    Probe {
        #[arg(long, value_enum, default_value_t = ProbeFormat::Text)]
        format: ProbeFormat,
        #[command(flatten)]
        place: Place,
    },
    /// Ask a running agent how it is: readiness, what it saw, what was lost
    Status {
        /// Where the agent listens
        #[arg(long, value_name = "ADDR", default_value = DEFAULT_LISTEN)]
        listen: SocketAddr,
        /// What it tells: counts, or what is denied in each container, which it tells on this machine only
        #[arg(long, value_enum, default_value_t = StatusFormat::Text)]
        output: StatusFormat,
    },
    /// Remove what an agent left pinned in the kernel
    ///
    /// Only an agent that was run with --enforce leaves anything: denials go on without it until this ends them.
    Detach,
    /// Tell whether NetworkPolicies allow a connection, and why: which select the Pod, and what each rule says
    ExplainConnect(crate::explain::Explain),
}

/// Nothing listens there by the IANA registry, and it is not the node exporter's.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:9469";

/// What is given twice counts as given last, so that a wrapper's defaults can be overridden.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Run {
    /// Folder of policies, read with its subfolders; files named tests.yaml are passed over
    #[arg(long, value_name = "DIR")]
    pub policies: PathBuf,
    /// Folder with the declared Pods and their controllers (YAML or JSON), read again when it changes
    #[arg(long, value_name = "DIR")]
    pub declarations: PathBuf,
    /// Where records go: a file, which gets JSON lines, or - for standard output; may be given several times
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub output: Vec<PathBuf>,
    /// The form of standard output [default: text on a terminal, json in a pipe]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Where /metrics, /healthz and /readyz are served
    #[arg(long, value_name = "ADDR", default_value = DEFAULT_LISTEN)]
    pub listen: SocketAddr,
    /// The name that records give this node [default: the host's name]
    #[arg(long, value_name = "NAME")]
    pub node_name: Option<String>,
    /// Let policies whose action is Block stop what they are about, where this kernel can; it goes on when the agent
    /// stops, until `plumb-agent detach`
    #[arg(long)]
    pub enforce: bool,
    /// Where the container runtime listens for CRI, to be asked which image a container was made from [default: containerd's
    /// or CRI-O's own]
    #[arg(long, value_name = "FILE")]
    pub cri_socket: Option<PathBuf>,
    /// Size of each of the two rings, in bytes: a power of two, a page at least
    #[arg(long, value_name = "BYTES", value_parser = ring_bytes)]
    pub ring_bytes: Option<u32>,
    #[command(flatten)]
    pub place: Place,
}

/// Where to look.
#[derive(Debug, clap::Args)]
pub struct Place {
    /// Only containers below this cgroup are watched [default: the root of the cgroup v2 hierarchy]
    #[arg(long, value_name = "DIR")]
    pub cgroup_root: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One record a line
    Json,
    /// Alerts as a person reads them
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    Json,
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProbeFormat {
    Json,
    Text,
}

/// `BPF_MAP_TYPE_RINGBUF` wants a power of two and whole pages (kernel/bpf/ringbuf.c).
fn ring_bytes(text: &str) -> Result<u32, String> {
    let bytes: u32 = text.parse().map_err(|error| format!("{error}"))?;
    if bytes >= 4096 && bytes.is_power_of_two() {
        Ok(bytes)
    } else {
        Err("a ring's size is a power of two and at least 4096".to_owned())
    }
}

#[cfg(test)]
mod tests;
