//! What the agent holds after ten thousand containers and a million execs.

use anyhow::{Context, Result};
use tempfile::TempDir;
use tests::cgroup::ContainerGroup;
use tests::scene::Scene;
use tests::storm::Execs;
use tests::{kernel, machine};

use crate::Amount;
use crate::table::{Table, mebibytes};

const STEADY: u64 = 48 << 20;
const PEAK: u64 = 64 << 20;
/// How much more after the second half of the execs still counts as flat.
const FLAT: f64 = 1.05;

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let before = kernel::objects()?;
    let agent = scene.agent(&[])?;
    let at_start = machine::resident_bytes(agent.pid())?;
    let measured = format!("{} (maps: {})", mebibytes(at_start), mebibytes(maps(&before)?));
    table.inform("memory, resident at start", measured);
    let groups = (0..amount.containers).map(|_| scene.subtree.container()).collect::<Result<Vec<_>>>()?;
    let half = execs(&groups, amount.execs_each / 2)?;
    let early = machine::resident_bytes(agent.pid())?;
    let all = half + execs(&groups, amount.execs_each / 2)?;
    let account = agent.settled("exec")?;
    let last = machine::resident_bytes(agent.pid())?;
    // Maps that are not preallocated grow with what is in them.
    let maps = maps(&before)?;
    let after = format!("after {all} execs in {} containers", amount.containers);
    table.judge(format!("memory, resident {after}"), mebibytes(last), "at most 48 MiB", last <= STEADY);
    // The rings' pages are the process's too, and mapped twice at that: they count once, as maps.
    let both = last - machine::mapped_bytes(agent.pid(), "anon_inode:bpf-map")? + maps;
    let measured = format!("{} (maps: {})", mebibytes(both), mebibytes(maps));
    table.judge(format!("memory, with maps, {after}"), measured, "at most 48 MiB", both <= STEADY);
    let peak = machine::peak_resident_bytes(agent.pid())?;
    table.judge("memory, peak of resident", mebibytes(peak), "at most 64 MiB", peak <= PEAK);
    let growth = last as f64 / early as f64;
    let flat = format!("{growth:.3} of that after half of them");
    table.judge("memory, flat", flat, "at most 1.050", growth <= FLAT);
    table.judge("memory, execs lost meanwhile", account.lost.to_string(), "0", account.lost == 0);
    agent.stop().map(drop)
}

/// Causes `each` execs in each of `groups`.
fn execs(groups: &[ContainerGroup], each: u64) -> Result<u64> {
    let folder = TempDir::new_in("/dev/shm")?;
    groups.iter().map(|group| Ok(Execs::new(group.path(), folder.path(), each).run()?.execs)).sum()
}

/// What the kernel charges for the agent's maps.
fn maps(before: &std::collections::BTreeSet<(&'static str, u64)>) -> Result<u64> {
    let maps = kernel::since(before, "map")?;
    maps.iter().map(|map| map["bytes_memlock"].as_u64().with_context(|| format!("no size in {map}"))).sum()
}
