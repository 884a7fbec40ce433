//! What a look at a container costs: reading all that /proc shows of it, to hold it against its Pod.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::agent::Agent;
use tests::cgroup;
use tests::runc::{Container, Plan};
use tests::scene::Scene;

use crate::Amount;
use crate::table::Table;

/// Each is looked at once a second, when its Pod is declared anew.
const CONTAINERS: u64 = 20;
/// What an ordinary container has, and far more.
const MOUNTS: [usize; 2] = [20, 1_000];
const LOOKS: &str = "plumbline_agent_looks_total";
const SECONDS: &str = "plumbline_agent_look_seconds";

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    MOUNTS.iter().try_for_each(|mounts| of_containers_with(*mounts, amount.looks, table))
}

fn of_containers_with(mounts: usize, looks: u64, table: &mut Table) -> Result<()> {
    let scene = Scene::set()?;
    // What runc hides of /proc depends on the kernel.
    let own = mounts_of(&start(&scene, 0)?.0)?;
    let further = mounts.checked_sub(own).with_context(|| format!("it has {own} mounts of its own"))?;
    let agent = scene.agent(&[])?;
    let containers = (0..CONTAINERS).map(|_| start(&scene, further)).collect::<Result<Vec<_>>>()?;
    let found = mounts_of(&containers[0].0)?;
    ensure!(found == mounts, "it has {found} mounts, not {mounts}");
    looked(&agent, CONTAINERS)?;
    agent.settled("exec")?;
    // Those at their start are left out: then all is read anew.
    let (before, at_start) = (agent.metrics()?.buckets(SECONDS)?, agent.metrics()?.sum(LOOKS, &[])?);
    for round in 1..=looks / CONTAINERS {
        for (container, pod) in &containers {
            let mut pod = pod.clone();
            pod["metadata"]["labels"] = json!({"round": round.to_string()});
            let file = scene.declarations.path().join(format!("{}.json", container.id()));
            fs::write(file, pod.to_string()).context("declare it anew")?;
        }
        looked(&agent, at_start + round * CONTAINERS)?;
    }
    let times = Times::between(&before, &agent.metrics()?.buckets(SECONDS)?);
    let what = format!("a look at a container with {mounts} mounts, {:.0} times", times.count());
    table.inform(format!("{what}: p50, from buckets 1.5 apart"), times.milliseconds(0.5));
    table.inform(format!("{what}: p99, from buckets 1.5 apart"), times.milliseconds(0.99));
    agent.stop().map(drop)
}

/// A container with so many mounts beside its own, with its Pod.
fn start(scene: &Scene, further: usize) -> Result<(Container, Value)> {
    let mut plan = Plan::new(scene, &["/bin/sample", "sleep"])?;
    let own = plan.spec["mounts"].as_array_mut().context("no mounts")?;
    for number in 0..further {
        own.push(json!({"destination": format!("/tmp/{number}"), "type": "tmpfs", "source": "tmpfs"}));
    }
    let pod = plan.pod.clone();
    Ok((plan.start(scene)?, pod))
}

fn mounts_of(container: &Container) -> Result<usize> {
    let first = *cgroup::processes(container.group().path())?.first().context("nobody is in it")?;
    Ok(fs::read_to_string(format!("/proc/{first}/mountinfo"))?.lines().count())
}

fn looked(agent: &Agent, times: u64) -> Result<()> {
    agent.wait_until("looking at the containers", |agent| Ok(agent.metrics()?.sum(LOOKS, &[])? >= times))
}

/// How many looks took at most so long: rising in both.
struct Times(Vec<(f64, f64)>);

impl Times {
    fn between(before: &[(f64, f64)], after: &[(f64, f64)]) -> Self {
        Self(after.iter().zip(before).map(|((bound, now), (_, then))| (*bound, now - then)).collect())
    }

    fn count(&self) -> f64 {
        self.0.last().map_or(0.0, |(_, count)| *count)
    }

    /// Within its bucket as if they were spread evenly.
    fn milliseconds(&self, share: f64) -> String {
        let wanted = share * self.count();
        let (mut below, mut so_far) = (0.0, 0.0);
        for (bound, count) in &self.0 {
            if *count >= wanted && bound.is_finite() {
                let inside = (wanted - so_far) / (count - so_far);
                return format!("{:.2} ms", 1000.0 * (below + (bound - below) * inside));
            }
            (below, so_far) = (*bound, *count);
        }
        "beyond the last bucket".to_owned()
    }
}
