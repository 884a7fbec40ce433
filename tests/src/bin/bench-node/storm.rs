//! An exec storm at the machine's limit, with the agent off and on.

use anyhow::{Context, Result};
use tempfile::TempDir;
use tests::scene::Scene;
use tests::statistics::Median;
use tests::storm::{Caused, Execs};

use crate::Amount;
use crate::table::{Table, ratio};

/// The ratio is not held against a budget near 1, so fewer rounds do than for redis.
const ROUNDS_EACH: usize = 3;

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    for (distinct, name) in [(false, "one executable"), (true, "an executable of its own each")] {
        let arms = rounds(amount, distinct)?;
        let rate = |rates: &[f64]| Median::of(rates).map(|median| format!("{:.0}/s", median.value));
        table.inform(format!("exec storm, {name}: agent off"), rate(&arms.off).context("no rounds")?);
        table.inform(format!("exec storm, {name}: agent on"), rate(&arms.on).context("no rounds")?);
        let ratios: Vec<f64> = arms.on.iter().zip(&arms.off).map(|(on, off)| on / off).collect();
        table.inform(
            format!("exec storm, {name}: on / off"),
            ratio(Median::of(&ratios).context("no rounds")?),
        );
        let lost = format!("{} lost of {}", arms.lost, arms.seen);
        table.judge(format!("exec storm, {name}: execs lost"), lost, "0", arms.lost == 0);
        let counted = format!("{} counted, {} caused", arms.seen, arms.caused);
        table.judge(format!("exec storm, {name}: count"), counted, "equal", arms.seen == arms.caused);
    }
    Ok(())
}

#[derive(Default)]
struct Arms {
    off: Vec<f64>,
    on: Vec<f64>,
    caused: u64,
    seen: u64,
    lost: u64,
}

fn rounds(amount: &Amount, distinct: bool) -> Result<Arms> {
    let scene = Scene::with_shipped_policies()?;
    let mut arms = Arms::default();
    for round in 0..amount.rounds.div_ceil(ROUNDS_EACH) {
        // The arms take turns in going first.
        let off_first = round % 2 == 0;
        if off_first {
            arms.off.push(rate(&storm(&scene, amount, distinct)?));
        }
        let agent = scene.agent(&[])?;
        let caused = storm(&scene, amount, distinct)?;
        let account = agent.settled("exec")?;
        arms.seen += account.of_interest();
        arms.lost += account.lost + agent.settled("executable")?.lost;
        arms.caused += caused.execs;
        arms.on.push(rate(&caused));
        agent.stop()?;
        if !off_first {
            arms.off.push(rate(&storm(&scene, amount, distinct)?));
        }
    }
    Ok(arms)
}

fn rate(caused: &Caused) -> f64 {
    caused.execs as f64 / caused.seconds
}

fn storm(scene: &Scene, amount: &Amount, distinct: bool) -> Result<Caused> {
    let folder = TempDir::new_in("/dev/shm")?;
    let group = scene.subtree.container()?;
    Execs { distinct, ..Execs::new(group.path(), folder.path(), amount.storm_execs) }.run()
}
