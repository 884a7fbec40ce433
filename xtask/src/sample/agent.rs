//! The agent as the sample's child: started, ready, stopped, and gone in every case.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::interrupt;
use crate::sh::Cmd;

/// Reading the kernel's types and having the programs verified takes a second; a busy machine takes longer.
const LOADS_WITHIN: Duration = Duration::from_secs(60);
const STOPS_WITHIN: Duration = Duration::from_secs(15);
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct Agent {
    child: Child,
    address: SocketAddr,
}

impl Agent {
    /// Starts it with enforcement on, records going to the file `records` and, as text, to the terminal; returns when it
    /// is ready.
    pub(crate) fn start(
        program: &Path,
        policies: &Path,
        declarations: &Path,
        records: &Path,
    ) -> Result<Self> {
        let address = free_address()?;
        let run = Cmd::new(program)
            .arg("run")
            .arg("--policies")
            .arg(policies)
            .arg("--declarations")
            .arg(declarations);
        let run = run.arg("--output").arg(records).args(["--output", "-", "--format", "text"]);
        let run = run.args(["--listen", &address.to_string(), "--enforce"]);
        run.announce();
        // In a group of its own the terminal's Ctrl-C does not reach it, and it sees the containers go.
        let child = run.into_inner().process_group(0).stdin(Stdio::null()).spawn();
        let child = child.with_context(|| format!("cannot start {}", program.display()))?;
        let mut agent = Self { child, address };
        agent.wait_until_ready()?;
        Ok(agent)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let ready = interrupt::wait_until(LOADS_WITHIN, || {
            if let Some(status) = self.child.try_wait()? {
                bail!("the agent ended before it was ready ({status}); what it wrote is above");
            }
            Ok(is_ready(self.address))
        })?;
        if !ready {
            bail!("the agent was not ready within {LOADS_WITHIN:?}; what it wrote is above");
        }
        Ok(())
    }

    /// A metric without labels, by its name without the prefix.
    pub(crate) fn metric(&self, name: &str) -> Result<u64> {
        let metrics = get(self.address, "/metrics").context("the agent does not show its metrics")?;
        let name = format!("plumbline_agent_{name} ");
        let value = metrics.lines().find_map(|line| line.strip_prefix(&name));
        value.and_then(|value| value.trim().parse().ok()).with_context(|| format!("the agent has no {name}"))
    }

    /// Stops it as a service manager would.
    pub(crate) fn stop(mut self) -> Result<()> {
        match self.terminate()? {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("the agent ended with {status}; what it wrote is above"),
            None => bail!("the agent did not stop within {STOPS_WITHIN:?} of SIGTERM and is killed"),
        }
    }

    fn terminate(&mut self) -> Result<Option<ExitStatus>> {
        let pid = Pid::from_raw(self.child.id().cast_signed());
        kill(pid, Signal::SIGTERM).context("cannot signal the agent")?;
        let end = std::time::Instant::now() + STOPS_WITHIN;
        while std::time::Instant::now() < end {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(None)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        if let Ok(None) | Err(_) = self.terminate() {
            // Nothing is left to try: a kill that fails means that it is gone.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// An address that nobody listens on just now.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on loopback")?;
    listener.local_addr().context("cannot tell the port")
}

fn is_ready(address: SocketAddr) -> bool {
    get(address, "/readyz").is_ok_and(|answer| answer.split(' ').nth(1) == Some("200"))
}

/// The whole answer, its head included.
fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWERS_WITHIN)?;
    stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
