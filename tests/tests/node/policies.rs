//! A policy that cannot be read takes nothing away from the others.

use anyhow::{Result, ensure};
use tests::records::{is_failure, path, policy};
use tests::scene::Scene;

crate::theme![broken_policies_are_named_and_the_others_work];

fn broken_policies_are_named_and_the_others_work() -> Result<()> {
    let scene = Scene::with_policies()?;
    scene.write_policy("not-yaml.yaml", "spec: [unclosed\n")?;
    scene.write_policy("no-policy.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")?;
    scene.write_policy(
        "misspelt.yaml",
        "apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {name: misspelt}\nspec:\n  titel: x\n",
    )?;
    let agent = scene.agent(&[])?;
    let log = agent.log()?;
    for file in ["not-yaml.yaml:2:1:", "no-policy.yaml:2:7:", "misspelt.yaml:5:3:"] {
        ensure!(log.contains(file), "the log does not name {file}\n{log}");
    }
    ensure!(log.contains("did you mean `title`?"), "no nearest field for `titel`:\n{log}");
    ensure!(log.contains("5 |   titel: x\n  |   ^"), "no caret under `titel`:\n{log}");
    let metrics = agent.metrics()?;
    // The misspelt one has two mistakes: a field too many, and the title that it meant.
    let mistakes = metrics.sum("plumbline_agent_policy_errors", &[])?;
    ensure!(mistakes == 4, "there are four mistakes, the metric says {mistakes}");
    let container = scene.container()?;
    container.sample(&["drop", "/tmp/dropped"])?;
    agent.record("alerting by the other policies", |record| {
        is_failure(record) && path(record) == Some("/tmp/dropped") && policy(record) != Some("every-exec")
    })?;
    agent.stop().map(drop)
}
