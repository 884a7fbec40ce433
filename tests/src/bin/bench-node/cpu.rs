//! What the agent's user space takes of a processor at a steady rate of records.

use std::fs;

use anyhow::{Context, Result};
use nix::unistd::{SysconfVar, sysconf};
use tempfile::TempDir;
use tests::scene::Scene;
use tests::storm::Execs;

use crate::Amount;
use crate::table::Table;

/// The rate that the budget names.
const RECORDS_A_SECOND: u64 = 1_100;
const BUDGET: f64 = 0.03;

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let group = scene.subtree.container()?;
    let folder = TempDir::new_in("/dev/shm")?;
    let execs = RECORDS_A_SECOND * amount.seconds;
    let before = processor_seconds(agent.pid())?;
    let storm = Execs::new(group.path(), folder.path(), execs);
    let caused = Execs { distinct: true, per_second: Some(RECORDS_A_SECOND), ..storm }.run()?;
    agent.settled("exec")?;
    let cores = (processor_seconds(agent.pid())? - before) / caused.seconds;
    let records = agent.stop()?.len() as f64 / caused.seconds;
    let what = format!("agent's processor time at {records:.0} records/s");
    table.judge(what, format!("{cores:.3} core"), "at most 0.03 core", cores <= BUDGET);
    Ok(())
}

/// User and system time of a process so far.
fn processor_seconds(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the name in parentheses, which may hold anything; the times are the 14th and the 15th.
    let (_, rest) = stat.rsplit_once(')').context("a stat without a name")?;
    let ticks: u64 =
        rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    let per_second = sysconf(SysconfVar::CLK_TCK)?.context("no clock ticks")?;
    Ok(ticks as f64 / per_second as f64)
}
