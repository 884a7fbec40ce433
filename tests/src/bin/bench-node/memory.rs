//! What the agent holds after ten thousand containers and a million execs.

use anyhow::{Context, Result};
use tempfile::TempDir;
use tests::scene::Scene;
use tests::storm::Execs;
use tests::{kernel, machine};

use crate::Amount;
use crate::table::{Table, mebibytes};

const STEADY: u64 = 48 << 20;
const PEAK: u64 = 64 << 20;
/// How much more than after a tenth of the work still counts as flat.
const FLAT: f64 = 1.10;

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let before = kernel::objects()?;
    let agent = scene.agent(&[])?;
    let maps = maps(&before)?;
    let first = machine::resident_bytes(agent.pid())?;
    let mut early = 0;
    let mut execs = 0;
    let folder = TempDir::new_in("/dev/shm")?;
    for number in 0..amount.containers {
        let group = scene.subtree.container()?;
        execs += Execs::new(group.path(), folder.path(), amount.execs_each).run()?.execs;
        if number == amount.containers / 10 {
            early = machine::resident_bytes(agent.pid())?;
        }
    }
    let account = agent.settled("exec")?;
    let after = format!("after {execs} execs in {} containers", amount.containers);
    let last = machine::resident_bytes(agent.pid())?;
    table.inform("memory, resident at start", mebibytes(first));
    table.judge(format!("memory, resident {after}"), mebibytes(last), "at most 48 MiB", last <= STEADY);
    let both = last + maps;
    let measured = format!("{} (maps: {})", mebibytes(both), mebibytes(maps));
    table.judge(format!("memory, with maps, {after}"), measured, "at most 48 MiB", both <= STEADY);
    let peak = machine::peak_resident_bytes(agent.pid())?;
    table.judge("memory, peak of resident", mebibytes(peak), "at most 64 MiB", peak <= PEAK);
    let growth = last as f64 / early as f64;
    let flat = format!("{growth:.2} of that after a tenth of the work");
    table.judge("memory, flat", flat, "at most 1.10", growth <= FLAT);
    table.judge("memory run, execs lost", account.lost.to_string(), "0", account.lost == 0);
    agent.stop().map(drop)
}

/// What the kernel charges for the agent's maps.
fn maps(before: &std::collections::BTreeSet<(&'static str, u64)>) -> Result<u64> {
    let maps = kernel::since(before, "map")?;
    maps.iter().map(|map| map["bytes_memlock"].as_u64().with_context(|| format!("no size in {map}"))).sum()
}
