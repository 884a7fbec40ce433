//! Hooks that a runtime runs inside a container before it is one: what they do is not the container's, and what only
//! looks like it is.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::agent::Agent;
use tests::records::{container_id, is_failure, path, policy, task};
use tests::runc::{Container, Plan};
use tests::scene::Scene;

crate::theme![
    hook_that_runs_a_copy_of_itself_is_the_runtimes,
    container_that_runs_a_copy_of_itself_is_killed,
    program_in_memory_that_is_run_from_outside_is_killed,
];

const SLEEP: [&str; 2] = ["/bin/sample", "sleep"];

/// Fails for programs that are no files, and has them killed.
const FILELESS: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: deny}
spec:
  title: Programs that are no files are denied
  severity: Low
  action: Block
  match: {events: {kinds: [Exec]}}
  matchConditions: [{name: c, expression: \"event.task != 'Runtime'\"}]
  validations: [{name: v, expression: \"!(event.executable.origin in ['Memfd', 'Deleted'])\"}]
";

fn scene() -> Result<Scene> {
    let scene = Scene::with_policies()?;
    scene.write_policy("deny.yaml", FILELESS)?;
    Ok(scene)
}

/// Guards against a hook that is taken for the container's init, and killed for it: NVIDIA's `update-ldcache` does this.
fn hook_that_runs_a_copy_of_itself_is_the_runtimes() -> Result<()> {
    let scene = scene()?;
    let agent = scene.agent(&["--enforce"])?;
    let mut plan = Plan::new(&scene, &SLEEP)?;
    plan.spec["hooks"] = json!({
        "createContainer": [{"path": scene.programs.sample, "args": ["sample", "hook"]}],
    });
    let container = plan.start(&scene)?;
    is_seen(&agent, &container, "/bin/setuid", "Injected")?;
    is_seen(&agent, &container, "/bin/sample", "Container")?;
    container.exec(&[], &["/bin/sample", "hello"])?;
    is_seen(&agent, &container, "/bin/sample", "Injected")?;
    agent.settled("exec")?.check()?;
    ensure!(denied(&agent)? == 0, "something was killed");
    let runtime = agent.records()?.into_iter().filter(|record| {
        policy(record) == Some("every-exec")
            && task(record) == Some("Runtime")
            && path(record) == Some("/memfd:sample")
    });
    ensure!(runtime.count() == 1, "the copy is not the runtime's");
    let failures = |record: &serde_json::Value| is_failure(record) && policy(record) != Some("every-exec");
    let alerts: Vec<_> = agent.stop()?.into_iter().filter(failures).collect();
    ensure!(alerts.is_empty(), "{alerts:#?}");
    Ok(())
}

/// Guards against a rule for hooks that is one for containers, too.
fn container_that_runs_a_copy_of_itself_is_killed() -> Result<()> {
    let scene = scene()?;
    let agent = scene.agent(&["--enforce"])?;
    let container = Plan::new(&scene, &["/bin/sample", "memfd"])?.start(&scene)?;
    is_denied(&agent, &container, "Container")
}

/// Guards against whatever is in memory taken for the runtime's: a probe's program may be a link to it.
fn program_in_memory_that_is_run_from_outside_is_killed() -> Result<()> {
    let scene = scene()?;
    let agent = scene.agent(&["--enforce"])?;
    let container = Plan::new(&scene, &["/bin/sample", "keep"])?.start(&scene)?;
    is_seen(&agent, &container, "/bin/sample", "Container")?;
    // Until the container has it in memory there is nothing to run.
    agent.wait_until("killing what is in memory", |agent| {
        drop(container.exec(&[], &["/proc/1/fd/100", "hello"]));
        Ok(denied(agent)? > 0)
    })?;
    is_denied(&agent, &container, "Injected")
}

fn is_seen(agent: &Agent, container: &Container, program: &str, by: &str) -> Result<()> {
    let told = agent.record(&format!("telling of {program} by {by}"), |record| {
        container_id(record) == Some(container.id())
            && policy(record) == Some("every-exec")
            && path(record) == Some(program)
            && task(record) == Some(by)
    });
    told.map(drop)
}

fn is_denied(agent: &Agent, container: &Container, by: &str) -> Result<()> {
    let told = agent.record("telling of the denial", |record| {
        container_id(record) == Some(container.id()) && policy(record) == Some("deny")
    })?;
    ensure!(task(&told) == Some(by), "{told:#}");
    ensure!(told.pointer("/decision/action").context("no action")? == "Block", "{told:#}");
    agent.wait_until("counting it", |agent| Ok(denied(agent)? > 0))
}

fn denied(agent: &Agent) -> Result<u64> {
    agent.metrics()?.sum("plumbline_agent_denials_total", &[("outcome", "denied")])
}
