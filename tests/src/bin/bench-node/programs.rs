//! Nanoseconds a run of each program, as the kernel's own statistics say, with nothing denied and with denial on.

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tests::kernel::{self, RunStatistics};
use tests::scene::Scene;
use tests::storm::Execs;

use crate::Amount;
use crate::connect;
use crate::denial::POLICY;
use crate::table::Table;

/// Groups made, so that the program that sees them made runs often enough, too.
const GROUPS: usize = 500;

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    arm(&scene, "denial off", &[], amount, table)?;
    // The storm's programs are in no layer of an image, so every one is held against the mask and none is killed.
    scene.write_policy("deny.yaml", POLICY)?;
    arm(&scene, "denial on", &["--enforce"], amount, table)?;
    drop(scene);
    calls("of a Pod that no NetworkPolicy selects", "nobody", amount, table)?;
    calls("looked up in its Pod's tables", "one", amount, table)
}

/// Refuses what NetworkPolicies do not allow.
const FORBIDDEN: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: forbidden}
spec:
  title: Only what NetworkPolicies allow
  severity: High
  remediation: None; this policy is a bench's.
  action: Block
  match: {events: {kinds: [Connect, SendTo]}}
  matchConditions: [{name: own, expression: \"event.task != 'Runtime'\"}]
  validations: [{name: permitted, expression: event.socket.permitted, message: it is not permitted}]
";

/// What a connect over loopback costs, which every table leaves to its last step: the prefix.
fn calls(name: &str, selected: &str, amount: &Amount, table: &mut Table) -> Result<()> {
    let scene = Scene::set()?;
    scene.write_policy("forbidden.yaml", FORBIDDEN)?;
    let group = scene.subtree.container()?;
    let declared = format!(
        "kind: Node\napiVersion: v1\nmetadata: {{name: worker}}\n---\nkind: Pod\napiVersion: v1\n\
         metadata: {{name: one, namespace: a, uid: {}, labels: {{app: one}}}}\nspec: {{nodeName: worker, containers: \
         [{{name: only, image: x}}]}}\nstatus: {{podIP: 10.1.0.1}}\n---\nkind: NetworkPolicy\n\
         apiVersion: networking.k8s.io/v1\nmetadata: {{name: p, namespace: a}}\nspec: {{podSelector: {{matchLabels: {{app: \
         {selected}}}}}, policyTypes: [Egress], egress: [{{to: [{{ipBlock: {{cidr: 10.0.0.0/8}}}}]}}]}}\n",
        group.pod_uid
    );
    std::fs::write(scene.declarations.path().join("cluster.yaml"), declared)?;
    let before = kernel::objects()?;
    let agent = scene.agent(&["--enforce"])?;
    let clock = RunStatistics::enable()?;
    connect::rate_in(&scene, &group, amount)?;
    let programs = kernel::since(&before, "prog")?;
    drop(clock);
    let program =
        programs.iter().find(|program| program["name"] == "socket_connect4").context("no such program")?;
    let number = |name: &str| program[name].as_u64().with_context(|| format!("no {name}"));
    let (time, runs) = (number("run_time_ns")?, number("run_cnt")?);
    ensure!(runs >= amount.connections, "{runs} runs");
    let lost = agent.metrics()?.sum("plumbline_agent_denials_total", &[("outcome", "call_denied")])?;
    ensure!(lost == 0, "loopback was refused");
    let tables = agent.metrics()?.sum("plumbline_agent_table_entries", &[("table", "connections")])?;
    ensure!((tables == 1) == (selected == "one"), "{tables} tables");
    table.inform(
        format!("program `socket_connect4`, {name}"),
        format!("{} ns a run ({runs} runs)", time / runs),
    );
    agent.stop().map(drop)?;
    scene.detach().map(drop)
}

fn arm(scene: &Scene, name: &str, arguments: &[&str], amount: &Amount, table: &mut Table) -> Result<()> {
    let before = kernel::objects()?;
    let agent = scene.agent(arguments)?;
    let clock = RunStatistics::enable()?;
    let mut group = scene.subtree.container()?;
    for _ in 0..GROUPS {
        group = scene.subtree.container()?;
    }
    let folder = TempDir::new_in("/dev/shm")?;
    let storm = Execs::new(group.path(), folder.path(), amount.storm_execs);
    Execs { distinct: true, ..storm }.run()?;
    let programs = kernel::since(&before, "prog")?;
    drop(clock);
    for program in programs {
        let program_name = program["name"].as_str().unwrap_or("?");
        let (time, runs) = (program["run_time_ns"].as_u64(), program["run_cnt"].as_u64());
        // A program that did not run in the storm has neither.
        if let (Some(time), Some(runs @ 1..)) = (time, runs) {
            let what = format!("program `{program_name}`, {name}");
            table.inform(what, format!("{} ns a run ({runs} runs)", time / runs));
        }
    }
    agent.stop().map(drop)?;
    scene.detach().map(drop)
}
