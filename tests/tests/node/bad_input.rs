//! What a container or a declaration does to be a nuisance stays its own affair.

use std::fs;

use agent_common::map::EXECUTABLES_PER_CONTAINER;
use anyhow::{Result, ensure};
use tempfile::TempDir;
use tests::agent::Agent;
use tests::container;
use tests::overlay::Overlay;
use tests::records::{container_id, path, policy};
use tests::scene::Scene;
use tests::storm::Execs;

crate::theme![
    container_of_thousands_of_files_uses_up_its_own_share_alone,
    pod_that_declares_nonsense_is_still_watched_and_hides_no_other,
];

/// Several times a container's share.
const FILES: u64 = 4_000;

/// Were the share one for all containers, the second one's first executable would be over the budget; were there none,
/// all of the first one's would have been sent.
fn container_of_thousands_of_files_uses_up_its_own_share_alone() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let folder = TempDir::new_in("/dev/shm")?;
    let group = scene.subtree.container()?;
    let storm = Execs { distinct: true, ..Execs::new(group.path(), folder.path(), FILES) };
    let caused = storm.run()?;
    ensure!(caused.distinct == FILES, "{caused:?}");
    let flooded = agent.settled("executable")?;
    flooded.check()?;
    let share = u64::from(EXECUTABLES_PER_CONTAINER);
    // Two processes may pass the last place at once.
    ensure!((share..=share + 1).contains(&flooded.submitted), "not its share of {share}: {flooded:?}");
    let other = scene.subtree.container()?;
    let caused = Execs { distinct: true, workers: 1, ..Execs::new(other.path(), folder.path(), 10) }.run()?;
    let after = agent.settled("executable")?;
    after.check()?;
    let (submitted, over) = (after.submitted - flooded.submitted, after.over_budget - flooded.over_budget);
    ensure!(
        submitted == caused.execs && over == 0,
        "of another container's {} files {submitted} were told, {over} were over the budget: {after:?}",
        caused.execs
    );
    agent.stop().map(drop)
}

fn pod_that_declares_nonsense_is_still_watched_and_hides_no_other() -> Result<()> {
    let scene = Scene::with_policies()?;
    let (nonsense, sound) = (scene.subtree.container()?, scene.subtree.container()?);
    let declare = |file: &str, uid: &str, spec: &str| {
        let text =
            format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {file}, uid: {uid}}}\nspec: {spec}\n");
        fs::write(scene.declarations.path().join(format!("{file}.yaml")), text)
    };
    let spec = "{hostPID: 7, volumes: text, securityContext: [], containers: [null, 3, {name: {}, image: [], \
                securityContext: {runAsUser: many, capabilities: {add: 1, drop: {}}}, volumeMounts: 0}]}";
    declare("nonsense", &nonsense.pod_uid, spec)?;
    declare("sound", &sound.pod_uid, "{containers: [{name: only, image: 'registry.test/sample:1'}]}")?;
    let agent = scene.agent(&[])?;
    for group in [&nonsense, &sound] {
        let overlay = Overlay::mount(&scene.programs.sample, &[])?;
        let output = container::run(group, &overlay.root(), &["/bin/sample", "hello"])?;
        ensure!(output.status.success(), "{output:?}");
        seen(&agent, &group.container_id)?;
    }
    ensure!(agent.ready()?, "not ready; its log:\n{}", agent.log()?);
    let log = agent.log()?;
    ensure!(!log.contains("panicked"), "{log}");
    agent.stop().map(drop)
}

fn seen(agent: &Agent, id: &str) -> Result<()> {
    let told = agent.record(&format!("telling of the exec in {id}"), |record| {
        container_id(record) == Some(id)
            && policy(record) == Some("every-exec")
            && path(record) == Some("/bin/sample")
    });
    told.map(drop)
}
