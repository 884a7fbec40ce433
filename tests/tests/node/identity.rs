//! Whose an event is: the container, its pod, and whether the container itself made the task.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::agent::Agent;
use tests::container;
use tests::overlay::Overlay;
use tests::records::{container_id, path, policy, task, text};
use tests::scene::Scene;

crate::theme![
    command_from_outside_is_injected_and_the_init_is_the_containers,
    child_of_a_command_from_outside_is_injected,
    container_that_ran_before_the_agent_is_known,
    pod_is_told_from_its_declaration,
    declaration_that_comes_later_is_used,
    container_in_a_nested_group_is_its_outer_container,
    container_of_each_engine_and_driver_is_known_by_its_path,
];

/// Where engines and drivers put a container: `UID` is the pod's uid, `SNAKE` the same with underscores, `ID` the
/// container's id.
const PLACES: [&str; 8] = [
    "kubepods/podUID/ID",
    "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSNAKE.slice/cri-containerd-ID.scope",
    "kubepods.slice/kubepods-podSNAKE.slice/crio-ID.scope",
    "kubepods/besteffort/podUID/crio-ID",
    "system.slice/docker-ID.scope",
    "docker/ID",
    "machine.slice/libpod-ID.scope",
    "machine.slice/libpod-ID.scope/container",
];

fn command_from_outside_is_injected_and_the_init_is_the_containers() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let container = scene.container()?;
    container.sample(&["hello"])?;
    let id = container.group.container_id.clone();
    let of = |argument: &'static str| move |record: &Value| second_argument(record) == Some(argument);
    let init = exec(&agent, &id, "the init", of("sleep"))?;
    ensure!(task(&init) == Some("Container"), "{init}");
    let injected = exec(&agent, &id, "the command from outside", of("hello"))?;
    ensure!(task(&injected) == Some("Injected"), "{injected}");
    // small-runtime runs in the group before its first exec inside, but executes nothing there itself.
    let records = agent.stop()?;
    let runtime =
        records.iter().find(|record| path(record).is_some_and(|path| path.contains("small-runtime")));
    ensure!(runtime.is_none(), "{runtime:?}");
    Ok(())
}

fn child_of_a_command_from_outside_is_injected() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let container = scene.container()?;
    container.sample(&["run", "/bin/victim"])?;
    let id = container.group.container_id.clone();
    let child = exec(&agent, &id, "the child", |record| path(record) == Some("/bin/victim"))?;
    ensure!(task(&child) == Some("Injected"), "{child}");
    let parent = child.pointer("/evidence/ancestry/0/path").and_then(Value::as_str);
    ensure!(parent == Some("/bin/sample"), "the parent is {parent:?}: {child}");
    agent.stop().map(drop)
}

fn container_that_ran_before_the_agent_is_known() -> Result<()> {
    let scene = Scene::with_policies()?;
    let container = scene.container()?;
    let agent = scene.agent(&[])?;
    container.sample(&["drop", "/tmp/late"])?;
    let id = container.group.container_id.clone();
    let record = exec(&agent, &id, "the dropped program", |record| path(record) == Some("/tmp/late"))?;
    ensure!(task(&record) == Some("Injected"), "its init is an old one: {record}");
    agent.stop().map(drop)
}

fn pod_is_told_from_its_declaration() -> Result<()> {
    let scene = Scene::with_policies()?;
    let group = scene.subtree.container()?;
    fs::write(scene.declarations.path().join("pod.yaml"), pod("early", &group.pod_uid))?;
    let agent = scene.agent(&[])?;
    let record = run_declared(&scene, &agent, &group)?;
    named(&record, "early")?;
    agent.stop().map(drop)
}

fn declaration_that_comes_later_is_used() -> Result<()> {
    let scene = Scene::with_policies()?;
    let group = scene.subtree.container()?;
    let agent = scene.agent(&[])?;
    fs::write(scene.declarations.path().join("pod.yaml"), pod("later", &group.pod_uid))?;
    let mut found = None;
    agent.wait_until("using the declaration", |agent| {
        let record = run_declared(&scene, agent, &group)?;
        let newest = agent.records()?.into_iter().rfind(|record| text(record, "/subject/pod/name").is_some());
        found = newest.or(Some(record));
        Ok(found.as_ref().and_then(|record| text(record, "/subject/pod/name")).is_some())
    })?;
    named(&found.context("no record")?, "later")?;
    agent.stop().map(drop)
}

fn container_in_a_nested_group_is_its_outer_container() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let outer = scene.subtree.container()?;
    let id = outer.container_id.clone();
    let inner = outer.nested("inner")?;
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    let output = container::run(&inner, &overlay.root(), &["/bin/sample", "hello"])?;
    ensure!(output.status.success(), "{output:?}");
    let record = exec(&agent, &id, "the nested program", |record| second_argument(record) == Some("hello"))?;
    ensure!(path(&record) == Some("/bin/sample"), "{record}");
    agent.stop().map(drop)
}

fn container_of_each_engine_and_driver_is_known_by_its_path() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    for (number, place) in PLACES.iter().enumerate() {
        let uid = format!("00000000-0000-4000-8000-{number:012x}");
        let id = format!("{number:064x}");
        let place = place.replace("UID", &uid).replace("SNAKE", &uid.replace('-', "_")).replace("ID", &id);
        let group = scene.subtree.container_at(&place, &uid, &id)?;
        let overlay = Overlay::mount(&scene.programs.sample, &[])?;
        let output = container::run(&group, &overlay.root(), &["/bin/sample", "hello"])?;
        ensure!(output.status.success(), "{output:?}");
        exec(&agent, &id, &place, |record| second_argument(record) == Some("hello"))?;
    }
    agent.stop().map(drop)
}

/// Waits for the record of one exec in the container `id`.
fn exec(agent: &Agent, id: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
    agent.record(&format!("telling of {what}"), |record| {
        container_id(record) == Some(id) && policy(record) == Some("every-exec") && wanted(record)
    })
}

fn second_argument(record: &Value) -> Option<&str> {
    text(record, "/evidence/args/1")
}

fn run_declared(scene: &Scene, agent: &Agent, group: &tests::cgroup::ContainerGroup) -> Result<Value> {
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    let output = container::run(group, &overlay.root(), &["/bin/sample", "hello"])?;
    ensure!(output.status.success(), "{output:?}");
    agent.record("telling of the program", |record| policy(record) == Some("every-exec"))
}

fn named(record: &Value, pod: &str) -> Result<()> {
    ensure!(text(record, "/subject/pod/name") == Some(pod), "{record}");
    ensure!(text(record, "/subject/namespace") == Some("tests"), "{record}");
    ensure!(text(record, "/subject/container/name") == Some("only"), "{record}");
    ensure!(text(record, "/subject/container/image/reference") == Some("registry.test/sample:1"), "{record}");
    Ok(())
}

fn pod(name: &str, uid: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: tests, uid: {uid}}}\nspec:\n  \
         containers:\n  - {{name: only, image: 'registry.test/sample:1'}}\n"
    )
}
