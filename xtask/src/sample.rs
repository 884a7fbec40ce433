//! `run --sample`: real containers, some of which do what none should, and the agent that must say so.
//!
//! What is expected is exact: each of the alerts within two seconds of its act, and none about the ordinary things that
//! the others do meanwhile. In the quiet sample all is ordinary.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use self::act::Act;
use self::agent::Agent;
use self::cgroups::Cgroups;
use self::scene::Scene;
use crate::artifacts;
use crate::interrupt;
use crate::sh::Cmd;
use crate::workspace::Workspace;

mod act;
mod agent;
mod alerts;
mod bundle;
mod cgroups;
mod cluster;
mod container;
mod identity;
mod image;
mod leftovers;
mod loud;
mod network;
mod pod;
mod policies;
mod quiet;
mod scene;

/// Which containers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sample {
    /// Those that must be told of, beside an ordinary one.
    Loud,
    /// Ordinary ones of fifteen kinds.
    Quiet,
    /// The same and two that are not, of which nothing is expected either: it must fail.
    QuietButOne,
}

impl Sample {
    fn acts(self) -> Vec<&'static Act> {
        let others = if self == Self::QuietButOne { UNEXPECTED } else { &[] };
        let acts = if self == Self::Loud { loud::ACTS } else { quiet::ACTS };
        acts.iter().chain(others).collect()
    }

    /// What is declared beside the containers' Pods.
    fn objects(self) -> Vec<Value> {
        if self == Self::Loud { cluster::loud() } else { cluster::quiet() }
    }

    fn success(self) -> &'static str {
        match self {
            Self::Loud => "exactly the expected alerts came",
            Self::Quiet | Self::QuietButOne => "nothing was told, as it must be",
        }
    }
}

const UNEXPECTED: &[Act] = &[Act { expects: &[], ..loud::DROPPER }, quiet::STRANGER];

/// Runs the sample as root, with the programs that were built before. True if exactly the expected alerts came and
/// nothing was left behind.
pub(crate) fn run(workspace: &Workspace, sample: Sample) -> Result<bool> {
    let _lock = workspace.agent_lock()?;
    interrupt::note_signals()?;
    let pins = leftovers::pins();
    if !pins.is_empty() {
        bail!(
            "an agent's denials are in force on this machine, which this would end; see `plumb-agent detach`"
        );
    }
    let folder = Folder::make()?;
    let scene = Scene::new(&folder.0, &sample.acts(), sample.objects())?;
    let names = scene.names();
    let cgroups = Cgroups::before(&scene.cgroups())?;

    let wrong = play(workspace, &folder.0, scene);
    // Containers went with the scene; what they were in goes after them, and then the folder.
    drop(cgroups);
    drop(folder);
    let detach = Cmd::new(artifacts::agent_path(workspace)).arg("detach").run_quietly();
    let left = leftovers::after_a_while(&names, &pins)?;
    for what in &left {
        eprintln!("sample: left behind: {what}");
    }
    let wrong = wrong?;
    detach?;
    for what in &wrong {
        eprintln!("sample: {what}");
    }
    let right = wrong.is_empty() && left.is_empty();
    eprintln!("sample: {}", if right { sample.success() } else { "FAILED" });
    Ok(right)
}

/// Starts the agent, lets the containers act, and returns what was wrong.
fn play(workspace: &Workspace, folder: &Path, mut scene: Scene) -> Result<Vec<String>> {
    scene.set(&artifacts::sample_path(workspace))?;
    let records = folder.join("records.jsonl");
    let policies = policies::make(folder, &workspace.root.join("policies"), &scene)?;
    let agent = Agent::start(&artifacts::agent_path(workspace), &policies, &scene.declarations(), &records)?;
    let mut wrong = scene.act(&records)?;
    wrong.extend(blindness(&agent, scene.cgroups().len(), scene.joined())?);
    agent.stop()?;
    wrong.extend(scene.judge(&records)?);
    Ok(wrong)
}

/// Why the agent's silence would say nothing.
fn blindness(agent: &Agent, containers: usize, joined: usize) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let (looks, mistakes) = (agent.metric("looks_total")?, agent.metric("policy_errors")?);
    if looks < containers as u64 {
        wrong.push(format!("the agent looked at containers {looks} times, and there are {containers}"));
    }
    for class in ["socket", "tcp"] {
        let seen = agent.metric(&format!("events_delivered_total{{class=\"{class}\"}}"))?;
        if seen < joined as u64 {
            wrong
                .push(format!("the agent saw {seen} events of class {class}, and {joined} containers speak"));
        }
    }
    if mistakes > 0 {
        wrong.push(format!("{mistakes} mistakes in policies, see above"));
    }
    Ok(wrong)
}

/// The run's own folder, removed with all that is in it.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn make() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("plumbline-sample-{}", identity::pod_uid()?));
        fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        if path.to_string_lossy().contains([',', ':', '\\']) {
            bail!("{} cannot be an overlay's layer: set TMPDIR to a path without , : and \\", path.display());
        }
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {error}", self.0.display());
        }
    }
}
