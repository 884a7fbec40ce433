//! One process of the exec storm.

use std::collections::HashSet;
use std::ffi::CString;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::ops::Add;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, posix_spawn};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{chdir, chroot};
use tests::program;

/// Half of the kernel's limit for one argument (`MAX_ARG_STRLEN`, 32 pages).
const ARGUMENT: usize = 64 * 1024;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(long)]
    cgroup: PathBuf,
    #[arg(long)]
    dir: PathBuf,
    #[arg(long)]
    number: u64,
    #[arg(long)]
    execs: u64,
    #[arg(long)]
    args_bytes: usize,
    #[arg(long)]
    distinct: bool,
    /// The time from one exec to the next
    #[arg(long, default_value_t = 0)]
    apart_nanoseconds: u64,
}

/// What one worker did: a fork and an exec for every program that ran, and how many files were told apart by
/// inode number and time of change.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Count {
    pub(crate) execs: u64,
    pub(crate) forks: u64,
    pub(crate) distinct: u64,
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            execs: self.execs + other.execs,
            forks: self.forks + other.forks,
            distinct: self.distinct + other.distinct,
        }
    }
}

impl Count {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [execs, forks, distinct] = numbers[..] else {
            bail!("a worker said {text:?}, not three numbers")
        };
        Ok(Self { execs, forks, distinct })
    }
}

/// Writes a newline when ready, waits for one, and ends with its three numbers.
pub(crate) fn run(options: &Options) -> Result<()> {
    let file = Path::new("/").join(format!("storm-{}", options.number));
    let arguments = arguments(options.args_bytes)?;
    tests::cgroup::join(&options.cgroup)?;
    chroot(&options.dir).with_context(|| format!("change the root to {}", options.dir.display()))?;
    chdir("/").context("change to /")?;
    if !options.distinct {
        create(&file)?;
    }
    println!();
    std::io::stdin().read_exact(&mut [0; 1]).context("wait for the start")?;
    let Count { execs, forks, distinct } = if options.distinct {
        distinct(options, &file, &arguments)?
    } else {
        same(options, &file, &arguments)?
    };
    println!("{execs} {forks} {distinct}");
    Ok(())
}

fn same(options: &Options, file: &Path, arguments: &[CString]) -> Result<Count> {
    let mut pace = Pace::of(options);
    for _ in 0..options.execs {
        pace.wait();
        spawn(file, arguments)?;
    }
    fs::remove_file(file)?;
    Ok(Count { execs: options.execs, forks: options.execs, distinct: options.execs.min(1) })
}

fn distinct(options: &Options, file: &Path, arguments: &[CString]) -> Result<Count> {
    let mut seen = HashSet::new();
    let mut pace = Pace::of(options);
    for _ in 0..options.execs {
        pace.wait();
        seen.insert(create(file)?);
        spawn(file, arguments)?;
        fs::remove_file(file)?;
    }
    Ok(Count { execs: options.execs, forks: options.execs, distinct: seen.len() as u64 })
}

/// Spreads execs evenly over time; one that is late does not delay those after it.
struct Pace {
    next: Instant,
    apart: Duration,
}

impl Pace {
    fn of(options: &Options) -> Self {
        Self { next: Instant::now(), apart: Duration::from_nanos(options.apart_nanoseconds) }
    }

    fn wait(&mut self) {
        if !self.apart.is_zero() {
            thread::sleep(self.next.saturating_duration_since(Instant::now()));
            self.next += self.apart;
        }
    }
}

/// Writes the program to a new file; returns its inode number and its time of change in nanoseconds.
///
/// Between creation and writing the time is read once: since Linux 6.13 the kernel then gives the write a fine
/// time, so that a file that got the inode number of the one before it is still told apart.
fn create(file: &Path) -> Result<(u64, i64)> {
    let failed = || format!("write {}", file.display());
    let mut opened =
        OpenOptions::new().write(true).create_new(true).mode(0o755).open(file).with_context(failed)?;
    opened.metadata().with_context(failed)?;
    opened.write_all(&program::exit_zero()).with_context(failed)?;
    let metadata = opened.metadata().with_context(failed)?;
    Ok((metadata.ino(), metadata.ctime() * 1_000_000_000 + metadata.ctime_nsec()))
}

fn arguments(bytes: usize) -> Result<Vec<CString>> {
    let mut arguments = vec![CString::new("storm")?];
    let mut left = bytes;
    while left > 0 {
        let length = left.min(ARGUMENT);
        arguments.push(CString::new(vec![b'a'; length])?);
        left -= length;
    }
    Ok(arguments)
}

/// Forks and execs `file` and waits for its end. `posix_spawn` shares the memory until the exec (`CLONE_VM` and
/// `CLONE_VFORK`) and reports an exec that failed, so a success is exactly one fork, one exec and one exit.
fn spawn(file: &Path, arguments: &[CString]) -> Result<()> {
    let path = CString::new(file.as_os_str().as_bytes())?;
    let child = posix_spawn(
        path.as_c_str(),
        &PosixSpawnFileActions::init()?,
        &PosixSpawnAttr::init()?,
        arguments,
        &[] as &[CString],
    )
    .with_context(|| format!("run {}", file.display()))?;
    match waitpid(child, None)? {
        WaitStatus::Exited(_, 0) => Ok(()),
        other => bail!("{} ended with {other:?}", file.display()),
    }
}
