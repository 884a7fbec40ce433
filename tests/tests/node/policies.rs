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
    for file in ["not-yaml.yaml:", "no-policy.yaml:1:", "misspelt.yaml:5:"] {
        ensure!(log.contains(file), "the log does not name {file}\n{log}");
    }
    ensure!(log.contains("title"), "no nearest field for `titel`:\n{log}");
    let metrics = agent.metrics()?;
    let failed = metrics.sum("plumbline_agent_policy_errors", &[])?;
    ensure!(failed == 3, "three files did not load, the metric says {failed}");
    let container = scene.container()?;
    container.sample(&["drop", "/tmp/dropped"])?;
    agent.record("alerting by the other policies", |record| {
        is_failure(record) && path(record) == Some("/tmp/dropped") && policy(record) != Some("every-exec")
    })?;
    agent.stop().map(drop)
}
