//! A container made with nothing but this crate: an overlay root, a group named as the kubelet names it, and
//! `small-runtime`, which does the steps of a runtime in their order.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::cgroup::{ContainerGroup, Subtree};
use crate::machine;
use crate::overlay::Overlay;

/// How long a container may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running container. Dropping it kills what is in its group and unmounts its root.
#[derive(Debug)]
pub struct Container {
    runtime: Child,
    init: u32,
    pub group: ContainerGroup,
    pub overlay: Overlay,
}

impl Container {
    /// Starts `/bin/sample sleep` in a new group of `subtree`.
    pub fn start(subtree: &Subtree, overlay: Overlay) -> Result<Self> {
        Self::start_in(subtree.container()?, overlay, &[])
    }

    /// Starts `/bin/sample sleep` in `group`, with `volumes` mounted: a folder of the node, a path inside.
    pub fn start_in(group: ContainerGroup, overlay: Overlay, volumes: &[(PathBuf, &str)]) -> Result<Self> {
        let mut command = small_runtime()?;
        command.arg("run").arg("--root").arg(overlay.root()).arg("--cgroup").arg(group.path());
        for (source, target) in volumes {
            command.arg("--volume").arg(source).arg(target);
        }
        command.args(["--", "/bin/sample", "sleep"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut runtime = command.spawn().context("start small-runtime")?;
        let init = read_init(&mut runtime)?;
        let container = Self { runtime, init, group, overlay };
        container.wait_for_exec()?;
        Ok(container)
    }

    /// The runtime says the init's pid before the init execs; the container runs once it has.
    fn wait_for_exec(&self) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        let runs = || {
            fs::read(format!("/proc/{}/cmdline", self.init))
                .is_ok_and(|line| line.starts_with(b"/bin/sample\0"))
        };
        while !runs() {
            if Instant::now() > end {
                bail!("the container's init {} did not exec", self.init);
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    /// The init's pid as the node sees it.
    pub fn init(&self) -> u32 {
        self.init
    }

    /// Runs a command inside from outside, as `kubectl exec` does.
    pub fn exec<S: AsRef<OsStr>>(&self, command: &[S]) -> Result<Output> {
        small_runtime()?
            .arg("exec")
            .arg("--pid")
            .arg(self.init.to_string())
            .arg("--cgroup")
            .arg(self.group.path())
            .arg("--")
            .args(command)
            .output()
            .context("run small-runtime exec")
    }

    /// Runs `/bin/sample` with `arguments` inside, and fails unless it succeeds.
    pub fn sample(&self, arguments: &[&str]) -> Result<()> {
        let command: Vec<&str> = ["/bin/sample"].iter().chain(arguments).copied().collect();
        let output = self.exec(&command)?;
        if !output.status.success() {
            bail!("sample {arguments:?}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// Ends the container as `kubectl delete` does: SIGTERM to its init.
    pub fn stop(mut self) -> Result<()> {
        kill(Pid::from_raw(self.init.cast_signed()), Signal::SIGTERM).context("signal the init")?;
        let status = self.runtime.wait()?;
        if status.success() { Ok(()) } else { bail!("the container ended with {status}") }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if let Err(failure) = crate::cgroup::kill(self.group.path()) {
            eprintln!("left behind: {failure:#}");
        }
        // The runtime ends with its init; its status no longer matters.
        drop(self.runtime.wait());
    }
}

/// Runs `command` as the first program of a container of its own, and waits for its end.
pub fn run<S: AsRef<OsStr>>(group: &ContainerGroup, root: &Path, command: &[S]) -> Result<Output> {
    small_runtime()?
        .arg("run")
        .arg("--root")
        .arg(root)
        .arg("--cgroup")
        .arg(group.path())
        .arg("--")
        .args(command)
        .output()
        .context("run small-runtime")
}

fn small_runtime() -> Result<Command> {
    Ok(machine::beside("small-runtime")?)
}

fn read_init(runtime: &mut Child) -> Result<u32> {
    let output = runtime.stdout.take().context("small-runtime without standard output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    line.trim().parse().with_context(|| format!("small-runtime said {line:?} instead of a pid"))
}
