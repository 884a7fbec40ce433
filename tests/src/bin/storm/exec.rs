//! The exec storm: starts the workers together, adds up their counts.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use nix::sched::{CloneFlags, unshare};
use serde_json::json;

use crate::worker::Count;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The group in the unified hierarchy that the workers join
    #[arg(long)]
    cgroup: PathBuf,
    /// How many execs in all
    #[arg(long)]
    execs: u64,
    /// How many processes run them; each has one thread, so that no file is held open for writing at an exec
    #[arg(long, default_value_t = 2)]
    workers: u64,
    /// Makes every exec one of a new file
    #[arg(long)]
    distinct: bool,
    /// How many bytes of arguments each program gets
    #[arg(long, default_value_t = 0)]
    args_bytes: usize,
    /// Execs a second in all, if not as many as the machine can
    #[arg(long)]
    per_second: Option<u64>,
    /// Where the programs are written, and what they see as their root
    #[arg(long)]
    dir: PathBuf,
}

/// `exits` is `forks` and the workers themselves, who joined after their own fork and exec.
pub(crate) fn run(options: &Options) -> Result<()> {
    // As a container's, the workers' mount namespace is not the node's, and they share it.
    unshare(CloneFlags::CLONE_NEWNS).context("unshare the mount namespace")?;
    let workers = options.workers.clamp(1, options.execs.max(1));
    let mut children =
        (0..workers).map(|number| start(options, number, workers)).collect::<Result<Vec<_>>>()?;
    for child in &mut children {
        wait_ready(child)?;
    }
    let begin = Instant::now();
    for child in &mut children {
        child.stdin.take().context("a worker without standard input")?.write_all(b"\n")?;
    }
    let mut total = Count::default();
    for child in &mut children {
        total = total + finish(child)?;
    }
    let seconds = begin.elapsed().as_secs_f64();
    let result = json!({
        "execs": total.execs.to_string(),
        "forks": total.forks.to_string(),
        "exits": (total.forks + workers).to_string(),
        "distinct": total.distinct.to_string(),
        "workers": workers,
        "seconds": seconds,
        "perSecond": total.execs as f64 / seconds,
    });
    println!("{result}");
    Ok(())
}

fn start(options: &Options, number: u64, workers: u64) -> Result<Child> {
    let share = options.execs / workers + u64::from(number < options.execs % workers);
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["worker", "--cgroup"]).arg(&options.cgroup).arg("--dir").arg(&options.dir);
    command.arg(format!("--number={number}")).arg(format!("--execs={share}"));
    command.arg(format!("--args-bytes={}", options.args_bytes));
    if let Some(per_second) = options.per_second {
        command.arg(format!("--apart-nanoseconds={}", workers * 1_000_000_000 / per_second.max(1)));
    }
    if options.distinct {
        command.arg("--distinct");
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("start a worker")
}

/// A worker writes one line when it is in the group and ready.
fn wait_ready(child: &mut Child) -> Result<()> {
    let mut line = [0; 1];
    let output = child.stdout.as_mut().context("a worker without standard output")?;
    output.read_exact(&mut line).context("a worker ended before it was ready")
}

fn finish(child: &mut Child) -> Result<Count> {
    let mut text = String::new();
    child.stdout.take().context("a worker without standard output")?.read_to_string(&mut text)?;
    let status = child.wait()?;
    if !status.success() {
        bail!("a worker ended with {status}: the count is not known");
    }
    Count::parse(&text)
}
