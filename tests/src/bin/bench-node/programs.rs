//! Nanoseconds a run of each program, as the kernel's own statistics say, with nothing denied and with denial on.

use anyhow::Result;
use tempfile::TempDir;
use tests::kernel::{self, RunStatistics};
use tests::scene::Scene;
use tests::storm::Execs;

use crate::Amount;
use crate::denial::POLICY;
use crate::table::Table;

/// Groups made, so that the program that sees them made runs often enough, too.
const GROUPS: usize = 500;

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    arm(&scene, "denial off", &[], amount, table)?;
    // The storm's programs are in no layer of an image, so every one is held against the mask and none is killed.
    scene.write_policy("deny.yaml", POLICY)?;
    arm(&scene, "denial on", &["--enforce"], amount, table)
}

fn arm(scene: &Scene, name: &str, arguments: &[&str], amount: &Amount, table: &mut Table) -> Result<()> {
    let before = kernel::objects()?;
    let agent = scene.agent(arguments)?;
    let clock = RunStatistics::enable()?;
    let mut group = scene.subtree.container()?;
    for _ in 0..GROUPS {
        group = scene.subtree.container()?;
    }
    let folder = TempDir::new_in("/dev/shm")?;
    let storm = Execs::new(group.path(), folder.path(), amount.storm_execs);
    Execs { distinct: true, ..storm }.run()?;
    let programs = kernel::since(&before, "prog")?;
    drop(clock);
    for program in programs {
        let program_name = program["name"].as_str().unwrap_or("?");
        let (time, runs) = (program["run_time_ns"].as_u64(), program["run_cnt"].as_u64());
        // A program that did not run in the storm has neither.
        if let (Some(time), Some(runs @ 1..)) = (time, runs) {
            let what = format!("program `{program_name}`, {name}");
            table.inform(what, format!("{} ns a run ({runs} runs)", time / runs));
        }
    }
    agent.stop().map(drop)?;
    scene.detach().map(drop)
}
