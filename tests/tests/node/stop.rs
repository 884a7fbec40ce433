//! A clean stop leaves nothing in the kernel, and loses nothing that was in the rings.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tests::agent::Agent;
use tests::kernel;
use tests::records::{container_id, policy};
use tests::scene::Scene;
use tests::storm::Execs;

crate::theme![
    stop_leaves_nothing_in_the_kernel,
    killed_agent_leaves_nothing_in_the_kernel,
    stop_drains_the_rings,
    second_agent_leaves_the_first_at_work,
    stop_says_whether_denials_go_on,
];

fn stop_leaves_nothing_in_the_kernel() -> Result<()> {
    leaves_nothing(|agent| agent.stop().map(drop))
}

/// In audit nothing is pinned, so that a crash takes everything with it.
fn killed_agent_leaves_nothing_in_the_kernel() -> Result<()> {
    leaves_nothing(|agent| {
        drop(agent);
        Ok(())
    })
}

fn leaves_nothing(end: impl FnOnce(Agent) -> Result<()>) -> Result<()> {
    let scene = Scene::with_policies()?;
    let (objects, pins) = (kernel::objects()?, pinned());
    let agent = scene.agent(&[])?;
    let new = &kernel::objects()? - &objects;
    ensure!(!new.is_empty(), "the agent loaded nothing that bpftool shows");
    end(agent)?;
    kernel::wait_until_freed(&objects)?;
    ensure!(pinned() == pins, "left pinned: {:?}", pinned());
    Ok(())
}

/// The agent is stopped the moment the storm is over; whatever was submitted is in its records.
fn stop_drains_the_rings() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let folder = TempDir::new_in("/dev/shm")?;
    let group = scene.subtree.container()?;
    let storm = Execs::new(group.path(), folder.path(), 500);
    let caused = Execs { distinct: true, ..storm }.run()?;
    let records = agent.stop()?;
    let ours = |record: &&Value| {
        container_id(record) == Some(&group.container_id) && policy(record) == Some("every-exec")
    };
    let written = records.iter().filter(ours).count() as u64;
    ensure!(written == caused.execs, "the storm caused {} execs, {written} are in records", caused.execs);
    Ok(())
}

/// Guards against one that takes the first one's pins away, and with them its denials.
fn second_agent_leaves_the_first_at_work() -> Result<()> {
    let scene = Scene::with_policies()?;
    let first = scene.agent(&["--enforce"])?;
    for enforce in [&[][..], &["--enforce"]] {
        let mut second = Command::new(&scene.programs.agent);
        second.args(["run", "--listen", "127.0.0.1:0", "--policies"]).arg(scene.policies.path());
        second.arg("--declarations").arg(scene.declarations.path()).args(enforce);
        let output = second.output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code() == Some(2), "{output:?}");
        ensure!(
            said.contains(&format!("another agent is at work on this node, with pid {}", first.pid())),
            "{said}"
        );
        ensure!(pins() == LASTING, "{enforce:?} left {:?}", pins());
    }
    first.stop()?;
    scene.agent(&[])?.stop().map(drop)
}

fn stop_says_whether_denials_go_on() -> Result<()> {
    let scene = Scene::with_policies()?;
    for (detached, said) in [(false, "denials go on without the agent"), (true, "nothing is left attached")] {
        let mut agent = scene.agent(&["--enforce"])?;
        if detached {
            scene.detach()?;
        }
        agent.end()?;
        let log = agent.log()?;
        ensure!(log.contains(said), "detached: {detached}, and it said:\n{log}");
    }
    Ok(())
}

const LASTING: [&str; 13] = [
    "capability",
    "cgroup_entered",
    "exec",
    "exit",
    "fork",
    "mode",
    "socket_bind4",
    "socket_bind6",
    "socket_connect4",
    "socket_connect6",
    "socket_made",
    "socket_sendto4",
    "socket_sendto6",
];

fn pins() -> Vec<String> {
    names("/sys/fs/bpf/plumbline")
}

/// What lies at the top of the folder for pinned objects.
fn pinned() -> Vec<String> {
    names("/sys/fs/bpf")
}

fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
