//! Ten thousand containers, and a fork bomb in one of them.

use anyhow::{Result, ensure};
use tests::agent::Agent;
use tests::records::{container_id, path};
use tests::scene::Scene;
use tests::storm;

crate::theme![ten_thousand_groups_leave_the_agent_ready, fork_bomb_is_counted_exactly];

/// The budget for a moment of stress.
const PEAK_BYTES: u64 = 64 * 1024 * 1024;

fn ten_thousand_groups_leave_the_agent_ready() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    for _ in 0..10_000 {
        scene.subtree.container()?;
    }
    let account = agent.settled("cgroup")?;
    account.check()?;
    ensure!(account.of_interest() >= 10_000, "{account:?}");
    ensure!(account.lost == 0, "a group that is not known is a container that is not seen: {account:?}");
    within_budget(&agent)?;
    // The ten thousand and first is seen as the first was.
    let container = scene.container()?;
    container.sample(&["drop", "/tmp/dropped"])?;
    let id = container.group.container_id.clone();
    agent.record("seeing the newest container", |record| {
        container_id(record) == Some(&id) && path(record) == Some("/tmp/dropped")
    })?;
    agent.stop().map(drop)
}

fn fork_bomb_is_counted_exactly() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let group = scene.subtree.container()?;
    let caused = storm::fork_bomb(group.path(), 5_000, 2)?;
    ensure!(caused.forks >= 5_000, "the bomb never reached its limit: {caused:?}");
    for (class, count) in [("fork", caused.forks), ("exit", caused.exits)] {
        let account = agent.settled(class)?;
        account.check()?;
        ensure!(account.of_interest() == count, "{class}: the bomb counted {count}: {account:?}");
    }
    within_budget(&agent)?;
    agent.stop().map(drop)
}

fn within_budget(agent: &Agent) -> Result<()> {
    ensure!(agent.ready()?, "not ready; its log:\n{}", agent.log()?);
    let resident = tests::machine::resident_bytes(agent.pid())?;
    ensure!(resident <= PEAK_BYTES, "{resident} bytes resident");
    Ok(())
}
