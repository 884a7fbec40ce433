//! The steps of a container runtime that the agent can see, in the order in which runc does them: fork into new
//! namespaces, join the control group from outside, mount, change the root, exec. One thread, so it may fork.

use std::ffi::{CString, OsString};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, chdir, execv, fork, pivot_root};
use tests::cgroup;

#[derive(Debug, Parser)]
#[command(about = "Runs a command as a container, or in one that runs")]
struct Options {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Makes a container; writes its init's pid, waits for its end, exits as it does
    Run(Run),
    /// Enters a container from outside
    Exec(Exec),
}

#[derive(Debug, Args)]
struct Run {
    #[arg(long)]
    root: PathBuf,
    #[arg(long)]
    cgroup: PathBuf,
    /// A folder of the node and where it appears inside
    #[arg(long, num_args = 2, value_names = ["SOURCE", "TARGET"])]
    volume: Vec<PathBuf>,
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

#[derive(Debug, Args)]
struct Exec {
    /// The container's init
    #[arg(long)]
    pid: u32,
    #[arg(long)]
    cgroup: PathBuf,
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

fn main() -> Result<()> {
    let code = match Options::parse().step {
        Step::Run(options) => run(&options)?,
        Step::Exec(options) => exec(&options)?,
    };
    std::process::exit(code)
}

fn run(options: &Run) -> Result<i32> {
    unshare(CloneFlags::CLONE_NEWPID).context("unshare the pid namespace")?;
    let init = start(&options.cgroup, &options.command, || set_up_root(options))?;
    println!("{init}");
    wait(init)
}

fn exec(options: &Exec) -> Result<i32> {
    let namespace = |name: &str| {
        let path = format!("/proc/{}/ns/{name}", options.pid);
        File::open(&path).with_context(|| format!("open {path}"))
    };
    let (pids, mounts) = (namespace("pid")?, namespace("mnt")?);
    setns(pids, CloneFlags::CLONE_NEWPID).context("enter the pid namespace")?;
    let child = start(&options.cgroup, &options.command, || {
        setns(&mounts, CloneFlags::CLONE_NEWNS).context("enter the mount namespace")?;
        chdir("/").context("change to /")
    })?;
    wait(child)
}

/// Forks a child that waits until this process has put it into `group`, then does `enter`, then execs.
fn start(group: &Path, command: &[OsString], enter: impl FnOnce() -> Result<()>) -> Result<Pid> {
    let (mut joined, mut join) = std::io::pipe()?;
    // SAFETY: this process has one thread, so the child owns every lock that it may take.
    match unsafe { fork() }.context("fork")? {
        ForkResult::Child => {
            drop(join);
            let done = joined.read_exact(&mut [0; 1]).context("wait to be put into the group");
            let failure = match done.and_then(|()| enter()).and_then(|()| replace(command)) {
                Ok(never) => match never {},
                Err(failure) => failure,
            };
            eprintln!("small-runtime: {failure:#}");
            std::process::exit(127)
        }
        ForkResult::Parent { child } => {
            cgroup::adopt(group, child.as_raw().cast_unsigned())?;
            join.write_all(&[1])?;
            Ok(child)
        }
    }
}

fn set_up_root(options: &Run) -> Result<()> {
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWUTS)
        .context("unshare the mount namespace")?;
    let plain = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, plain, None::<&str>).context("make mounts private")?;
    for pair in options.volume.chunks_exact(2) {
        bind(&pair[0], &inside(&options.root, &pair[1]))?;
    }
    let proc = options.root.join("proc");
    mount(Some("proc"), &proc, Some("proc"), MsFlags::empty(), None::<&str>).context("mount /proc")?;
    chdir(&options.root).context("change to the root")?;
    // The old root comes to lie on the new one, and is taken away from there.
    pivot_root(".", ".").context("pivot_root")?;
    umount2(".", MntFlags::MNT_DETACH).context("unmount the old root")?;
    chdir("/").context("change to /")
}

fn inside(root: &Path, target: &Path) -> PathBuf {
    root.join(target.strip_prefix("/").unwrap_or(target))
}

fn bind(source: &Path, target: &Path) -> Result<()> {
    fs::create_dir_all(target).with_context(|| format!("make {}", target.display()))?;
    mount(Some(source), target, None::<&str>, MsFlags::MS_BIND, None::<&str>)
        .with_context(|| format!("mount {} at {}", source.display(), target.display()))
}

fn replace(command: &[OsString]) -> Result<std::convert::Infallible> {
    let arguments =
        command.iter().map(|word| CString::new(word.as_bytes())).collect::<Result<Vec<_>, _>>()?;
    execv(&arguments[0], &arguments).with_context(|| format!("run {}", command[0].display()))
}

fn wait(child: Pid) -> Result<i32> {
    match waitpid(child, None)? {
        WaitStatus::Exited(_, code) => Ok(code),
        WaitStatus::Signaled(_, signal, _) => Ok(128 + signal as i32),
        other => bail!("the command is in state {other:?}"),
    }
}
