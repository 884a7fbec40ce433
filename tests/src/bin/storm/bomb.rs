//! A fork bomb that cannot get out: it starts only once `pids.max` holds it, ends by itself, and is killed if not.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::prctl::set_child_subreaper;
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{ForkResult, fork};
use serde_json::json;
use tests::cgroup::{self, Hierarchies, Subtree};

/// How long the bomb's processes may take to see that its time is over.
const GRACE: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The group in the unified hierarchy that the bomb joins
    #[arg(long)]
    cgroup: PathBuf,
    /// The limit that holds it
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u32).range(2..=5000))]
    pids_max: u32,
    /// How long it forks
    #[arg(long, default_value_t = 2)]
    seconds: u64,
}

/// `exits` is `forks` and the first process of the bomb, who joined after its own fork.
pub(crate) fn run(options: &Options) -> Result<()> {
    let limit = Limit::set(options)?;
    let tally = Tally::new()?;
    // Orphans come to this process, and nobody's children wait as zombies for a parent that never looks.
    set_child_subreaper(true).context("become a subreaper")?;
    // SAFETY: SIGCHLD is ignored, which runs no handler.
    unsafe { signal(Signal::SIGCHLD, SigHandler::SigIgn) }.context("ignore SIGCHLD")?;
    let begin = Instant::now();
    let end = begin + Duration::from_secs(options.seconds);
    // SAFETY: this process has one thread, so the child owns every lock that it may take.
    if let ForkResult::Child = unsafe { fork() }.context("fork the bomb")? {
        let done = limit.join(&options.cgroup).and_then(|()| burn(&tally, end));
        std::process::exit(i32::from(done.is_err()));
    }
    let (peak, killed) = watch(&limit, &options.cgroup, end + GRACE)?;
    let forks = tally.forks()?;
    let result = json!({
        "forks": forks.to_string(),
        "exits": (forks + 1).to_string(),
        "refusals": tally.refusals()?.to_string(),
        "pidsMax": options.pids_max,
        "peak": peak,
        "seconds": begin.elapsed().as_secs_f64(),
        "exact": !killed,
    });
    println!("{result}");
    Ok(())
}

/// The group whose `pids.max` holds the bomb: its own in a v1 hierarchy, else the unified one.
struct Limit {
    group: PathBuf,
    _own: Option<Subtree>,
}

impl Limit {
    fn set(options: &Options) -> Result<Self> {
        let hierarchies = Hierarchies::mounted()?;
        let own = (hierarchies.pids != hierarchies.unified)
            .then(|| Subtree::create(&hierarchies.pids))
            .transpose()?;
        let group = own.as_ref().map_or(options.cgroup.as_path(), Subtree::path).to_owned();
        let file = group.join("pids.max");
        let wanted = options.pids_max.to_string();
        fs::write(&file, &wanted).with_context(|| format!("write {}", file.display()))?;
        let got = fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
        if got.trim() != wanted {
            bail!("{} is {}, not {wanted}: no bomb without its limit", file.display(), got.trim());
        }
        Ok(Self { group, _own: own })
    }

    fn join(&self, unified: &Path) -> Result<()> {
        cgroup::join(&self.group)?;
        cgroup::join(unified)?;
        if !cgroup::processes(&self.group)?.contains(&std::process::id()) {
            bail!("not in {}: no bomb without its limit", self.group.display());
        }
        Ok(())
    }

    fn current(&self) -> Result<u64> {
        let file = self.group.join("pids.current");
        let text = fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
        text.trim().parse().with_context(|| format!("{} is {text:?}", file.display()))
    }
}

/// Counts kept in the length of two files in memory, which all processes of the bomb append to. Only `O_APPEND`
/// makes that exact: the shared position of a memfd is not locked.
struct Tally {
    forks: File,
    refusals: File,
}

impl Tally {
    fn new() -> Result<Self> {
        let make = |name| -> nix::Result<File> {
            let memory = memfd_create(name, MFdFlags::MFD_CLOEXEC)?;
            fcntl(&memory, FcntlArg::F_SETFL(OFlag::O_APPEND))?;
            Ok(memory.into())
        };
        Ok(Self { forks: make(c"forks")?, refusals: make(c"refusals")? })
    }

    fn forks(&self) -> Result<u64> {
        Ok(self.forks.metadata()?.len())
    }

    fn refusals(&self) -> Result<u64> {
        Ok(self.refusals.metadata()?.len())
    }
}

/// Forks until the time is over; a process that is refused ends, which lets another one fork.
fn burn(tally: &Tally, end: Instant) -> Result<()> {
    while Instant::now() < end {
        // SAFETY: no process of the bomb ever has a second thread.
        match unsafe { fork() } {
            Ok(ForkResult::Parent { .. }) => (&tally.forks).write_all(&[1])?,
            Ok(ForkResult::Child) => {}
            Err(Errno::EAGAIN) => {
                (&tally.refusals).write_all(&[1])?;
                return Ok(());
            }
            Err(failure) => bail!("fork: {failure}"),
        }
    }
    Ok(())
}

/// Waits until the bomb is over, and kills what is left at `deadline`; returns the most processes seen and
/// whether any had to be killed.
fn watch(limit: &Limit, unified: &Path, deadline: Instant) -> Result<(u64, bool)> {
    let (mut peak, mut killed) = (0, false);
    loop {
        let current = limit.current()?;
        peak = peak.max(current);
        if current == 0 && peak > 0 {
            return Ok((peak, killed));
        }
        if Instant::now() > deadline {
            if peak == 0 {
                bail!("the bomb never joined {}", limit.group.display());
            }
            killed = true;
            cgroup::kill(unified)?;
        }
        thread::sleep(Duration::from_millis(5));
    }
}
