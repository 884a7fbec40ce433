//! `plumb-agent explain-connect`: whether NetworkPolicies allow a connection, and why, from a folder of objects.

mod folder;
mod json;
mod words;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::ValueEnum;
use policy::network::{Cluster, Direction, Explanation, Name, Protocol, Question, Verdict, canonical};

/// What is asked.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Explain {
    /// Folder with NetworkPolicies, Pods, Namespaces, Services, EndpointSlices and Nodes (YAML or JSON)
    ///
    /// What `kubectl get -A -o yaml` gives of these kinds is one. Without Nodes, an address that no object has may be
    /// anyone's, and what depends on that is unknown.
    #[arg(long, value_name = "DIR")]
    pub declarations: PathBuf,
    /// The Pod's namespace
    #[arg(long, value_name = "NS", default_value = "default")]
    pub namespace: String,
    /// The Pod
    #[arg(long)]
    pub pod: String,
    /// Whether the peer may connect to the Pod, instead of the Pod to the peer
    #[arg(long)]
    pub ingress: bool,
    /// The other side: an address, or a Pod or (for what the Pod connects to) a Service as namespace/name
    #[arg(long, value_name = "ADDR|NS/NAME")]
    pub peer: String,
    /// The port that is connected to: the peer's, or with --ingress the Pod's own
    #[arg(long, value_name = "PORT", value_parser = port)]
    pub port: u16,
    /// The protocol
    #[arg(long, value_enum, default_value_t = ProtocolWord::Tcp, ignore_case = true)]
    pub protocol: ProtocolWord,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = Form::Text)]
    pub output: Form,
}

const EXAMPLES: &str = "Exit status: 0 allowed, or it cannot be known; 1 denied; 2 something could not be read.

Examples:
  May web-0 connect to the Service db, port 5432? Whoever is behind it is judged:
    plumb-agent explain-connect --declarations objects --namespace shop --pod web-0 --peer shop/db --port 5432

  May 10.1.2.3 connect to db-0?
    plumb-agent explain-connect --declarations objects --namespace shop --pod db-0 --ingress --peer 10.1.2.3 --port 5432

  In a script:
    plumb-agent explain-connect ... --output json | jq -r .verdict

Where the objects come from:
  kubectl get -A -o yaml networkpolicies,pods,namespaces,services,endpointslices,nodes > objects/all.yaml";

/// A number, since which one a name stands for is each Pod's own.
fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
        "a port is a number from 1 to 65535; what a name stands for is in the Pod's `ports`".to_owned()
    })
}

/// A protocol, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
#[expect(missing_docs, reason = "the protocols' own names")]
pub enum ProtocolWord {
    Tcp,
    Udp,
    Sctp,
}

impl From<ProtocolWord> for Protocol {
    fn from(word: ProtocolWord) -> Self {
        match word {
            ProtocolWord::Tcp => Self::Tcp,
            ProtocolWord::Udp => Self::Udp,
            ProtocolWord::Sctp => Self::Sctp,
        }
    }
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// As a person reads it
    Text,
    /// One object
    Json,
}

/// Answers on standard output; what could not be read is told on standard error.
///
/// # Errors
/// If the folder cannot be read, or who is asked about is not in it.
pub fn explain(arguments: &Explain) -> anyhow::Result<ExitCode> {
    let (cluster, mistakes) = folder::read(&arguments.declarations)
        .with_context(|| format!("cannot read {}", arguments.declarations.display()))?;
    for mistake in &mistakes {
        eprintln!("plumb-agent: {mistake}");
    }
    let (question, explanation) = ask(&cluster, arguments)?;
    match arguments.output {
        Form::Text => print!("{}", words::text(&name(arguments), &question, &explanation)),
        Form::Json => {
            let name = name(arguments);
            let told = json::Told::new(&name, &question, &explanation, &mistakes);
            println!("{}", serde_json::to_string_pretty(&told)?);
        }
    }
    Ok(match explanation.answer.verdict() {
        _ if !mistakes.is_empty() => ExitCode::from(2),
        Verdict::Denied => ExitCode::from(1),
        Verdict::Allowed | Verdict::Unknown => ExitCode::SUCCESS,
    })
}

fn name(arguments: &Explain) -> Name {
    Name::new(&arguments.namespace, &arguments.pod)
}

fn ask(cluster: &Cluster, arguments: &Explain) -> anyhow::Result<(Question, Explanation)> {
    let name = name(arguments);
    let pod = cluster
        .find(&name)
        .with_context(|| format!("the Pod {name} is not declared{}", meant(cluster.nearest(&name, false))))?;
    let direction = if arguments.ingress { Direction::Ingress } else { Direction::Egress };
    let peer = peer(cluster, &arguments.peer, direction)?;
    let question = Question { direction, peer, port: arguments.port, protocol: arguments.protocol.into() };
    Ok((question, cluster.explain(pod, &question)))
}

/// The address of a peer: a named one's first.
fn peer(cluster: &Cluster, text: &str, direction: Direction) -> anyhow::Result<IpAddr> {
    if let Ok(address) = text.parse() {
        return Ok(canonical(address));
    }
    if text.parse::<SocketAddr>().is_ok() {
        bail!("the peer `{text}` has a port, which is to be given as --port");
    }
    let Some((namespace, name)) = text.split_once('/') else {
        bail!("the peer `{text}` is neither an address nor a namespace/name");
    };
    if namespace.parse::<IpAddr>().is_ok() {
        bail!("the peer `{text}` is a range; ask about one address of it");
    }
    named(cluster, &Name::new(namespace, name), direction)
}

fn named(cluster: &Cluster, name: &Name, direction: Direction) -> anyhow::Result<IpAddr> {
    let pod = cluster.find(name).and_then(|id| cluster.pod(id));
    let is_egress = direction == Direction::Egress;
    let service = cluster.service(name).filter(|_| is_egress);
    let addresses = match (pod, service) {
        (Some(_), Some(_)) => bail!("{name} is a Pod and a Service; name the peer by its address"),
        (Some(pod), None) => &pod.addresses,
        (None, Some(service)) => &service.cluster_addresses,
        (None, None) => {
            let nearest = meant(cluster.nearest(name, is_egress));
            bail!("no Pod{} {name} is declared{nearest}", service_too(direction))
        }
    };
    addresses.first().copied().with_context(|| format!("{name} has no address"))
}

fn meant(nearest: Option<&Name>) -> String {
    nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default()
}

fn service_too(direction: Direction) -> &'static str {
    match direction {
        Direction::Egress => " and no Service",
        Direction::Ingress => "",
    }
}

#[cfg(test)]
mod tests;
