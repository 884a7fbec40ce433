//! Capabilities in user namespaces that a container made.

use std::fs;

use anyhow::{Context, Result, ensure};
use tests::container;
use tests::overlay::Overlay;
use tests::records::{is_failure, policy, text};
use tests::scene::Scene;

crate::theme![capability_in_the_deepest_user_namespace_is_a_childs_and_raises_nothing];

/// Fails for each use, so that each is told.
const EVERY_USE: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: every-use}
spec:
  title: Every use of a capability is recorded
  severity: Low
  remediation: None; this policy is a test's.
  match: {events: {kinds: [CapabilityUse]}}
  validations: [{name: seen, expression: \"event.capability == ''\", message: a use was seen}]
";

/// Guards against a search that ends before the container's own is found: what is not found below it would be taken for
/// one outside, and be an alert. The kernel makes 33 below the initial one, in which the container is.
fn capability_in_the_deepest_user_namespace_is_a_childs_and_raises_nothing() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    scene.write_policy("every-use.yaml", EVERY_USE)?;
    let group = scene.subtree.container()?;
    let uid = &group.pod_uid;
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: deep, namespace: tests, uid: {uid}}}\nspec:\n  containers:\n  \
         - name: only\n    image: registry.test/sample:1\n    securityContext: {{capabilities: {{drop: [SYS_CHROOT], add: [ALL]}}}}\n"
    );
    fs::write(scene.declarations.path().join("pod.yaml"), pod).context("write the declaration")?;
    let agent = scene.agent(&[])?;
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    let output = container::run(&group, &overlay.root(), &["/bin/sample", "deep", "30"])?;
    ensure!(output.status.success(), "{output:?}");
    let used = agent.record("telling of SYS_CHROOT", |record| {
        policy(record) == Some("every-use") && text(record, "/evidence/capability") == Some("SYS_CHROOT")
    })?;
    ensure!(text(&used, "/evidence/userNamespace") == Some("Child"), "{used:#}");
    let records = agent.stop()?;
    let alert = |record: &&serde_json::Value| {
        is_failure(record) && policy(record) == Some("undeclared-capability-use")
    };
    ensure!(records.iter().find(alert).is_none(), "{records:#?}");
    Ok(())
}
