//! Containers that are weaker than their Pods declare: each is told once, with what is declared, what the kernel shows
//! and where it was lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tests::agent::Agent;
use tests::cgroup;
use tests::records::{container_id, is_failure, path, policy, text};
use tests::runc::{Container, Plan};
use tests::scene::Scene;

crate::theme![
    container_that_is_as_it_declares_drifts_in_nothing,
    container_that_declares_nothing_drifts_in_nothing,
    container_with_users_of_its_own_drifts_in_nothing,
    program_that_gains_ids_is_shown_with_them_and_looked_at,
    container_in_the_nodes_network_that_does_not_declare_it_is_a_drift,
    network_of_the_node_that_was_joined_by_a_path_is_a_drift_of_what_the_runtime_was_told,
    more_capabilities_than_declared_are_a_drift_of_what_the_runtime_was_told,
    container_without_its_declared_seccomp_is_a_drift,
    folder_of_the_node_that_no_volume_declares_is_a_drift,
    root_that_is_made_writable_while_it_runs_is_a_drift_past_the_runtime,
    container_that_ran_before_the_agent_is_held_against_its_pod,
    container_whose_pod_is_declared_later_is_held_against_it_then,
    container_that_is_gone_at_once_is_counted_and_nothing_is_told_of_it,
];

const SLEEP: [&str; 2] = ["/bin/sample", "sleep"];
const CONTEXT: &str = "/spec/containers/0/securityContext";

/// A drift where there is none would be any row that takes what is declared for a contradiction; a look that was never
/// taken would show none either, so that is asked for.
fn container_that_is_as_it_declares_drifts_in_nothing() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    scene.ship("pod-security-baseline")?;
    let agent = scene.agent(&[])?;
    let container = Plan::new(&scene, &SLEEP)?.start(&scene)?;
    settle(&agent)?;
    let judged = agent.metrics()?.sum("plumbline_agent_judgements_total", &[("verdict", "Pass")])?;
    ensure!(judged > 3, "its Pod was not judged");
    let records = agent.stop()?;
    let of_it: Vec<_> =
        records.iter().filter(|record| container_id(record) == Some(container.id())).collect();
    ensure!(of_it.is_empty(), "{of_it:#?}");
    Ok(())
}

/// The runtime's defaults are nobody's contradiction: not its capabilities, root as its user, or a missing filter. What
/// programs of an image do with a setuid bit is none either.
fn container_that_declares_nothing_drifts_in_nothing() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    scene.ship("pod-security-baseline")?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &["/bin/sample", "stay", "/bin/setuid"])?.undeclared();
    fs::set_permissions(plan.root().join("bin/setuid"), fs::Permissions::from_mode(0o4755))?;
    plan.spec["process"]["user"] = json!({"uid": 1000, "gid": 1000});
    let container = plan.start(&scene)?;
    settle(&agent)?;
    let records = agent.stop()?;
    let of_it: Vec<_> =
        records.iter().filter(|record| container_id(record) == Some(container.id())).collect();
    ensure!(of_it.iter().all(|record| !is_failure(record)), "{of_it:#?}");
    ensure!(drifts(&records, &container).next().is_none(), "{of_it:#?}");
    Ok(())
}

/// Guards against ids that are compared as the node has them, and against a root that has all capabilities in a user
/// namespace of its own.
fn container_with_users_of_its_own_drifts_in_nothing() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    scene.ship("pod-security-baseline")?;
    let mut plan = Plan::new(&scene, &SLEEP)?;
    plan.pod["spec"]["hostUsers"] = json!(false);
    plan.with_own_users(100_000)?;
    let agent = scene.agent(&[])?;
    let container = plan.start(&scene)?;
    settle(&agent)?;
    let records = agent.stop()?;
    let of_it: Vec<_> =
        records.iter().filter(|record| container_id(record) == Some(container.id())).collect();
    ensure!(of_it.is_empty(), "{of_it:#?}");
    Ok(())
}

/// Guards against real ids where effective ones are meant: with those a setuid program is nobody's news, and the
/// container is not looked at again.
fn program_that_gains_ids_is_shown_with_them_and_looked_at() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &["/bin/sample", "stay", "/bin/setuid"])?.undeclared();
    fs::set_permissions(plan.root().join("bin/setuid"), fs::Permissions::from_mode(0o4755))?;
    plan.spec["process"]["user"] = json!({"uid": 1000, "gid": 1000});
    let _container = plan.start(&scene)?;
    let uid = |name: &'static str| {
        let record = agent.record(name, |record| path(record) == Some(name));
        record.map(|record| record.pointer("/evidence/uid").and_then(Value::as_u64))
    };
    ensure!(uid("/bin/sample")? == Some(1000), "the first program's");
    ensure!(uid("/bin/setuid")? == Some(0), "the setuid program's");
    agent.wait_until("looking twice", |agent| {
        Ok(agent.metrics()?.sum("plumbline_agent_looks_total", &[])? > 1)
    })?;
    agent.stop().map(drop)
}

/// Guards against the namespaces of pid 1 that cannot be looked into here, or of the container's own.
fn container_in_the_nodes_network_that_does_not_declare_it_is_a_drift() -> Result<()> {
    let scene = Scene::set()?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &SLEEP)?;
    let namespaces = plan.spec["linux"]["namespaces"].as_array_mut().context("no namespaces")?;
    namespaces.retain(|namespace| namespace["type"] != "network");
    let changes = only_drift(&scene, &agent, plan)?;
    ensure!(changes.len() == 1, "{changes:#?}");
    is(&changes[0], "/spec/hostNetwork", &Value::Null, &json!(true), "PodToOci")?;
    agent.stop().map(drop)
}

/// Guards against a step that is not known where a specification names a namespace as CRI does, by a file that it is
/// mounted on.
fn network_of_the_node_that_was_joined_by_a_path_is_a_drift_of_what_the_runtime_was_told() -> Result<()> {
    let scene = Scene::set()?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &SLEEP)?;
    let file = NamespaceFile::of_the_nodes_network()?;
    let namespaces = plan.spec["linux"]["namespaces"].as_array_mut().context("no namespaces")?;
    let network = namespaces.iter_mut().find(|namespace| namespace["type"] == "network");
    network.context("no network")?["path"] = json!(file.0.path());
    let changes = only_drift(&scene, &agent, plan)?;
    ensure!(changes.len() == 1, "{changes:#?}");
    is(&changes[0], "/spec/hostNetwork", &Value::Null, &json!(true), "PodToOci")?;
    agent.stop().map(drop)
}

/// A file that a namespace is mounted on, as `ip netns` makes them below /run/netns.
struct NamespaceFile(NamedTempFile);

impl NamespaceFile {
    fn of_the_nodes_network() -> Result<Self> {
        let file = NamedTempFile::new()?;
        mount(Some("/proc/self/ns/net"), file.path(), None::<&str>, MsFlags::MS_BIND, None::<&str>)
            .context("mount the namespace")?;
        Ok(Self(file))
    }
}

impl Drop for NamespaceFile {
    fn drop(&mut self) {
        if let Err(failure) = umount2(self.0.path(), MntFlags::MNT_DETACH) {
            eprintln!("left behind: {failure}");
        }
    }
}

/// Guards against a bounding set that nobody reads, and against one that is compared with the specification alone.
fn more_capabilities_than_declared_are_a_drift_of_what_the_runtime_was_told() -> Result<()> {
    let scene = Scene::set()?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &SLEEP)?;
    plan.allow(&["CAP_CHOWN", "CAP_NET_RAW"]);
    let changes = only_drift(&scene, &agent, plan)?;
    ensure!(changes.len() == 1, "{changes:#?}");
    is(
        &changes[0],
        &format!("{CONTEXT}/capabilities/add"),
        &Value::Null,
        &json!(["CHOWN", "NET_RAW"]),
        "PodToOci",
    )?;
    agent.stop().map(drop)
}

/// Guards against a mode of seccomp that nobody reads.
fn container_without_its_declared_seccomp_is_a_drift() -> Result<()> {
    let scene = Scene::set()?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &SLEEP)?;
    plan.spec["linux"]["seccomp"] = Value::Null;
    let changes = only_drift(&scene, &agent, plan)?;
    ensure!(changes.len() == 1, "{changes:#?}");
    let declared = json!({"type": "RuntimeDefault"});
    ensure!(
        changes[0]["path"]
            .as_str()
            .is_some_and(|path| path.starts_with(&format!("{CONTEXT}/seccompProfile")))
    );
    ensure!(changes[0]["declared"] == declared || changes[0]["declared"] == "RuntimeDefault", "{changes:#?}");
    ensure!(changes[0]["observed"].to_string().contains("Unconfined"), "{changes:#?}");
    ensure!(changes[0]["step"] == "PodToOci", "{changes:#?}");
    agent.stop().map(drop)
}

/// Guards against mounts of the specification that nobody holds against the Pod's volumes, and against a Pod that is
/// judged as it is declared.
fn folder_of_the_node_that_no_volume_declares_is_a_drift() -> Result<()> {
    let scene = Scene::set()?;
    scene.ship("pod-security-baseline")?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &SLEEP)?;
    let folder = tempfile::tempdir()?;
    let options = json!(["rbind", "rprivate", "ro"]);
    let mount = json!({"destination": "/host", "type": "bind", "source": folder.path(), "options": options});
    plan.spec["mounts"].as_array_mut().context("no mounts")?.push(mount);
    let changes = only_drift(&scene, &agent, plan)?;
    ensure!(changes.len() == 2, "a volume, and where it is mounted: {changes:#?}");
    ensure!(changes[0]["observed"]["hostPath"]["path"] == json!(folder.path()), "{changes:#?}");
    ensure!(changes[1]["observed"]["mountPath"] == "/host", "{changes:#?}");
    ensure!(changes.iter().all(|change| change["step"] == "PodToOci"), "{changes:#?}");
    let failure = agent.record("judging the observed Pod", is_failure)?;
    ensure!(policy(&failure) == Some("host-path"), "{failure:#}");
    ensure!(failure.pointer("/evidence/changes") == Some(&json!([changes[0]])), "{failure:#}");
    ensure!(
        agent.records()?.iter().filter(|record| is_failure(record)).count() == 1,
        "it fails one policy, once"
    );
    agent.stop().map(drop)
}

/// Guards against facts that are read at the start alone: the root is made writable after that look, and only a use of
/// SYS_ADMIN tells of it.
fn root_that_is_made_writable_while_it_runs_is_a_drift_past_the_runtime() -> Result<()> {
    let scene = Scene::set()?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &["/bin/sample", "after", "/data/go", "remount"])?;
    let context = &mut plan.declared()["securityContext"];
    *context =
        json!({"readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}});
    plan.allow(&["CAP_SYS_ADMIN"]);
    plan.spec["process"]["user"] = json!({"uid": 0, "gid": 0});
    plan.spec["process"]["noNewPrivileges"] = json!(false);
    let container = plan.start(&scene)?;
    settle(&agent)?;
    ensure!(drifts(&agent.records()?, &container).next().is_none(), "before it drifts");
    fs::write(container.volume().join("go"), "")?;
    let changes = drift(&agent, &container)?;
    ensure!(changes.len() == 1, "{changes:#?}");
    is(
        &changes[0],
        &format!("{CONTEXT}/readOnlyRootFilesystem"),
        &json!(true),
        &json!(false),
        "OciToKernel",
    )?;
    settle(&agent)?;
    once(&agent.stop()?, &container)
}

/// Guards against containers that are looked at only where their first exec was seen.
fn container_that_ran_before_the_agent_is_held_against_its_pod() -> Result<()> {
    let scene = Scene::set()?;
    let mut plan = Plan::new(&scene, &SLEEP)?;
    plan.spec["process"]["noNewPrivileges"] = json!(false);
    let container = plan.start(&scene)?;
    let agent = scene.agent(&[])?;
    let changes = drift(&agent, &container)?;
    ensure!(changes.len() == 1, "{changes:#?}");
    let field = format!("{CONTEXT}/allowPrivilegeEscalation");
    is(&changes[0], &field, &json!(false), &json!(true), "PodToOci")?;
    once(&agent.stop()?, &container)
}

/// Guards against a container that is looked at once, found without a Pod, and never again.
fn container_whose_pod_is_declared_later_is_held_against_it_then() -> Result<()> {
    let scene = Scene::set()?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &SLEEP)?;
    plan.spec["process"]["user"]["uid"] = json!(7);
    let pod = plan.pod.to_string();
    let container = plan.start_undeclared()?;
    settle(&agent)?;
    ensure!(drifts(&agent.records()?, &container).next().is_none(), "nothing is declared yet");
    fs::write(scene.declarations.path().join("pod.json"), pod)?;
    let changes = drift(&agent, &container)?;
    ensure!(changes.len() == 1, "{changes:#?}");
    is(&changes[0], &format!("{CONTEXT}/runAsUser"), &json!(1000), &json!(7), "PodToOci")?;
    once(&agent.stop()?, &container)
}

/// Guards against a look-up that takes another process, or none, for the container.
fn container_that_is_gone_at_once_is_counted_and_nothing_is_told_of_it() -> Result<()> {
    let scene = Scene::set()?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &["/bin/sample", "hello"])?;
    plan.spec["process"]["noNewPrivileges"] = json!(false);
    agent.pause()?;
    let container = plan.start(&scene)?;
    while !cgroup::processes(container.group().path())?.is_empty() {
        thread::sleep(Duration::from_millis(10));
    }
    agent.resume()?;
    agent.wait_until("counting the container that is gone", |agent| {
        Ok(agent.metrics()?.sum("plumbline_agent_looks_vanished_total", &[])? > 0)
    })?;
    ensure!(drifts(&agent.stop()?, &container).next().is_none());
    Ok(())
}

/// Waits for a look at the container, and until nothing is under way.
fn settle(agent: &Agent) -> Result<()> {
    agent.wait_until("looking at the container", |agent| {
        Ok(agent.metrics()?.sum("plumbline_agent_looks_total", &[])? > 0)
    })?;
    agent.settled("exec").map(drop)
}

/// The one drift that a plan must lead to.
fn only_drift(scene: &Scene, agent: &Agent, plan: Plan) -> Result<Vec<Value>> {
    let container = plan.start(scene)?;
    let changes = drift(agent, &container)?;
    settle(agent)?;
    once(&agent.records()?, &container)?;
    Ok(changes)
}

fn drift(agent: &Agent, container: &Container) -> Result<Vec<Value>> {
    let record = agent.record("telling of the drift", |record| is_drift(record, container))?;
    let changes = record.pointer("/evidence/changes").and_then(Value::as_array);
    changes.cloned().with_context(|| format!("no changes in {record}"))
}

fn once(records: &[Value], container: &Container) -> Result<()> {
    let drifts: Vec<_> = drifts(records, container).collect();
    ensure!(drifts.len() == 1, "{drifts:#?}");
    Ok(())
}

fn drifts<'a>(records: &'a [Value], container: &Container) -> impl Iterator<Item = &'a Value> {
    records.iter().filter(|record| is_drift(record, container))
}

fn is_drift(record: &Value, container: &Container) -> bool {
    text(record, "/kind") == Some("Drift") && container_id(record) == Some(container.id())
}

fn is(change: &Value, path: &str, declared: &Value, observed: &Value, step: &str) -> Result<()> {
    let found = (&change["path"], &change["declared"], &change["observed"], &change["step"]);
    ensure!(found == (&json!(path), declared, observed, &json!(step)), "{change:#}");
    ensure!(!text(change, "/reason").unwrap_or_default().is_empty(), "it does not say why: {change:#}");
    Ok(())
}
