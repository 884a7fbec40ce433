//! Containers made and removed: what the agent holds of those that are gone, and whether it still tells them apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chdir, chroot};
use serde_json::Value;
use tempfile::TempDir;
use tests::agent::{Agent, Setting};
use tests::cgroup::ContainerGroup;
use tests::records::{container_id, path};
use tests::scene::Scene;
use tests::statistics::Median;
use tests::{cgroup, kernel, machine, program};

use crate::Amount;
use crate::latency::{declare, wait_for_line};
use crate::table::{Table, mebibytes};

/// The agent is looked at after each lot of containers, when all of them are gone.
const LOTS: u64 = 10;
/// How many Pods of a lot are declared, about what a node runs. The others' execs are told of late, without their Pod.
const DECLARED: usize = 100;
/// Twice as long as the agent takes to look at the declarations again.
const DECLARATION: Duration = Duration::from_secs(2);
/// The agent's budget, however many there were.
const STEADY: u64 = 48 << 20;
/// How much more after the last lot than after the half of them still counts as flat.
const FLAT: f64 = 1.05;

/// What the agent holds.
struct Held {
    resident: u64,
    /// Of maps whose entries user space or the programs remove; an LRU map is full by design.
    entries: usize,
    descriptors: usize,
}

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    let scene = Scene::with_policies()?;
    let before = kernel::objects()?;
    let folder = TempDir::with_prefix("plumbline-churn-")?;
    let output = folder.path().join("records");
    let agent = Agent::start(&Setting { output: Some(output.clone()), ..scene.setting(&[]) })?;
    let mut reader = File::open(&output).context("open the records")?;
    let mut held = vec![Held::by(&agent, &before)?];
    let (mut made, mut most, mut times) = (Vec::new(), 0, Vec::new());
    for number in 1..=LOTS {
        let (groups, told) = lot(&scene, amount.containers / LOTS, &mut reader)?;
        times.push(Median::of(&told).context("no container was declared")?);
        agent.settled("exec")?;
        most = most.max(Held::by(&agent, &before)?.entries);
        made.push(remove(groups)?);
        let account = agent.settled("exec")?;
        ensure!(account.lost == 0, "execs were lost: {account:?}");
        agent.settled("cgroup")?;
        held.push(Held::by(&agent, &before)?);
        eprintln!("bench: churn, lot {number} of {LOTS}");
    }
    // Else the entries that are counted are not those of containers.
    ensure!(most as u64 > amount.containers / LOTS, "{most} entries while a lot of containers lived");
    judge_held(&held, most, amount.containers, table);
    judge_attribution(&made, &agent.stop()?, table);
    judge_times(&times, table);
    Ok(())
}

impl Held {
    fn by(agent: &Agent, before: &BTreeSet<(&'static str, u64)>) -> Result<Self> {
        let maps = kernel::since(before, "map")?;
        let ids = maps.iter().filter(|map| map["type"] == "hash").filter_map(|map| map["id"].as_u64());
        Ok(Self {
            resident: machine::resident_bytes(agent.pid())?,
            entries: ids.map(kernel::entries).sum::<Result<usize>>()?,
            descriptors: machine::descriptors(agent.pid())?,
        })
    }
}

fn judge_held(held: &[Held], most: usize, containers: u64, table: &mut Table) {
    let [start, first, .., last] = held else { return };
    let half = &held[held.len() / 2];
    let what = |noun: &str| format!("{containers} containers made and removed: {noun}");
    let growth = last.resident as f64 / half.resident as f64;
    let resident = format!(
        "{} at start, {} after half, {} after all",
        mebibytes(start.resident),
        mebibytes(half.resident),
        mebibytes(last.resident)
    );
    table.judge(what("resident, flat"), resident, "at most 1.050 of that after half", growth <= FLAT);
    let steady = last.resident <= STEADY;
    table.judge(what("resident"), mebibytes(last.resident), "at most 48 MiB", steady);
    let three = |of: fn(&Held) -> usize| {
        format!("{} at start, {} after a tenth, {} after all", of(start), of(first), of(last))
    };
    let no_more = "no more than after a tenth";
    let entries = format!("{}, {most} at most while they lived", three(|held| held.entries));
    table.judge(what("entries of hash maps"), entries, no_more, last.entries <= first.entries);
    let descriptors = three(|held| held.descriptors);
    table.judge(what("descriptors"), descriptors, no_more, last.descriptors <= first.descriptors);
}

/// Each container ran one program, named by the container's id.
fn judge_attribution(made: &[Vec<String>], records: &[Value], table: &mut Table) {
    let told: BTreeMap<&str, &str> = records
        .iter()
        .filter_map(|record| Some((path(record)?.rsplit('/').next()?, container_id(record)?)))
        .collect();
    let right =
        |lot: &Vec<String>| lot.iter().filter(|id| told.get(id.as_str()) == Some(&id.as_str())).count();
    let shares: Vec<String> = made.iter().map(|lot| right(lot).to_string()).collect();
    let all: usize = made.iter().map(Vec::len).sum();
    let measured = format!("{}, of {} in each tenth", shares.join(", "), made.first().map_or(0, Vec::len));
    let met = made.iter().map(right).sum::<usize>() == all;
    table.judge("containers made and removed: execs told of the right one", measured, "all", met);
}

/// From the start of a container's first program to the line that tells of it. Only slower is not flat.
fn judge_times(lots: &[Median], table: &mut Table) {
    let [first, .., last] = lots else { return };
    let half = &lots[lots.len() / 2];
    let told = |Median { value, low, high }: &Median| format!("{value:.2} ({low:.2} to {high:.2})");
    let measured = format!(
        "{} ms in the first tenth, {} in the middle, {} in the last",
        told(first),
        told(half),
        told(last)
    );
    let what = "containers made and removed: start to its line, p50";
    // The first pays for what is done once, so the middle is what the last is held against.
    table.judge(what, measured, "not above the middle's interval", last.low <= half.high);
}

/// Makes that many containers, and runs a program in each; gives how many milliseconds it took until those of declared
/// Pods were told of.
fn lot(scene: &Scene, containers: u64, reader: &mut File) -> Result<(Vec<ContainerGroup>, Vec<f64>)> {
    let folder = TempDir::new_in("/dev/shm")?;
    let groups = (0..containers).map(|_| scene.subtree.container()).collect::<Result<Vec<_>>>()?;
    // Spread over the lot.
    let apart = groups.len().div_ceil(DECLARED).max(1);
    declare(scene, &groups.iter().step_by(apart).collect::<Vec<_>>())?;
    thread::sleep(DECLARATION);
    let mut times = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let program = folder.path().join(&group.container_id);
        fs::write(&program, program::exit_zero())?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        let begin = Instant::now();
        let mut child = start(group.path(), folder.path(), &group.container_id)?;
        if number % apart == 0 {
            times.push(wait_for_line(reader, &group.container_id, begin)?.as_secs_f64() * 1e3);
        }
        ensure!(child.wait()?.success(), "{} did not end well", program.display());
    }
    Ok((groups, times))
}

/// Removes them with their pods, and gives their ids.
fn remove(groups: Vec<ContainerGroup>) -> Result<Vec<String>> {
    for group in &groups {
        cgroup::remove(group.path().parent().context("a container without a pod")?)?;
    }
    Ok(groups.into_iter().map(|group| group.container_id).collect())
}

/// Starts a program of `root` as the first one of the container of `group`, in a mount namespace and with a root of its
/// own, as a container's is: else it is taken for the runtime, and fewer maps have entries.
fn start(group: &Path, root: &Path, program: &str) -> Result<Child> {
    let (group, root) = (group.to_owned(), root.to_owned());
    let mut command = Command::new(Path::new("/").join(program));
    // SAFETY: this program has one thread, so no lock is held in the child that nobody would release.
    unsafe {
        command.pre_exec(move || {
            cgroup::join(&group).map_err(std::io::Error::other)?;
            unshare(CloneFlags::CLONE_NEWNS)?;
            chroot(&root)?;
            Ok(chdir("/")?)
        });
    }
    command.spawn().with_context(|| format!("run {program}"))
}
