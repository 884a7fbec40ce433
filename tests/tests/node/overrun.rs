//! A ring that is too small loses events, and every loss is counted.

use anyhow::{Result, ensure};
use tempfile::TempDir;
use tests::records::text;
use tests::scene::Scene;
use tests::storm::Execs;

crate::theme![overrun_ring_counts_every_loss];

const EXECS: u64 = 10_000;

/// Two storms: through one the reader is stopped, so that the ring must overrun; in the other it races.
fn overrun_ring_counts_every_loss() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&["--ring-bytes", "65536"])?;
    let folder = TempDir::new_in("/dev/shm")?;
    let group = scene.subtree.container()?;
    // Long arguments make the events large, so that few fit.
    let storm = Execs::new(group.path(), folder.path(), EXECS);
    let storm = Execs { workers: 4, distinct: true, args_bytes: 4_096, ..storm };
    agent.pause()?;
    let unread = storm.run();
    agent.resume()?;
    let (unread, raced) = (unread?, storm.run()?);
    let (execs, forks, exits) =
        (unread.execs + raced.execs, unread.forks + raced.forks, unread.exits + raced.exits);
    let mut lost = Vec::new();
    for (class, count) in [("exec", execs), ("fork", forks), ("exit", exits)] {
        let account = agent.settled(class)?;
        account.check()?;
        ensure!(account.of_interest() == count, "{class}: the storm counted {count}: {account:?}");
        lost.push((class, account.lost));
    }
    agent.settled("executable")?.check()?;
    ensure!(lost.iter().any(|(_, lost)| *lost > 0), "the ring did not overrun: this test showed nothing");
    let records = agent.stop()?;
    for (class, lost) in lost {
        let gaps: u64 = records
            .iter()
            .filter(|record| {
                text(record, "/kind") == Some("Gap") && text(record, "/gap/class") == Some(class)
            })
            .filter_map(|gap| text(gap, "/gap/lost")?.parse::<u64>().ok())
            .sum();
        ensure!(gaps == lost, "{class}: {lost} events were lost, gap records tell of {gaps}");
    }
    Ok(())
}
