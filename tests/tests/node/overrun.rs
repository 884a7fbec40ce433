//! A ring that is too small loses events, and every loss is counted.

use anyhow::{Result, ensure};
use tempfile::TempDir;
use tests::records::text;
use tests::scene::Scene;
use tests::storm::Execs;

crate::theme![overrun_ring_counts_every_loss];

const EXECS: u64 = 20_000;

fn overrun_ring_counts_every_loss() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&["--ring-bytes", "65536"])?;
    let folder = TempDir::new_in("/dev/shm")?;
    let group = scene.subtree.container()?;
    // Long arguments make the events large, so that few fit.
    let storm = Execs::new(group.path(), folder.path(), EXECS);
    let caused = Execs { workers: 4, distinct: true, args_bytes: 4_096, ..storm }.run()?;
    let mut lost = 0;
    for (class, count) in [("exec", caused.execs), ("fork", caused.forks), ("exit", caused.exits)] {
        let account = agent.settled(class)?;
        account.check()?;
        ensure!(account.of_interest() == count, "{class}: the storm counted {count}: {account:?}");
        lost += account.lost;
    }
    agent.settled("executable")?.check()?;
    ensure!(lost > 0, "the ring did not overrun: this test showed nothing");
    let records = agent.stop()?;
    let gaps: u64 = records
        .iter()
        .filter(|record| text(record, "/kind") == Some("Gap"))
        .filter_map(|gap| text(gap, "/gap/lost")?.parse::<u64>().ok())
        .sum();
    ensure!(gaps >= lost, "{lost} events were lost, gap records tell of {gaps}");
    Ok(())
}
