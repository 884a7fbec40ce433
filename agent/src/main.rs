//! `plumb-agent`.

use std::{io::IsTerminal, process::ExitCode};

use agent::{
    cli::{Cli, ProbeFormat, Verb},
    hooks,
    load::{Programs, RingSizes, node::Node},
    run, status,
};
use clap::Parser;
use tracing_subscriber::EnvFilter;

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
        Verb::Status { listen } => status::status(*listen),
        Verb::Detach => {
            println!("nothing is pinned: this version only observes, and observers go with their process");
            Ok(ExitCode::SUCCESS)
        }
        Verb::BenchSyscalls => bench_syscalls(),
    }
}

/// Attaches an empty program to each end of every system call, until a signal comes.
fn bench_syscalls() -> anyhow::Result<ExitCode> {
    let mut programs = Programs::load(&Node::read(None)?, RingSizes { lifecycle: 4096, facts: 4096 })?;
    programs.attach_one("empty_sys_enter", "sys_enter")?;
    programs.attach_one("empty_sys_exit", "sys_exit")?;
    eprintln!("attached");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        Ok(ExitCode::SUCCESS)
    })
}
