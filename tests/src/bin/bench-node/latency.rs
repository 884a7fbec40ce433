//! From an exec in a container to the line that tells of it.

use std::fs::{self, File};
use std::io::{self, PipeWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::sched::{CloneFlags, setns};
use tempfile::TempDir;
use tests::agent::{Agent, Setting};
use tests::cgroup::ContainerGroup;
use tests::container::Container;
use tests::scene::Scene;
use tests::{cgroup, program};

use crate::Amount;
use crate::table::Table;

/// How often the output is looked at: what is measured is up to this much too long.
const LOOK: Duration = Duration::from_micros(100);
/// Between two execs, so that each is alone.
const REST: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    let scene = Scene::with_policies()?;
    let container = scene.container()?;
    // Without a declaration a record waits for one.
    declare(&scene, &[&container.group])?;
    let folder = TempDir::with_prefix("plumbline-latency-")?;
    let output = folder.path().join("records");
    let agent = Agent::start(&Setting { output: Some(output.clone()), ..scene.setting(&[]) })?;
    let mut reader = File::open(&output).context("open the records")?;
    let mut times = Vec::with_capacity(amount.alerts);
    for number in 0..amount.alerts {
        times.push(once(&container, &mut reader, &format!("latency-{number}-end"))?);
        thread::sleep(REST);
    }
    times.sort_unstable();
    let what = format!("exec to its line in the output, {} times", times.len());
    table.inform(format!("{what}: p50"), milliseconds(&times, 50));
    table.inform(format!("{what}: p99"), milliseconds(&times, 99));
    agent.stop().map(drop)
}

/// Runs a new program inside, from outside, and waits for a line with its `name`.
fn once(container: &Container, reader: &mut File, name: &str) -> Result<Duration> {
    let file = container.overlay.root().join(name);
    fs::write(&file, program::exit_zero())?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
    let clock = Instant::now();
    let (mut stamp, writer) = io::pipe()?;
    let mut child = inside(container, Path::new("/").join(name).as_path(), clock, writer)?.spawn()?;
    let told = wait_for_line(reader, name, clock)?;
    ensure!(child.wait()?.success(), "{name} did not end well");
    let mut began = [0; 8];
    stamp.read_exact(&mut began).context("no time of the exec")?;
    Ok(told.saturating_sub(Duration::from_nanos(u64::from_ne_bytes(began))))
}

/// A command that enters the container and says when, by `clock`, it execs.
fn inside(container: &Container, program: &Path, clock: Instant, mut stamp: PipeWriter) -> Result<Command> {
    let group = container.group.path().to_owned();
    let mounts = File::open(format!("/proc/{}/ns/mnt", container.init()))?;
    let mut command = Command::new(program);
    // SAFETY: this program has one thread, so no lock is held in the child that nobody would release.
    unsafe {
        command.pre_exec(move || {
            cgroup::join(&group).map_err(io::Error::other)?;
            setns(&mounts, CloneFlags::CLONE_NEWNS)?;
            let now = u64::try_from(clock.elapsed().as_nanos()).unwrap_or(u64::MAX);
            stamp.write_all(&now.to_ne_bytes())
        });
    }
    Ok(command)
}

/// When, by `clock`, a whole line with `word` was there.
pub(crate) fn wait_for_line(reader: &mut File, word: &str, clock: Instant) -> Result<Duration> {
    let mut text = String::new();
    loop {
        reader.read_to_string(&mut text)?;
        if text.find(word).is_some_and(|at| text[at..].contains('\n')) {
            return Ok(clock.elapsed());
        }
        if clock.elapsed() > PATIENCE {
            bail!("no line tells of {word}");
        }
        thread::sleep(LOOK);
    }
}

/// The smallest of `times`, which are sorted, that `percent` of them do not exceed.
fn milliseconds(times: &[Duration], percent: usize) -> String {
    let rank = (times.len() * percent).div_ceil(100).max(1);
    times.get(rank - 1).map_or_else(String::new, |time| format!("{:.1} ms", time.as_secs_f64() * 1e3))
}

/// Declares the Pods of these containers, and no others.
pub(crate) fn declare(scene: &Scene, containers: &[&ContainerGroup]) -> Result<()> {
    let text: String = containers.iter().map(|container| pod(&container.pod_uid)).collect();
    fs::write(scene.declarations.path().join("pods.yaml"), text).context("write the declarations")
}

fn pod(uid: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: pod-{uid}, namespace: bench, uid: {uid}}}\nspec:\n  \
         containers:\n  - {{name: only, image: 'registry.test/sample:1'}}\n"
    )
}
