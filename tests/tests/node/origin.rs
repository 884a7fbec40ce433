//! Where an executable came from, on a real overlay: each case of overlayfs that looks like another.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tests::agent::Agent;
use tests::cgroup::ContainerGroup;
use tests::container::Container;
use tests::overlay::Overlay;
use tests::records::{container_id, is_failure, origin, path, policy, text};
use tests::scene::Scene;

crate::theme![
    image_file_is_image,
    file_written_after_start_alerts,
    image_file_overwritten_in_place_alerts,
    image_file_with_a_changed_mode_is_copied_up,
    memory_alerts_as_fileless,
    deleted_file_alerts,
    script_written_after_start_alerts,
    program_in_a_volume_that_nobody_declared_is_unknown_and_raises_nothing,
    program_in_a_declared_volume_in_memory_raises_nothing,
    program_in_memory_that_the_pod_does_not_declare_alerts,
];

const FOREIGN: &str = "executable-not-from-image";
const FILELESS: &str = "fileless-execution";

/// What was seen of one exec: its origin, and which shipped policies it failed.
struct Seen {
    origin: String,
    volume: Option<String>,
    alerts: Vec<String>,
}

/// Runs `/bin/sample` with `arguments` in a new container and looks at the exec of `executable`.
fn seen(arguments: &[&str], executable: &str) -> Result<Seen> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let container = scene.container()?;
    container.sample(arguments)?;
    look(agent, &container, executable)
}

fn look(agent: Agent, container: &Container, executable: &str) -> Result<Seen> {
    let id = container.group.container_id.clone();
    let about = |record: &Value| {
        container_id(record) == Some(&id) && path(record).is_some_and(|path| path.starts_with(executable))
    };
    let record = agent.record(&format!("telling of {executable}"), |record| {
        about(record) && policy(record) == Some("every-exec")
    })?;
    let origin = origin(&record).context("a record without an origin")?.to_owned();
    let volume = text(&record, "/evidence/executable/volume").map(str::to_owned);
    let mut alerts: Vec<String> = agent
        .stop()?
        .iter()
        .filter(|record| about(record) && is_failure(record))
        .filter_map(|record| policy(record).filter(|name| *name != "every-exec").map(str::to_owned))
        .collect();
    alerts.sort();
    alerts.dedup();
    Ok(Seen { origin, volume, alerts })
}

fn image_file_is_image() -> Result<()> {
    quiet(&seen(&["run", "/bin/victim"], "/bin/victim")?, "Image")
}

fn file_written_after_start_alerts() -> Result<()> {
    alerting(&seen(&["drop", "/tmp/dropped"], "/tmp/dropped")?, "Upper", FOREIGN)
}

/// In the kernel this looks like a changed mode; only comparing the files tells.
fn image_file_overwritten_in_place_alerts() -> Result<()> {
    alerting(&seen(&["overwrite", "/bin/victim"], "/bin/victim")?, "Upper", FOREIGN)
}

fn image_file_with_a_changed_mode_is_copied_up() -> Result<()> {
    quiet(&seen(&["chmod", "/bin/changed"], "/bin/changed")?, "CopiedUp")
}

fn memory_alerts_as_fileless() -> Result<()> {
    alerting(&seen(&["memfd"], "/memfd:sample")?, "Memfd", FILELESS)
}

fn deleted_file_alerts() -> Result<()> {
    alerting(&seen(&["deleted", "/tmp/gone"], "/tmp/gone")?, "Deleted", FILELESS)
}

/// The kernel shows the interpreter, which is the image's; the script is what was written.
fn script_written_after_start_alerts() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let container = scene.container()?;
    container.sample(&["script", "/tmp/script"])?;
    let id = container.group.container_id.clone();
    let record = agent.record("telling of the script", |record| {
        container_id(record) == Some(&id)
            && is_failure(record)
            && policy(record) != Some("every-exec")
            && record.pointer("/evidence/executable/script/path") == Some(&"/tmp/script".into())
    })?;
    let script = record.pointer("/evidence/executable/script/origin");
    ensure!(script == Some(&"Upper".into()), "{record}");
    ensure!(origin(&record) == Some("Image") && path(&record) == Some("/bin/sample"), "{record}");
    agent.stop().map(drop)
}

/// Without a Pod the mounts are not known, so the kind of the volume is not, either.
fn program_in_a_volume_that_nobody_declared_is_unknown_and_raises_nothing() -> Result<()> {
    let scene = Scene::with_policies()?;
    let folder = TempDir::with_prefix("plumbline-volume-")?;
    quiet(&seen_in_volume(&scene, scene.subtree.container()?, folder.path())?, "Volume")
}

fn program_in_a_declared_volume_in_memory_raises_nothing() -> Result<()> {
    let scene = Scene::with_policies()?;
    let group = scene.subtree.container()?;
    let mounts = "volumeMounts: [{name: data, mountPath: /data}]";
    declare(&scene, &group, mounts, "volumes: [{name: data, emptyDir: {medium: Memory}}]")?;
    let memory = TempDir::new_in("/dev/shm")?;
    let seen = seen_in_volume(&scene, group, memory.path())?;
    ensure!(seen.volume.as_deref() == Some("emptyDir"), "a volume of kind {:?}", seen.volume);
    quiet(&seen, "Volume")
}

fn program_in_memory_that_the_pod_does_not_declare_alerts() -> Result<()> {
    let scene = Scene::with_policies()?;
    let group = scene.subtree.container()?;
    declare(&scene, &group, "volumeMounts: []", "volumes: []")?;
    let memory = TempDir::new_in("/dev/shm")?;
    let seen = seen_in_volume(&scene, group, memory.path())?;
    ensure!(seen.volume.as_deref() == Some("Tmpfs"), "a volume of kind {:?}", seen.volume);
    alerting(&seen, "Volume", FOREIGN)
}

fn declare(scene: &Scene, group: &ContainerGroup, mounts: &str, volumes: &str) -> Result<()> {
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: volumes, namespace: tests, uid: {}}}\nspec:\n  {volumes}\n  \
         containers:\n  - name: only\n    image: 'registry.test/sample:1'\n    {mounts}\n",
        group.pod_uid
    );
    fs::write(scene.declarations.path().join("pod.yaml"), pod).context("write a declaration")
}

/// Drops a program into `volume`, which the container has at `/data`, and runs it.
fn seen_in_volume(scene: &Scene, group: ContainerGroup, volume: &Path) -> Result<Seen> {
    let agent = scene.agent(&[])?;
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    let container = Container::start_in(group, overlay, &[(volume.to_owned(), "/data")])?;
    container.sample(&["drop", "/data/program"])?;
    look(agent, &container, "/data/program")
}

fn quiet(seen: &Seen, origin: &str) -> Result<()> {
    ensure!(seen.origin == origin, "origin {}, not {origin}", seen.origin);
    ensure!(seen.alerts.is_empty(), "alerts: {:?}", seen.alerts);
    Ok(())
}

/// One policy alerts, and no other does.
fn alerting(seen: &Seen, origin: &str, policy: &str) -> Result<()> {
    ensure!(seen.origin == origin, "origin {}, not {origin}", seen.origin);
    ensure!(seen.alerts == [policy], "alerts of {:?}, not of {policy} alone", seen.alerts);
    Ok(())
}
