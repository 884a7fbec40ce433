//! Execs denied before they ran an instruction, and those that must not be.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::agent::Agent;
use tests::container::{self, Container};
use tests::kernel;
use tests::machine;
use tests::marks::{self, Ended};
use tests::overlay::Overlay;
use tests::records::{container_id, policy, text};
use tests::scene::Scene;

crate::theme![
    denied_exec_leaves_no_mark_and_what_is_allowed_runs,
    execs_of_a_containers_own_tasks_are_denied_too,
    only_what_is_certain_is_killed,
    runtime_is_never_killed_and_neither_is_who_is_outside,
    audit_counts_and_kills_nothing,
    policy_that_does_not_block_kills_nothing,
    one_write_to_a_map_changes_the_mode,
    denials_outlive_the_agent_until_they_are_detached,
    detaching_ends_denials_under_an_agent_that_runs,
    next_agent_takes_over_and_in_audit_ends_denials,
    declaration_decides_where_a_policy_reads_it,
];

/// How often a test runs a program that is or is not denied.
const TIMES: u64 = 300;

const NOT_RUNTIME: &str = "event.task != 'Runtime'";

const BLOCK: &str = "  action: Block\n";
/// What was written after the start is denied.
const NOT_UPPER: &str = "event.executable.origin != 'Upper'";

/// Sets the scene with one policy, `deny`.
fn scene(action: &str, condition: &str, expression: &str) -> Result<Scene> {
    let scene = Scene::set()?;
    let text = format!(
        "apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {{name: deny}}\nspec:\n  title: Some execs are denied\n  \
         severity: Low\n{action}  match: {{events: {{kinds: [Exec]}}}}\n  matchConditions: [{{name: c, expression: \
         \"{condition}\"}}]\n  validations: [{{name: v, expression: \"{expression}\"}}]\n"
    );
    scene.write_policy("deny.yaml", &text)?;
    Ok(scene)
}

const KILLED: Ended = Ended { killed: TIMES, ran: 0 };
const RAN: Ended = Ended { killed: 0, ran: TIMES };

/// Runs a program that was written after the start, by a task that entered the container.
fn marks(container: &Container) -> Result<Ended> {
    Ended::of(&container.exec(&marks::command(TIMES))?, &container.overlay.root())
}

fn decision(agent: &Agent, id: &str) -> Result<Value> {
    let record = agent.record("telling of the exec", |record| {
        policy(record) == Some("deny") && container_id(record) == Some(id)
    })?;
    record.get("decision").cloned().context("a record without a decision")
}

fn is_decided(agent: &Agent, id: &str, action: &str, because: Option<&str>) -> Result<()> {
    let decision = decision(agent, id)?;
    ensure!(decision["action"] == action && decision["wouldBlock"] == true, "{decision}");
    ensure!(text(&decision, "/becauseOf") == because, "{decision}");
    Ok(())
}

fn are_counted(agent: &Agent, outcome: &str, times: u64) -> Result<()> {
    agent.wait_until(&format!("counting {times} {outcome}"), |agent| {
        let counted = agent.metrics()?.sum("plumbline_agent_denials_total", &[("outcome", outcome)]);
        Ok(counted? == times)
    })
}

/// What the status says of the only container.
fn of_container(agent: &Agent) -> Result<Value> {
    let status = agent.status()?;
    ensure!(status["containers"].as_array().is_some_and(|all| all.len() == 1), "{status}");
    Ok(status["containers"][0].clone())
}

/// How many execs of a container were denied, and how many would have been.
fn counts(told: &Value) -> Result<(u64, u64)> {
    let count = |name| text(told, name).context("no count")?.parse().context("no number");
    Ok((count("/denied")?, count("/wouldDeny")?))
}

fn denied_exec_leaves_no_mark_and_what_is_allowed_runs() -> Result<()> {
    let scene = scene(BLOCK, NOT_RUNTIME, NOT_UPPER)?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    ensure!(marks(&container)? == KILLED);
    container.sample(&["run", "/bin/victim"])?;
    is_decided(&agent, &container.group.container_id, "Block", None)?;
    are_counted(&agent, "denied", TIMES)?;
    are_counted(&agent, "refused", 0)?;
    let told = of_container(&agent)?;
    ensure!(counts(&told)? == (TIMES, 0), "{told}");
    ensure!(told["policies"][0]["enforcement"] == "Kill before first instruction", "{told}");
    ensure!(told["policies"][0]["executables"]["Container"] == serde_json::json!(["Upper"]), "{told}");
    let account = agent.settled("exec")?;
    account.check()?;
    let verb = Command::new(&scene.programs.agent)
        .args(["status", "--output", "json", "--listen", &agent.address().to_string()])
        .output()?;
    let said: Value = serde_json::from_slice(&verb.stdout)?;
    ensure!(verb.status.success() && said["ready"] == true && said["mode"] == "Enforce", "{said}");
    ensure!(said["containers"][0]["id"].is_null() && said["containers"][0]["cgroup"].is_string(), "{said}");
    Ok(())
}

/// The init, which entered nothing, and its children.
fn execs_of_a_containers_own_tasks_are_denied_too() -> Result<()> {
    let scene = scene(BLOCK, NOT_RUNTIME, NOT_UPPER)?;
    let agent = scene.agent(&["--enforce"])?;
    let (group, overlay) = (scene.subtree.container()?, Overlay::mount(&scene.programs.sample, &[])?);
    let mut output = container::run(&group, &overlay.root(), &marks::command(TIMES))?;
    // The runtime says the init's pid before all else.
    let init = output.stdout.iter().position(|byte| *byte == b'\n').context("no pid")?;
    output.stdout.drain(..=init);
    ensure!(Ended::of(&output, &overlay.root())? == KILLED);
    is_decided(&agent, &group.container_id, "Block", None)
}

/// Whether a file that was copied up is the image's is not known in time; what is in no file, or in none that has a
/// name, or on another mount, is.
fn only_what_is_certain_is_killed() -> Result<()> {
    let scene = scene(BLOCK, NOT_RUNTIME, "event.executable.origin == 'Image'")?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    // It may be over by the time that it is killed.
    drop(container.exec(&["/bin/sample", "chmod", "/bin/changed"])?);
    is_decided(&agent, &container.group.container_id, "Audit", Some("AfterTheFact"))?;
    for denied in [&["memfd"][..], &["deleted", "/tmp/gone"], &["drop", "/tmp/dropped"]] {
        let ended = container.sample(denied).err().with_context(|| format!("{denied:?} ran"))?.to_string();
        ensure!(ended.contains("SIGKILL"), "{ended}");
    }
    // The interpreter is the image's, and what it runs is not known in time.
    container.sample(&["script", "/tmp/script"])?;
    are_counted(&agent, "denied", 3)
}

/// A policy that nothing passes: whoever is no container's task goes on.
fn runtime_is_never_killed_and_neither_is_who_is_outside() -> Result<()> {
    let scene = scene(BLOCK, "true", "false")?;
    let agent = scene.agent(&["--enforce"])?;
    let (group, overlay) = (scene.subtree.container()?, Overlay::mount(&scene.programs.sample, &[])?);
    let output = container::run(&group, &overlay.root(), &["/bin/sample", "hello"])?;
    // The runtime lives to tell that its container's first exec did not.
    ensure!(output.status.code() == Some(128 + 9), "{output:?}");
    ensure!(Command::new("true").status()?.success(), "a task outside containers was killed");
    // In the container's group, and still in the node's mount namespace: as a runtime's own steps are.
    let script = format!("echo $$ > {}/cgroup.procs && exec env true", group.path().display());
    let entered = Command::new("sh").args(["-c", &script]).output()?;
    ensure!(entered.status.success(), "{entered:?}");
    are_counted(&agent, "denied", 1)?;
    ensure!(agent.ready()?, "the agent goes on");
    Ok(())
}

fn audit_counts_and_kills_nothing() -> Result<()> {
    let scene = scene(BLOCK, NOT_RUNTIME, NOT_UPPER)?;
    let agent = scene.agent(&[])?;
    let container = scene.container()?;
    ensure!(marks(&container)? == RAN);
    is_decided(&agent, &container.group.container_id, "Audit", Some("NotEnforcing"))?;
    are_counted(&agent, "would_deny", TIMES)?;
    are_counted(&agent, "denied", 0)?;
    let told = of_container(&agent)?;
    ensure!(counts(&told)? == (0, TIMES), "{told}");
    ensure!(told["policies"][0]["enforcement"] == "Observe only", "{told}");
    ensure!(!pinned(), "audit pins nothing");
    Ok(())
}

fn policy_that_does_not_block_kills_nothing() -> Result<()> {
    let scene = scene("", NOT_RUNTIME, NOT_UPPER)?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    ensure!(marks(&container)? == RAN);
    let decision = decision(&agent, &container.group.container_id)?;
    ensure!(decision["action"] == "Audit" && decision["wouldBlock"] == false, "{decision}");
    are_counted(&agent, "would_deny", TIMES)
}

fn one_write_to_a_map_changes_the_mode() -> Result<()> {
    let scene = scene(BLOCK, NOT_RUNTIME, NOT_UPPER)?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    ensure!(marks(&container)? == KILLED);
    set_mode("0")?;
    ensure!(agent.status()?["mode"] == "Audit", "the status does not know");
    ensure!(marks(&container)? == RAN);
    are_counted(&agent, "would_deny", TIMES)?;
    let held = agent.record("telling of what was not denied", |record| {
        text(record, "/decision/becauseOf") == Some("NotEnforcing")
    })?;
    ensure!(held["decision"]["action"] == "Audit" && held["decision"]["wouldBlock"] == true, "{held}");
    set_mode("1")?;
    ensure!(marks(&container)? == KILLED);
    are_counted(&agent, "denied", 2 * TIMES)
}

fn set_mode(value: &str) -> Result<()> {
    let update = ["map", "update", "pinned", "/sys/fs/bpf/plumbline/mode", "key", "0", "0", "0", "0"];
    bpftool(&[&update[..], &["value", value, "0", "0", "0"]].concat())
}

fn bpftool(arguments: &[&str]) -> Result<()> {
    let output = Command::new(machine::program("bpftool")?).args(arguments).output()?;
    ensure!(output.status.success(), "{arguments:?}: {output:?}");
    Ok(())
}

fn denials_outlive_the_agent_until_they_are_detached() -> Result<()> {
    let scene = scene(BLOCK, NOT_RUNTIME, NOT_UPPER)?;
    let before = kernel::objects()?;
    for crash in [false, true] {
        let agent = scene.agent(&["--enforce"])?;
        let container = scene.container()?;
        match crash {
            true => drop(agent),
            false => drop(agent.stop()?),
        }
        ensure!(marks(&container)? == KILLED, "after a stop (or crash: {crash})");
        // As another version might leave it.
        bpftool(&["map", "pin", "pinned", "/sys/fs/bpf/plumbline/mode", "/sys/fs/bpf/plumbline/older"])?;
        let said = scene.detach()?;
        ensure!(said.contains("removed /sys/fs/bpf/plumbline/exec"), "{said}");
        ensure!(!pinned() && marks(&container)? == RAN, "after detach");
        kernel::wait_until_freed(&before)?;
    }
    let said = scene.detach()?;
    ensure!(said == "nothing is pinned\n", "{said}");
    Ok(())
}

/// Guards against files that are removed while an agent holds what they named: kills would go on.
fn detaching_ends_denials_under_an_agent_that_runs() -> Result<()> {
    let scene = scene(BLOCK, NOT_RUNTIME, NOT_UPPER)?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    ensure!(marks(&container)? == KILLED);
    scene.detach()?;
    ensure!(!pinned() && marks(&container)? == RAN, "after detach");
    agent.stop().map(drop)
}

fn next_agent_takes_over_and_in_audit_ends_denials() -> Result<()> {
    let scene = scene(BLOCK, NOT_RUNTIME, NOT_UPPER)?;
    let before = kernel::objects()?;
    let container = scene.container()?;
    scene.agent(&["--enforce"])?.stop()?;
    let agent = scene.agent(&["--enforce"])?;
    ensure!(marks(&container)? == KILLED);
    are_counted(&agent, "denied", TIMES)?;
    agent.stop()?;
    let agent = scene.agent(&[])?;
    ensure!(!pinned() && marks(&container)? == RAN, "nothing is above audit without --enforce");
    agent.stop()?;
    kernel::wait_until_freed(&before)
}

/// The declaration comes when the container runs already: the masks follow.
fn declaration_decides_where_a_policy_reads_it() -> Result<()> {
    let condition = "container.image.reference == 'registry.test/strict:1'";
    let scene = scene(BLOCK, condition, NOT_UPPER)?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    ensure!(marks(&container)? == RAN, "which image it is, is not known");
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: strict, namespace: tests, uid: {}}}\nspec:\n  containers:\n  \
         - {{name: only, image: 'registry.test/strict:1'}}\n",
        container.group.pod_uid
    );
    fs::write(scene.declarations.path().join("pod.yaml"), pod)?;
    agent.wait_until("told of the declaration", |agent| {
        Ok(of_container(agent)?["policies"][0]["enforcement"] == "Kill before first instruction")
    })?;
    ensure!(marks(&container)? == KILLED);
    Ok(())
}

fn pinned() -> bool {
    Path::new("/sys/fs/bpf/plumbline").exists()
}
