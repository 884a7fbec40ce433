//! Somebody else's program at a hook of ours.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::agent::Agent;
use tests::container;
use tests::foreign::{Beside, Foreign, Says};
use tests::overlay::Overlay;
use tests::records::{container_id, is_failure, path, policy};
use tests::scene::Scene;

crate::theme![
    another_program_that_allows_none_beside_it_keeps_one_hook_from_the_agent_which_goes_on,
    beside_a_program_that_allows_others_both_run_and_one_denial_wins,
    enforcement_goes_on_at_the_other_hooks_and_status_says_which_one_is_not_there,
];

/// Fails for every call with a peer, so that each is told.
const EVERY_CALL: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: every-call}
spec:
  title: Every call on a socket is recorded
  severity: Low
  remediation: None; this policy is a test's.
  match: {events: {kinds: [Connect, SendTo, Bind, Listen, Accept, RawSocket]}}
  validations:
  - {name: seen, expression: \"event.socket.protocol == 'none'\", message: a call was seen}
";

/// Nobody is there, and in a network of its own the sample would not reach it.
const NOBODY: &str = "192.0.2.77:9";

fn another_program_that_allows_none_beside_it_keeps_one_hook_from_the_agent_which_goes_on() -> Result<()> {
    let scene = Scene::with_policies()?;
    scene.write_policy("every-call.yaml", EVERY_CALL)?;
    let foreign = Foreign::attach(scene.subtree.path(), Beside::Nobody, Says::Yes)?;
    probe_says_why(&scene)?;
    let agent = scene.agent(&[])?;
    let log = agent.log()?;
    let refused = log.lines().find(|line| line.contains("socket_connect4")).context(log.clone())?;
    ensure!(refused.contains("refuses a program") && refused.contains("os error 1"), "{refused}");
    ensure!(attached(&agent, "socket_connect4")? == 0 && attached(&agent, "socket_connect6")? == 1, "{log}");
    agent.status()?;
    // What else there is is seen: executions, and calls at the other hooks.
    let group = scene.subtree.container()?;
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    let output = container::run(&group, &overlay.root(), &["/bin/sample", "sockets"])?;
    ensure!(output.status.success(), "{output:?}");
    for class in ["exec", "socket", "tcp"] {
        agent.settled(class)?.check()?;
    }
    let records = agent.stop()?;
    let own: Vec<_> =
        records.iter().filter(|record| container_id(record) == Some(&group.container_id)).collect();
    ensure!(own.iter().any(|record| path(record) == Some("/bin/sample")), "no execution: {own:#?}");
    let families = |kind: &str| {
        let of_kind = own
            .iter()
            .filter(|record| policy(record) == Some("every-call") && record["evidence"]["kind"] == kind);
        let mut families: Vec<_> =
            of_kind.filter_map(|record| record["evidence"]["socket"]["family"].as_str()).collect();
        families.sort_unstable();
        families.dedup();
        families.join(" ")
    };
    ensure!(families("Bind") == "IPv4 IPv6", "binds of {}", families("Bind"));
    ensure!(families("Accept").contains("IPv4"), "accepted {}", families("Accept"));
    let connects = own
        .iter()
        .filter(|record| record["evidence"]["kind"] == "Connect" && policy(record) == Some("every-call"));
    let peers: Vec<_> = connects.map(|record| &record["evidence"]["socket"]["peer"]["ip"]).collect();
    ensure!(peers.iter().any(|peer| **peer == "::1"), "connects to {peers:?}");
    ensure!(foreign.is_attached()?, "the other program has gone");
    Ok(())
}

fn beside_a_program_that_allows_others_both_run_and_one_denial_wins() -> Result<()> {
    let scene = Scene::set()?;
    scene.write_policy("every-call.yaml", EVERY_CALL)?;
    for (says, is_denied) in [(Says::Yes, false), (Says::No, true)] {
        let foreign = Foreign::attach(scene.subtree.path(), Beside::Others, says)?;
        let agent = scene.agent(&[])?;
        ensure!(attached(&agent, "socket_connect4")? == 1, "{}", agent.log()?);
        let group = scene.subtree.container()?;
        let overlay = Overlay::mount(&scene.programs.sample, &[])?;
        let output = container::run(&group, &overlay.root(), &["/bin/sample", "call", NOBODY])?;
        // The sample is content if nobody can be reached, and complains of any other answer.
        let was_denied = String::from_utf8_lossy(&output.stderr).contains("PermissionDenied");
        ensure!(was_denied == is_denied && output.status.success() != is_denied, "{says:?}: {output:?}");
        agent.record("telling of the call", |record| {
            container_id(record) == Some(&group.container_id)
                && is_failure(record)
                && record["evidence"]["socket"]["peer"]["ip"] == "192.0.2.77"
        })?;
        agent.stop()?;
        ensure!(foreign.is_attached()?, "the other program has gone");
    }
    Ok(())
}

/// Denies every connect.
const NO_CONNECT: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: no-connect}
spec:
  title: Nobody connects
  severity: Low
  action: Block
  match: {events: {kinds: [Connect]}}
  matchConditions: [{name: c, expression: \"event.task != 'Runtime'\"}]
  validations: [{name: v, expression: \"event.socket.family == 'none'\"}]
";

/// Guards against an agent that does not start with `--enforce` where a hook is taken, and against one that does not
/// say where it denies nothing.
fn enforcement_goes_on_at_the_other_hooks_and_status_says_which_one_is_not_there() -> Result<()> {
    let scene = Scene::set()?;
    scene.write_policy("no-connect.yaml", NO_CONNECT)?;
    let foreign = Foreign::attach(scene.subtree.path(), Beside::Nobody, Says::Yes)?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    let is_refused = |peer: &str| -> Result<bool> {
        let output = container.exec(&["/bin/sample", "call", peer])?;
        Ok(String::from_utf8_lossy(&output.stderr).contains("PermissionDenied"))
    };
    agent.wait_until("enforcing in the container", |agent| {
        let status = agent.status()?;
        let told = &status["containers"][0]["policies"][0];
        let because = told["because"].as_str().unwrap_or_default();
        Ok(told["enforcement"] == "Deny" && because.contains("refuses connect4"))
    })?;
    ensure!(!is_refused(NOBODY)?, "refused by a hook that is not there");
    ensure!(is_refused("[2001:db8::77]:9")?, "the other hook refuses nothing");
    agent.stop()?;
    ensure!(foreign.is_attached()?, "the other program has gone");
    Ok(())
}

fn attached(agent: &Agent, program: &str) -> Result<u64> {
    agent.metrics()?.sum("plumbline_agent_program_attached", &[("program", program)])
}

fn probe_says_why(scene: &Scene) -> Result<()> {
    let mut probe = Command::new(&scene.programs.agent);
    let probe =
        probe.args(["probe", "--format", "json", "--cgroup-root"]).arg(scene.subtree.path()).output()?;
    ensure!(probe.status.success(), "{probe:?}");
    let findings: Vec<Value> = serde_json::from_slice(&probe.stdout)?;
    let of = |hook: &str| {
        findings.iter().find(|finding| finding["hook"] == hook && finding["purpose"] == "Observation")
    };
    let refused = of("connect4").context("connect4 is not asked about")?;
    let reason = refused["reason"].as_str().unwrap_or_default();
    ensure!(refused["standing"] == "refused" && reason.contains("another program"), "{refused}");
    ensure!(of("connect6").is_some_and(|used| used["standing"] == "used"), "{findings:#?}");
    Ok(())
}
