//! Where an executable came from, on a real overlay: each case of overlayfs that looks like another.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::agent::Agent;
use tests::container::Container;
use tests::overlay::Overlay;
use tests::records::{container_id, is_failure, origin, path, policy};
use tests::scene::Scene;

crate::theme![
    image_file_is_image,
    file_written_after_start_alerts,
    image_file_overwritten_in_place_alerts,
    image_file_with_a_changed_mode_is_copied_up,
    memory_alerts_as_fileless,
    deleted_file_alerts,
    script_written_after_start_alerts,
    program_in_a_volume_raises_nothing,
];

/// What was seen of one exec: its origin, and which shipped policies it failed.
struct Seen {
    origin: String,
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
    let mut alerts: Vec<String> = agent
        .stop()?
        .iter()
        .filter(|record| about(record) && is_failure(record))
        .filter_map(|record| policy(record).filter(|name| *name != "every-exec").map(str::to_owned))
        .collect();
    alerts.sort();
    alerts.dedup();
    Ok(Seen { origin, alerts })
}

fn image_file_is_image() -> Result<()> {
    quiet(&seen(&["run", "/bin/victim"], "/bin/victim")?, "Image")
}

fn file_written_after_start_alerts() -> Result<()> {
    alerting(&seen(&["drop", "/tmp/dropped"], "/tmp/dropped")?, "Upper")
}

/// In the kernel this looks like a changed mode; only comparing the files tells.
fn image_file_overwritten_in_place_alerts() -> Result<()> {
    alerting(&seen(&["overwrite", "/bin/victim"], "/bin/victim")?, "Upper")
}

fn image_file_with_a_changed_mode_is_copied_up() -> Result<()> {
    quiet(&seen(&["chmod", "/bin/changed"], "/bin/changed")?, "CopiedUp")
}

fn memory_alerts_as_fileless() -> Result<()> {
    alerting(&seen(&["memfd"], "/memfd:sample")?, "Memfd")
}

fn deleted_file_alerts() -> Result<()> {
    alerting(&seen(&["deleted", "/tmp/gone"], "/tmp/gone")?, "Deleted")
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

fn program_in_a_volume_raises_nothing() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    let volumes: [(PathBuf, &str); 1] = [(overlay.volume("data")?, "/data")];
    let container = Container::start_in(scene.subtree.container()?, overlay, &volumes)?;
    container.sample(&["drop", "/data/program"])?;
    quiet(&look(agent, &container, "/data/program")?, "Volume")
}

fn quiet(seen: &Seen, origin: &str) -> Result<()> {
    ensure!(seen.origin == origin, "origin {}, not {origin}", seen.origin);
    ensure!(seen.alerts.is_empty(), "alerts: {:?}", seen.alerts);
    Ok(())
}

fn alerting(seen: &Seen, origin: &str) -> Result<()> {
    ensure!(seen.origin == origin, "origin {}, not {origin}", seen.origin);
    ensure!(seen.alerts.len() == 1, "one alert was to come: {:?}", seen.alerts);
    Ok(())
}
