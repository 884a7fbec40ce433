//! What most tests and benches begin with: the lock, a subtree of groups, folders of policies and declarations.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::agent::{Agent, Setting};
use crate::cgroup::{Hierarchies, Subtree};
use crate::container::Container;
use crate::lock::Lock;
use crate::machine::{self, Programs};
use crate::overlay::Overlay;

/// Fails for every exec, and reads what changes with each, so that each gets a record of its own.
const EVERY_EXEC: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: every-exec}
spec:
  title: Every exec is recorded
  severity: Low
  remediation: None; this policy is a test's.
  match: {events: {kinds: [Exec]}}
  validations:
  - {name: seen, expression: 'event.uid < 0', message: an exec was seen}
";

/// Its end leaves nothing pinned. Then it is dropped in the order of its fields: groups before the lock, so that the
/// next test begins on a clean stage.
#[derive(Debug)]
pub struct Scene {
    pub programs: Programs,
    pub subtree: Subtree,
    pub policies: TempDir,
    pub declarations: TempDir,
    _lock: Lock,
}

impl Scene {
    /// Sets the scene, with no policy; fails with what the machine lacks.
    pub fn set() -> Result<Self> {
        let programs = machine::ready_for_agent()?;
        let lock = Lock::take()?;
        let scene = Self {
            programs,
            subtree: Subtree::create(&Hierarchies::mounted()?.unified)?,
            policies: TempDir::with_prefix("plumbline-policies-")?,
            declarations: TempDir::with_prefix("plumbline-declarations-")?,
            _lock: lock,
        };
        Ok(scene)
    }

    /// Sets the scene with the policy `every-exec` and with those that ship.
    pub fn with_policies() -> Result<Self> {
        let scene = Self::with_shipped_policies()?;
        scene.write_policy("every-exec.yaml", EVERY_EXEC)?;
        Ok(scene)
    }

    /// Sets the scene with the policies that ship for running containers.
    pub fn with_shipped_policies() -> Result<Self> {
        let scene = Self::set()?;
        scene.ship("runtime-drift")?;
        Ok(scene)
    }

    /// Adds the policies of a pack that ships.
    pub fn ship(&self, pack: &str) -> Result<()> {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies").join(pack);
        let policies = fs::read_dir(&shipped).with_context(|| format!("read {}", shipped.display()))?;
        let mut count = 0;
        for policy in policies.flatten().filter(|policy| policy.path().is_dir()) {
            let text = fs::read_to_string(policy.path().join("policy.yaml"))?;
            self.write_policy(&format!("{}.yaml", policy.file_name().to_string_lossy()), &text)?;
            count += 1;
        }
        ensure!(count > 0, "no policy in {}", shipped.display());
        Ok(())
    }

    /// Writes a policy file; an agent that is started later reads it.
    pub fn write_policy(&self, file: &str, text: &str) -> Result<()> {
        fs::write(self.policies.path().join(file), text).with_context(|| format!("write {file}"))
    }

    /// Starts an agent with further `arguments`.
    pub fn agent(&self, arguments: &[&str]) -> Result<Agent> {
        Agent::start(&self.setting(arguments))
    }

    /// Removes what agents left pinned, and gives what `plumb-agent detach` says.
    pub fn detach(&self) -> Result<String> {
        let output = Command::new(&self.programs.agent).arg("detach").output().context("run detach")?;
        ensure!(output.status.success(), "{output:?}");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// How [`Scene::agent`] starts it.
    pub fn setting(&self, arguments: &[&str]) -> Setting {
        Setting {
            program: self.programs.agent.clone(),
            policies: self.policies.path().to_owned(),
            declarations: self.declarations.path().to_owned(),
            cgroup_root: self.subtree.path().to_owned(),
            output: None,
            arguments: arguments.iter().map(OsString::from).collect(),
        }
    }

    /// A container whose image has `/bin/sample`, `/bin/victim` and `/bin/changed`.
    pub fn container(&self) -> Result<Container> {
        let overlay = Overlay::mount(&self.programs.sample, &["victim", "changed"])?;
        Container::start(&self.subtree, overlay)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if let Err(failure) = self.detach() {
            eprintln!("left behind: {failure:#}");
        }
    }
}
