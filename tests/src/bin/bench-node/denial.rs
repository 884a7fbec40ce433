//! Execs that are denied, of a program that leaves a mark with its first instructions.

use std::time::Instant;

use anyhow::Result;
use tests::marks::{self, Ended};
use tests::scene::Scene;

use crate::Amount;
use crate::table::Table;

pub(crate) const POLICY: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: deny}
spec:
  title: What was written after the start is denied
  severity: Low
  action: Block
  match: {events: {kinds: [Exec]}}
  matchConditions: [{name: c, expression: \"event.task != 'Runtime'\"}]
  validations: [{name: v, expression: \"event.executable.origin != 'Upper'\"}]
";

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    let scene = Scene::set()?;
    scene.write_policy("deny.yaml", POLICY)?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    let begin = Instant::now();
    let output = container.exec(&marks::command(amount.denials))?;
    let seconds = begin.elapsed().as_secs_f64();
    let Ended { killed, ran } = Ended::of(&output, &container.overlay.root())?;
    let instruction = format!("{ran} of {}", killed + ran);
    table.judge(
        "denied execs that ran an instruction",
        instruction,
        "0",
        ran == 0 && killed == amount.denials,
    );
    table.inform("denied execs, by one process", format!("{:.0}/s", killed as f64 / seconds));
    agent.settled("exec")?;
    let counted = agent.metrics()?.sum("plumbline_agent_denials_total", &[("outcome", "denied")])?;
    table.judge(
        "denied execs: count",
        format!("{counted} counted, {killed} killed"),
        "equal",
        counted == killed,
    );
    agent.stop().map(drop)
}
