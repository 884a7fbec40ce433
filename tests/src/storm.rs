//! The storm program, run to its end, and the count that it kept.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::machine;

/// What a storm caused inside its group.
#[derive(Debug, Clone)]
pub struct Caused {
    pub execs: u64,
    pub forks: u64,
    pub exits: u64,
    /// Files told apart by inode number and time of change.
    pub distinct: u64,
    pub seconds: f64,
}

/// What an exec storm does.
#[derive(Debug, Clone, Copy)]
pub struct Execs<'a> {
    pub group: &'a Path,
    /// Where the programs are written. On tmpfs inode numbers are not used again.
    pub dir: &'a Path,
    pub execs: u64,
    pub workers: u64,
    pub distinct: bool,
    pub args_bytes: usize,
    /// Execs a second, if not as many as the machine can.
    pub per_second: Option<u64>,
}

impl<'a> Execs<'a> {
    /// A storm of two processes, of one executable each, as fast as the machine can.
    pub fn new(group: &'a Path, dir: &'a Path, execs: u64) -> Self {
        Self { group, dir, execs, workers: 2, distinct: false, args_bytes: 0, per_second: None }
    }

    /// Runs the storm.
    pub fn run(&self) -> Result<Caused> {
        let Self { group, dir, execs, workers, distinct, args_bytes, per_second } = *self;
        let mut arguments =
            vec!["exec".to_owned(), format!("--execs={execs}"), format!("--workers={workers}")];
        arguments.push(format!("--args-bytes={args_bytes}"));
        arguments.push(format!("--cgroup={}", group.display()));
        arguments.push(format!("--dir={}", dir.display()));
        if distinct {
            arguments.push("--distinct".to_owned());
        }
        if let Some(per_second) = per_second {
            arguments.push(format!("--per-second={per_second}"));
        }
        let result = run(&arguments)?;
        Ok(Caused {
            execs: number(&result, "execs")?,
            forks: number(&result, "forks")?,
            exits: number(&result, "exits")?,
            distinct: number(&result, "distinct")?,
            seconds: seconds(&result)?,
        })
    }
}

/// Runs a fork bomb in `group` under `pids_max` for `seconds` seconds.
pub fn fork_bomb(group: &Path, pids_max: u32, length: u64) -> Result<Caused> {
    let result = run(&[
        "forkbomb".to_owned(),
        format!("--cgroup={}", group.display()),
        format!("--pids-max={pids_max}"),
        format!("--seconds={length}"),
    ])?;
    if result["exact"] != true {
        bail!("the bomb had to be killed, so its count is not exact: {result}");
    }
    Ok(Caused {
        execs: 0,
        forks: number(&result, "forks")?,
        exits: number(&result, "exits")?,
        distinct: 0,
        seconds: seconds(&result)?,
    })
}

fn run(arguments: &[String]) -> Result<Value> {
    let output = machine::beside("storm")?.args(arguments).output().context("run storm")?;
    if !output.status.success() {
        bail!("storm: {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).context("read what storm counted")
}

fn number(result: &Value, name: &str) -> Result<u64> {
    let text = result[name].as_str().with_context(|| format!("storm did not count {name}"))?;
    text.parse().with_context(|| format!("storm counted {text:?} {name}"))
}

fn seconds(result: &Value) -> Result<f64> {
    result["seconds"].as_f64().context("storm did not say how long it took")
}
