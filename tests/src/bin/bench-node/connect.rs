//! Short TCP connections over loopback, made in a container: with the agent off and on.

use anyhow::{Context, Result, ensure};
use tests::cgroup::ContainerGroup;
use tests::container;
use tests::overlay::Overlay;
use tests::scene::Scene;
use tests::statistics::Median;

use crate::Amount;
use crate::table::{Table, ratio};

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let (mut off, mut ratios) = (Vec::new(), Vec::new());
    rate(&scene, amount)?;
    for round in 0..amount.rounds {
        // The arms take turns in going first.
        let first = (round % 2 == 0).then(|| rate(&scene, amount)).transpose()?;
        let agent = scene.agent(&[])?;
        let on = rate(&scene, amount)?;
        let account = agent.settled("socket")?;
        // Else the programs had nothing to do.
        ensure!(account.deduplicated >= amount.connections - 1, "{account:?}");
        agent.stop()?;
        let base = first.map_or_else(|| rate(&scene, amount), Ok)?;
        off.push(base);
        ratios.push(on / base);
        eprintln!("bench: connect, round {} of {}", round + 1, amount.rounds);
    }
    let base = Median::of(&off).context("no rounds")?;
    table.inform("TCP connections over loopback, agent off", format!("{:.0}/s", base.value));
    let ratios = Median::of(&ratios).context("no rounds")?;
    // Kept only if even the interval's lower end keeps it.
    table.judge(
        "TCP connections over loopback, agent on / off",
        ratio(ratios),
        "at least 0.980",
        ratios.low >= 0.98,
    );
    Ok(())
}

fn rate(scene: &Scene, amount: &Amount) -> Result<f64> {
    rate_in(scene, &scene.subtree.container()?, amount)
}

/// Connections a second, made in this group's container.
pub(crate) fn rate_in(scene: &Scene, group: &ContainerGroup, amount: &Amount) -> Result<f64> {
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    let times = amount.connections.to_string();
    let output = container::run(group, &overlay.root(), &["/bin/sample", "connect", &times])?;
    ensure!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout)?;
    let rate = text.lines().find_map(|line| line.strip_prefix("rate "));
    rate.with_context(|| format!("no rate in {text:?}"))?.parse().context("read the rate")
}
