//! A real containerd on this machine, asked over CRI as a kubelet asks it, with images from a registry on loopback.
//!
//! The agent finds a runtime's state in one place only, so containerd runs there, and only where no other one does.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::mount::{MntFlags, umount2};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cgroup::{self, Hierarchies};
use crate::machine::{self, Lacking, lacking};
use crate::scene::Scene;

pub mod image;
pub mod kubelet;
mod registry;

use image::Image;
use registry::{REGISTRY, Registry};

/// The folder of `containerd`, its shim, `ctr` and our `cri`, built from `tests/cluster`, is told by this variable.
const PROGRAMS: &str = "PLUMBLINE_CONTAINERD";
/// containerd's state; its shims keep runc's there whatever the setting says.
const STATE: &str = "/run/containerd";
const SOCKET: &str = "/run/containerd/containerd.sock";
/// How long containerd may take to listen, and to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A network plugin that gives a Pod's namespace nothing, and says that it has an address.
const NO_NETWORK: &str = "#!/bin/sh
case $CNI_COMMAND in
ADD) echo '{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"eth0\",\"sandbox\":\"'$CNI_NETNS'\"}],\"ips\":[{\"address\":\"192.0.2.2/24\",\"interface\":0}]}';;
VERSION) echo '{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"1.0.0\"]}';;
esac
";

/// A containerd that runs. Dropping it removes its Pods, ends it and what it started, and removes its state.
#[derive(Debug)]
pub struct Containerd {
    programs: PathBuf,
    folder: TempDir,
    process: Child,
    registry: Registry,
    /// The name of the scene's subtree, which runc makes in every hierarchy.
    subtree: PathBuf,
}

impl Containerd {
    /// Starts it, with images `app:1` and `app:2` to be pulled, and `imported:1` which nobody pulled.
    pub fn start(scene: &Scene) -> Result<Self> {
        let programs = programs()?;
        let runc = machine::program("runc")?;
        if Path::new(STATE).exists() {
            return Ok(lacking(format!("{STATE} is there: another containerd runs on this machine"))?);
        }
        let folder = TempDir::with_prefix("plumbline-containerd-")?;
        let images = ["1", "2", "3"].map(|tag| Image::of(&scene.programs.sample, tag));
        let [first, second, imported] =
            images.into_iter().collect::<Result<Vec<_>>>()?.try_into().expect("three");
        let registry =
            Registry::serve(vec![("pause:1", first.clone()), ("app:1", first), ("app:2", second)])?;
        set_up(folder.path(), &registry)?;
        let subtree = scene.subtree.path().file_name().context("a subtree without a name")?.into();
        let path = [&programs, runc.parent().context("runc is nowhere")?].map(Path::display);
        let process = Command::new(programs.join("containerd"))
            .arg("--config")
            .arg(folder.path().join("config.toml"))
            .env("PATH", format!("{}:{}:/usr/sbin:/usr/bin:/sbin:/bin", path[0], path[1]))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join("log"))?)
            .spawn()
            .context("start containerd")?;
        // From here on, dropping it ends it.
        let containerd = Self { programs, folder, process, registry, subtree };
        containerd.wait_until_ready()?;
        containerd.import(&imported)?;
        Ok(containerd)
    }

    /// The reference of an image that can be pulled, by its digest.
    pub fn pinned(&self, name: &str) -> Result<String> {
        let (repository, _) = name.split_once(':').context("a name without a tag")?;
        Ok(format!("{REGISTRY}/{repository}@{}", self.registry.digest(name)?))
    }

    /// Calls a method of CRI, such as `RuntimeService/Status`.
    pub fn call(&self, method: &str, request: &Value) -> Result<Value> {
        let mut child = Command::new(self.programs.join("cri"))
            .args([SOCKET, method])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("start cri")?;
        let mut input = child.stdin.take().context("cri has no input")?;
        input.write_all(request.to_string().as_bytes())?;
        drop(input);
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "{method}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).with_context(|| format!("what {method} answers"))
    }

    /// What it wrote that is no news.
    pub fn complaints(&self) -> Result<String> {
        let log = fs::read_to_string(self.folder.path().join("log"))?;
        Ok(log.lines().filter(|line| !line.contains("level=info")).collect::<Vec<_>>().join("\n"))
    }

    fn wait_until_ready(&self) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.call("RuntimeService/Status", &json!({})) {
                Ok(_) => return Ok(()),
                Err(failure) if Instant::now() > end => {
                    return Err(failure.context(format!("containerd is not ready:\n{}", self.complaints()?)));
                }
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    fn import(&self, image: &Image) -> Result<()> {
        let archive = self.folder.path().join("imported.tar");
        image.write_archive(&archive, &format!("{REGISTRY}/imported:1"))?;
        let output = Command::new(self.programs.join("ctr"))
            .args(["--address", SOCKET, "--namespace", "k8s.io", "images", "import"])
            .arg(&archive)
            .output()
            .context("start ctr")?;
        ensure!(output.status.success(), "ctr images import: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Removes every Pod with its containers.
    fn remove_pods(&self) -> Result<()> {
        let listed = self.call("RuntimeService/ListPodSandbox", &json!({}))?;
        for pod in listed["items"].as_array().into_iter().flatten() {
            let pod = json!({"podSandboxId": pod["id"]});
            self.call("RuntimeService/StopPodSandbox", &pod)?;
            self.call("RuntimeService/RemovePodSandbox", &pod)?;
        }
        Ok(())
    }

    fn stop(&mut self) -> Result<()> {
        let removed = self.remove_pods();
        // Shims outlive containerd, and each ends with its Pod: what is left is one whose Pod could not be removed.
        for shim in self.shims()? {
            signal(shim, Signal::SIGKILL)?;
        }
        signal(self.process.id(), Signal::SIGTERM)?;
        let end = Instant::now() + PATIENCE;
        while self.process.try_wait()?.is_none() {
            if Instant::now() > end {
                self.process.kill()?;
            }
            thread::sleep(Duration::from_millis(10));
        }
        removed
    }

    /// The processes that run our shim.
    fn shims(&self) -> Result<Vec<u32>> {
        let program = self.programs.join("containerd-shim-runc-v2");
        let processes = fs::read_dir("/proc")?.flatten();
        let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        Ok(pids
            .filter(|pid| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == program))
            .collect())
    }

    fn remove_groups(&self) -> Result<()> {
        let unified = Hierarchies::mounted()?.unified;
        let others = Hierarchies::all()?.into_iter().filter(|root| *root != unified);
        for group in others.map(|root| root.join(&self.subtree)).filter(|group| group.exists()) {
            cgroup::remove(&group)?;
        }
        // The scene removes it there.
        cgroup::kill(&unified.join(&self.subtree))
    }
}

impl Drop for Containerd {
    fn drop(&mut self) {
        let steps = [self.stop(), unmount_below(&[STATE.as_ref(), self.folder.path()]), self.remove_groups()];
        for failure in steps.into_iter().filter_map(Result::err) {
            eprintln!("left behind: {failure:#}");
        }
        if let Err(failure) = remove_state() {
            eprintln!("left behind: {failure:#}");
        }
    }
}

fn programs() -> Result<PathBuf, Lacking> {
    let Some(folder) = std::env::var_os(PROGRAMS).map(PathBuf::from) else {
        return lacking(format!(
            "no containerd: {PROGRAMS} names none (`cargo xtask test` builds it where there is Go)"
        ));
    };
    match folder.join("containerd").is_file() {
        true => Ok(folder),
        false => lacking(format!("{PROGRAMS} names {}, where there is no containerd", folder.display())),
    }
}

/// containerd's configuration, and that of its network and its registry.
fn set_up(folder: &Path, registry: &Registry) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let [network, plugins, registries] = ["network", "plugins", "registries"].map(|part| folder.join(part));
    for part in [&network, &plugins, &registries.join(REGISTRY)] {
        fs::create_dir_all(part)?;
    }
    fs::write(plugins.join("none"), NO_NETWORK)?;
    fs::set_permissions(plugins.join("none"), fs::Permissions::from_mode(0o755))?;
    let list = json!({"cniVersion": "1.0.0", "name": "none", "plugins": [{"type": "none"}]});
    fs::write(network.join("10-none.conflist"), list.to_string())?;
    let server = format!("server = \"http://{}\"\n", registry.address());
    fs::write(registries.join(REGISTRY).join("hosts.toml"), server)?;
    // restrict_oom_score_adj: a machine may lack CAP_SYS_RESOURCE. No NRI: nobody else is to change what is made.
    let config = format!(
        "version = 3
root = \"{root}\"
state = \"{STATE}\"
[grpc]
address = \"{SOCKET}\"
[plugins.\"io.containerd.cri.v1.images\".pinned_images]
sandbox = \"{REGISTRY}/pause:1\"
[plugins.\"io.containerd.cri.v1.images\".registry]
config_path = \"{registries}\"
[plugins.\"io.containerd.cri.v1.runtime\"]
restrict_oom_score_adj = true
[plugins.\"io.containerd.cri.v1.runtime\".cni]
use_internal_loopback = true
bin_dirs = [\"{plugins}\"]
conf_dir = \"{network}\"
[plugins.\"io.containerd.nri.v1.nri\"]
disable = true
",
        root = folder.join("root").display(),
        registries = registries.display(),
        plugins = plugins.display(),
        network = network.display(),
    );
    fs::write(folder.join("config.toml"), config).context("write containerd's configuration")
}

fn signal(pid: u32, signal: Signal) -> Result<()> {
    kill(Pid::from_raw(pid.cast_signed()), signal).with_context(|| format!("send {signal} to {pid}"))
}

/// Unmounts what is mounted below these folders, the last first.
fn unmount_below(folders: &[&Path]) -> Result<()> {
    let mounts = fs::read_to_string("/proc/mounts").context("read /proc/mounts")?;
    let points = mounts.lines().rev().filter_map(|line| line.split(' ').nth(1)).map(Path::new);
    for point in points.filter(|point| folders.iter().any(|folder| point.starts_with(folder))) {
        umount2(point, MntFlags::MNT_DETACH).with_context(|| format!("unmount {}", point.display()))?;
    }
    Ok(())
}

/// Nothing is removed through a mount that is still there.
fn remove_state() -> Result<()> {
    let mounts = fs::read_to_string("/proc/mounts").context("read /proc/mounts")?;
    if mounts
        .lines()
        .any(|line| line.split(' ').nth(1).is_some_and(|point| Path::new(point).starts_with(STATE)))
    {
        bail!("{STATE} has mounts");
    }
    fs::remove_dir_all(STATE).with_context(|| format!("remove {STATE}"))
}
