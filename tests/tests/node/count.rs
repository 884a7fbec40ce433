//! Every exec, fork and exit is seen, at the rate that this machine can cause.

use anyhow::{Result, ensure};
use tempfile::TempDir;
use tests::agent::Agent;
use tests::scene::Scene;
use tests::storm::{Caused, Execs};

crate::theme![
    every_exec_of_one_executable_is_seen,
    every_exec_of_its_own_executable_is_seen,
    storm_outside_containers_is_filtered,
];

const EXECS: u64 = 20_000;

fn every_exec_of_one_executable_is_seen() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let caused = storm(&scene, false)?;
    agree(&agent, &caused)?;
    let executables = agent.settled("executable")?;
    ensure!(executables.lost == 0 && executables.of_interest() == caused.execs, "{executables:?}");
    ensure!(
        executables.submitted + executables.over_budget <= 2 * caused.distinct,
        "one executable a worker was reported again and again: {executables:?}"
    );
    agent.stop().map(drop)
}

fn every_exec_of_its_own_executable_is_seen() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let caused = storm(&scene, true)?;
    ensure!(caused.distinct == EXECS, "the storm made {} files, not {EXECS}", caused.distinct);
    agree(&agent, &caused)?;
    let executables = agent.settled("executable")?;
    ensure!(executables.lost == 0 && executables.of_interest() == caused.execs, "{executables:?}");
    ensure!(executables.deduplicated == 0, "files taken for one another: {executables:?}");
    agent.stop().map(drop)
}

/// A new group may turn out to be a container's; once it is known for none, its events stay in the kernel.
fn storm_outside_containers_is_filtered() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let folder = TempDir::new_in("/dev/shm")?;
    let group = scene.subtree.path().join("system.slice/storm.service");
    tests::cgroup::make(&group)?;
    agent.wait_until("filtering what is outside of containers", |agent| {
        let before = agent.settled("exec")?;
        let caused = Execs::new(&group, folder.path(), 200).run()?;
        let after = agent.settled("exec")?;
        ensure!(after.delivered == 0, "judged outside of containers: {after:?}");
        Ok(after.submitted == before.submitted && after.filtered >= before.filtered + caused.execs)
    })?;
    agent.stop().map(drop)
}

fn storm(scene: &Scene, distinct: bool) -> Result<Caused> {
    let folder = TempDir::new_in("/dev/shm")?;
    let group = scene.subtree.container()?;
    Execs { distinct, ..Execs::new(group.path(), folder.path(), EXECS) }.run()
}

/// The agent's account of each class is the storm's own count, and nothing was lost or dropped.
fn agree(agent: &Agent, caused: &Caused) -> Result<()> {
    for (class, count) in [("exec", caused.execs), ("fork", caused.forks), ("exit", caused.exits)] {
        let account = agent.settled(class)?;
        account.check()?;
        ensure!(account.of_interest() == count, "{class}: the storm counted {count}: {account:?}");
        ensure!(account.submitted == count, "{class}: not all were submitted: {account:?}");
        ensure!(account.lost == 0 && account.dropped == 0, "{class}: {account:?}");
    }
    Ok(())
}
