//! Ctrl-C, turned into an error where work can stop, so that what was begun is undone on the way out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// How often what is waited for is looked at.
const TICK: Duration = Duration::from_millis(20);

/// From now on SIGINT and SIGTERM are noted and no longer end the process. Children start without this.
pub(crate) fn note_signals() -> Result<()> {
    let action = SigAction::new(SigHandler::Handler(note), SaFlags::SA_RESTART, SigSet::empty());
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        // SAFETY: the handler only stores to an atomic, which is safe at whatever instruction the signal comes.
        unsafe { sigaction(signal, &action) }.with_context(|| format!("cannot handle {signal}"))?;
    }
    Ok(())
}

extern "C" fn note(_signal: i32) {
    INTERRUPTED.store(true, Ordering::Relaxed);
}

pub(crate) fn check() -> Result<()> {
    if INTERRUPTED.load(Ordering::Relaxed) {
        bail!("interrupted");
    }
    Ok(())
}

/// Looks again and again until `done`; false when that took too long.
pub(crate) fn wait_until(patience: Duration, mut done: impl FnMut() -> Result<bool>) -> Result<bool> {
    let end = Instant::now() + patience;
    while !done()? {
        check()?;
        if Instant::now() > end {
            return Ok(false);
        }
        thread::sleep(TICK);
    }
    Ok(true)
}

/// Sleeps, unless interrupted.
pub(crate) fn pause(length: Duration) -> Result<()> {
    wait_until(length, || Ok(false)).map(drop)
}
