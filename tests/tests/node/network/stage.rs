//! An agent that is to deny what is not permitted, and when it goes by what is declared.

use std::collections::HashSet;
use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests::agent::Agent;
use tests::caller::{Call, Caller, Said};
use tests::cgroup::ContainerGroup;
use tests::clusters;
use tests::overlay::Overlay;
use tests::records::{is_failure, text};
use tests::scene::Scene;

const BLOCK: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: not-permitted}
spec:
  title: What no NetworkPolicy allows is denied
  severity: Low
  action: Block
  remediation: None; this policy is a test's.
  match: {events: {kinds: [Connect, SendTo]}}
  validations:
  - {name: permitted, expression: event.socket.permitted, message: not permitted}
";

/// Dropped in the order of its fields.
pub(super) struct Stage {
    pub(super) agent: Agent,
    overlay: Overlay,
    pub(super) scene: Scene,
}

impl Stage {
    pub(super) fn set(arguments: &[&str]) -> Result<Self> {
        let scene = Scene::set()?;
        scene.write_policy("not-permitted.yaml", BLOCK)?;
        let agent = scene.agent(arguments)?;
        let overlay = Overlay::mount(&scene.programs.sample, &[])?;
        Ok(Self { agent, overlay, scene })
    }

    pub(super) fn groups(&self, count: usize) -> Result<Vec<ContainerGroup>> {
        (0..count).map(|_| self.scene.subtree.container()).collect()
    }

    pub(super) fn callers(&self, groups: &[ContainerGroup]) -> Result<Vec<Caller>> {
        groups.iter().map(|group| Caller::start(group, &self.overlay.root())).collect()
    }

    /// Declares these and nothing else, and waits until the agent goes by it: once it tells of a Pod that is among them and
    /// was not before. What it tells it tells between two turns of work, so no table is still on its way then.
    pub(super) fn declare(&self, documents: &[Value]) -> Result<()> {
        let marker = self.scene.subtree.container()?;
        let pod = json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"namespace": "marker", "name": marker.container_id, "uid": marker.pod_uid},
            "spec": {"nodeName": "n1", "containers": [{"name": "only", "image": "registry.test/sample:1"}]}});
        let all = [documents, &[pod]].concat();
        // The agent passes over names that begin with a dot, and so never reads half of it.
        let folder = self.scene.declarations.path();
        fs::write(folder.join(".cluster.json"), clusters::list(&all)).context("write the declarations")?;
        fs::rename(folder.join(".cluster.json"), folder.join("cluster.json")).context("declare")?;
        self.knows(&[marker])
    }

    /// Waits until the agent knows the Pods of these containers: it keeps tables for them then.
    pub(super) fn knows(&self, groups: &[ContainerGroup]) -> Result<()> {
        self.agent.wait_until("telling of the Pods", |agent| {
            let status = agent.status()?;
            let told = status["containers"].as_array().into_iter().flatten();
            let known = told.filter(|told| told["pod"].is_object());
            let known: HashSet<&str> = known.filter_map(|told| text(told, "/container/id")).collect();
            Ok(groups.iter().all(|group| known.contains(group.container_id.as_str())))
        })
    }

    /// Makes the calls. Who makes one that is not permitted and goes on all the same is killed by the agent.
    pub(super) fn call(&self, caller: &mut Caller, calls: &[Call]) -> Result<Vec<Said>> {
        caller.call(calls).with_context(|| {
            let records = self.agent.records().unwrap_or_default();
            let went_on =
                |record: &&Value| is_failure(record) && text(record, "/decision/action") != Some("Block");
            let told: Vec<_> = records.iter().filter(went_on).take(3).collect();
            format!("calls that went on, as the agent tells: {told:#?}")
        })
    }

    /// How many calls the kernel side says it did this about.
    pub(super) fn counted(&self, outcome: &str) -> Result<u64> {
        self.agent.metrics()?.sum("plumbline_agent_denials_total", &[("outcome", outcome)])
    }

    pub(super) fn are_counted(&self, outcome: &str, times: u64) -> Result<()> {
        self.agent.wait_until(&format!("counting {times} {outcome}"), |_| Ok(self.counted(outcome)? == times))
    }
}
