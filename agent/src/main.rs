//! `plumb-agent`.

use std::{io::IsTerminal, process::ExitCode};

use agent::{
    cli::{Cli, ProbeFormat, StatusFormat, Verb},
    explain, hooks,
    load::{node::Node, pins},
    run, status,
};
use clap::Parser;
use tracing_subscriber::EnvFilter;

/// The C library's keeps what is freed between what is not: after ten thousand containers came, half of the memory.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// An input, a policy or a setting could not be read.
const UNREADABLE: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    match act(&cli.verb) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("plumb-agent: {error:#}");
            ExitCode::from(UNREADABLE)
        }
    }
}

fn act(verb: &Verb) -> anyhow::Result<ExitCode> {
    match verb {
        Verb::Run(arguments) => run::run(arguments).map(|()| ExitCode::SUCCESS),
        Verb::Probe { format, place } => {
            let findings = hooks::probe(&Node::read(place.cgroup_root.as_deref())?)?;
            match format {
                ProbeFormat::Text => print!("{}", hooks::table(&findings)),
                ProbeFormat::Json => println!("{}", serde_json::to_string_pretty(&findings)?),
            }
            Ok(ExitCode::SUCCESS)
        }
        Verb::Status { listen, output: StatusFormat::Text } => status::status(*listen),
        Verb::Status { listen, output: StatusFormat::Json } => status::json(*listen),
        Verb::ExplainConnect(arguments) => explain::explain(arguments),
        Verb::Detach => {
            pins::disarm()?;
            let removed = pins::remove()?;
            if removed.is_empty() {
                println!("nothing is pinned");
            }
            for path in removed {
                println!("removed {}", path.display());
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}
