//! `cargo xtask bench node`: what the agent costs on this machine, held against the budgets.
//!
//! Arms that are compared run interleaved in one process, and every figure is one that was measured in this run.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;

mod allocated;
mod churn;
mod connect;
mod cpu;
mod denial;
mod empty;
mod latency;
mod looks;
mod memory;
mod network;
mod programs;
mod redis;
mod storm;
mod table;

use table::Table;

#[derive(Debug, Parser)]
#[command(about = "Measures the agent on this machine and prints a table")]
struct Options {
    /// A tenth of the work: to see that the bench runs, not for figures
    #[arg(long)]
    quick: bool,
    /// Writes the table to this file, too
    #[arg(long)]
    write: Option<PathBuf>,
    /// Only these parts: storm, redis, memory, churn, cpu, latency, looks, programs, connect, denial, network
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

/// How much work each part does.
#[derive(Debug, Clone, Copy)]
struct Amount {
    rounds: usize,
    storm_execs: u64,
    redis_requests: u64,
    containers: u64,
    execs_each: u64,
    seconds: u64,
    alerts: usize,
    denials: u64,
    looks: u64,
    connections: u64,
    pods: usize,
}

const FULL: Amount = Amount {
    rounds: 30,
    storm_execs: 30_000,
    redis_requests: 200_000,
    containers: 10_000,
    execs_each: 100,
    seconds: 30,
    alerts: 500,
    denials: 1_000_000,
    looks: 1_000,
    connections: 20_000,
    pods: 50_000,
};

const QUICK: Amount = Amount {
    rounds: 3,
    storm_execs: 5_000,
    redis_requests: 20_000,
    containers: 1_000,
    execs_each: 10,
    seconds: 3,
    alerts: 200,
    denials: 20_000,
    looks: 100,
    connections: 2_000,
    pods: 5_000,
};

type Part = (&'static str, fn(&Amount, &mut Table) -> Result<()>);

const PARTS: [Part; 11] = [
    ("storm", storm::measure),
    ("redis", redis::measure),
    ("memory", memory::measure),
    ("churn", churn::measure),
    ("cpu", cpu::measure),
    ("latency", latency::measure),
    ("looks", looks::measure),
    ("programs", programs::measure),
    ("connect", connect::measure),
    ("denial", denial::measure),
    ("network", network::measure),
];

fn main() -> Result<()> {
    let options = Options::parse();
    let amount = if options.quick { QUICK } else { FULL };
    let mut table = Table::new(options.quick)?;
    for (name, measure) in PARTS {
        if options.only.is_empty() || options.only.iter().any(|only| only == name) {
            eprintln!("bench: {name}");
            measure(&amount, &mut table).with_context(|| format!("measure {name}"))?;
        }
    }
    let text = table.to_string();
    print!("{text}");
    if let Some(file) = &options.write {
        fs::write(file, text).with_context(|| format!("write {}", file.display()))?;
    }
    Ok(())
}
