//! What the agent says when it cannot do its work, and what goes on nevertheless.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use serde_json::Value;
use tempfile::TempDir;
use tests::agent::{Agent, Setting};
use tests::kernel;
use tests::records::{container_id, path};
use tests::scene::Scene;

crate::theme![
    without_root_it_says_so_and_exits_2,
    folder_that_is_not_there_is_named,
    full_disk_under_the_output_is_outlived,
    probe_tells_the_hook_of_each_observation,
];

/// nobody.
const UNPRIVILEGED: u32 = 65_534;

fn without_root_it_says_so_and_exits_2() -> Result<()> {
    let scene = Scene::with_policies()?;
    // The agent is copied to where everybody may run it.
    let folder = TempDir::with_prefix("plumbline-unprivileged-")?;
    let program = folder.path().join("plumb-agent");
    fs::copy(&scene.programs.agent, &program)?;
    open_to_all(folder.path())?;
    let output = run(&program, &scene)?.uid(UNPRIVILEGED).output()?;
    refused(&output, "root")
}

fn folder_that_is_not_there_is_named() -> Result<()> {
    let scene = Scene::with_policies()?;
    let mut command = Command::new(&scene.programs.agent);
    command.args(["run", "--policies", "/nonexistent/policies", "--output", "-", "--listen", "127.0.0.1:0"]);
    command.arg("--declarations").arg(scene.declarations.path());
    refused(&command.output()?, "/nonexistent/policies")
}

fn full_disk_under_the_output_is_outlived() -> Result<()> {
    let scene = Scene::with_policies()?;
    let disk = SmallDisk::mount()?;
    let output = disk.folder.path().join("records");
    let agent = Agent::start(&Setting { output: Some(output), ..scene.setting(&[]) })?;
    let container = scene.container()?;
    let filler = disk.fill()?;
    for number in 0..20 {
        container.sample(&["drop", &format!("/tmp/unwritten-{number}")])?;
    }
    agent.wait_until("saying that the disk is full", |agent| Ok(agent.log()?.contains("No space left")))?;
    ensure!(agent.ready()?, "not ready; its log:\n{}", agent.log()?);
    fs::remove_file(filler)?;
    container.sample(&["drop", "/tmp/afterwards"])?;
    let id = container.group.container_id.clone();
    agent.record("writing again", |record| {
        container_id(record) == Some(&id) && path(record) == Some("/tmp/afterwards")
    })?;
    let account = agent.settled("exec")?;
    account.check()?;
    agent.stop().map(drop)
}

/// The kernel that runs these tests gives every hook that the agent observes by; of the better ones it is asked too.
fn probe_tells_the_hook_of_each_observation() -> Result<()> {
    let scene = Scene::set()?;
    let before = kernel::objects()?;
    let output = Command::new(&scene.programs.agent).args(["probe", "--format", "json"]).output()?;
    ensure!(output.status.success(), "{output:?}");
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout)?;
    let used: Vec<_> = findings.iter().filter(|finding| finding["standing"] == "used").collect();
    for what in ["exec", "fork", "exit", "cgroup made", "cgroup removed", "cgroup entered"] {
        ensure!(
            used.iter().any(|finding| finding["purpose"] == "Observation" && finding["what"] == what),
            "nothing is used for {what}: {findings:#?}"
        );
    }
    for way in ["lsm", "fentry", "kprobe"] {
        let asked =
            findings.iter().find(|finding| finding["way"] == way).context("a way that is not asked")?;
        ensure!(asked["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "no reason: {asked}");
    }
    kernel::wait_until_freed(&before)
}

fn run(program: &Path, scene: &Scene) -> Result<Command> {
    open_to_all(scene.policies.path())?;
    open_to_all(scene.declarations.path())?;
    let mut command = Command::new(program);
    command.arg("run").arg("--policies").arg(scene.policies.path());
    command.arg("--declarations").arg(scene.declarations.path());
    command.args(["--output", "-", "--listen", "127.0.0.1:0"]);
    Ok(command)
}

/// Exit code 2, and a sentence on standard error that holds `word`.
fn refused(output: &Output, word: &str) -> Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(2), "{}: {said}", output.status);
    ensure!(said.contains(word), "no {word:?} in {said:?}");
    ensure!(!said.contains("panicked"), "{said}");
    Ok(())
}

fn open_to_all(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder, mode).with_context(|| format!("open {}", folder.display()))
}

/// A file system of a megabyte.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    fn mount() -> Result<Self> {
        let folder = TempDir::with_prefix("plumbline-disk-")?;
        mount(Some("tmpfs"), folder.path(), Some("tmpfs"), MsFlags::empty(), Some("size=1m"))
            .context("mount a small tmpfs")?;
        Ok(Self { folder })
    }

    /// Leaves no room, and returns the file that takes it.
    fn fill(&self) -> Result<PathBuf> {
        let filler = self.folder.path().join("filler");
        let full = fs::write(&filler, vec![0; 2 << 20]);
        ensure!(full.is_err(), "the small disk took everything");
        Ok(filler)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if let Err(cause) = umount2(self.folder.path(), MntFlags::MNT_DETACH) {
            eprintln!("left behind: {} is mounted: {cause}", self.folder.path().display());
        }
    }
}
