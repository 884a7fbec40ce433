//! The agent as a child process: started, asked over HTTP, stopped.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use crate::account::Account;
use crate::metrics::Metrics;
use crate::records;

/// How long the agent may take to load its programs, to empty its rings, to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// What comes before the address in the line that the agent writes once it listens.
const LISTENING: &str = "listening on ";

/// A running agent. Dropping it kills it; [`Agent::stop`] is the clean end.
#[derive(Debug)]
pub struct Agent {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
    output: PathBuf,
}

/// How an agent is started.
#[derive(Debug, Clone)]
pub struct Setting {
    pub program: PathBuf,
    pub policies: PathBuf,
    pub declarations: PathBuf,
    pub cgroup_root: PathBuf,
    /// The file of records; none for one of the agent's own.
    pub output: Option<PathBuf>,
    /// Further arguments of `plumb-agent run`.
    pub arguments: Vec<OsString>,
}

impl Agent {
    /// Starts the agent and waits until it is ready.
    pub fn start(setting: &Setting) -> Result<Self> {
        let folder = TempDir::with_prefix("plumbline-agent-")?;
        let log = File::create(folder.path().join("log"))?;
        let output = setting.output.clone().unwrap_or_else(|| folder.path().join("records"));
        let mut child = Command::new(&setting.program)
            .arg("run")
            .arg("--policies")
            .arg(&setting.policies)
            .arg("--declarations")
            .arg(&setting.declarations)
            .arg("--output")
            .arg(&output)
            .args(["--listen", "127.0.0.1:0", "--cgroup-root"])
            .arg(&setting.cgroup_root)
            .args(&setting.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("start {}", setting.program.display()))?;
        match wait_for_address(&mut child, folder.path()) {
            Ok(address) => {
                let agent = Self { child, address, folder, output };
                agent.wait_until("ready", Agent::ready)?;
                Ok(agent)
            }
            Err(failure) => {
                drop(child.kill());
                drop(child.wait());
                Err(failure)
            }
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the agent wrote to standard error so far.
    pub fn log(&self) -> Result<String> {
        log(self.folder.path())
    }

    /// Whether `/readyz` answers 200.
    pub fn ready(&self) -> Result<bool> {
        Ok(get(self.address, "/readyz")?.0 == 200)
    }

    pub fn metrics(&self) -> Result<Metrics> {
        let (status, body) = get(self.address, "/metrics")?;
        if status != 200 {
            bail!("/metrics answered {status}");
        }
        Metrics::parse(&body)
    }

    /// The account of `class`, once the rings are empty and two scrapes agree.
    pub fn settled(&self, class: &str) -> Result<Account> {
        let mut last = None;
        let mut account = Account::default();
        self.wait_until("settled", |agent| {
            account = Account::of(&agent.metrics()?, class)?;
            let read_and_judged = account.check().is_ok();
            // The agent of a busy machine filters other programs' events all the time.
            let calm = last.replace((account.submitted, account.delivered))
                == Some((account.submitted, account.delivered));
            // Longer than the agent takes to make its counts visible.
            thread::sleep(Duration::from_millis(400));
            Ok(read_and_judged && calm)
        })
        .with_context(|| format!("account of {class}: {account:?}"))?;
        Ok(account)
    }

    /// What is denied where, as `/status` tells it.
    pub fn status(&self) -> Result<Value> {
        let (status, body) = get(self.address, "/status")?;
        if status != 200 {
            bail!("/status answered {status}: {body}");
        }
        serde_json::from_str(&body).context("read the status")
    }

    /// Where the agent listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn records(&self) -> Result<Vec<Value>> {
        records::read(&self.output)
    }

    /// Waits until a record is `wanted`, and returns it.
    pub fn record(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let mut found = None;
        self.wait_until(what, |agent| {
            found = agent.records()?.into_iter().find(&wanted);
            Ok(found.is_some())
        })?;
        found.context("no record")
    }

    /// Asks `condition` again and again; fails with the agent's log when it does not become true in time.
    pub fn wait_until(&self, what: &str, mut condition: impl FnMut(&Self) -> Result<bool>) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while !condition(self)? {
            if Instant::now() > end {
                bail!("the agent is not {what} after {PATIENCE:?}; its log:\n{}", self.log()?);
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Stops the process until [`Agent::resume`]: nothing reads the rings.
    pub fn pause(&self) -> Result<()> {
        self.signal(Signal::SIGSTOP)
    }

    pub fn resume(&self) -> Result<()> {
        self.signal(Signal::SIGCONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).with_context(|| format!("send {signal}"))
    }

    /// SIGTERM, and the end that must follow it; returns all records.
    pub fn stop(mut self) -> Result<Vec<Value>> {
        self.end()?;
        self.records()
    }

    /// The same; its log and its records can still be read.
    pub fn end(&mut self) -> Result<()> {
        self.signal(Signal::SIGTERM)?;
        let end = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("the agent ended with {status}; its log:\n{}", self.log()?),
                None if Instant::now() > end => bail!("the agent did not stop; its log:\n{}", self.log()?),
                None => thread::sleep(Duration::from_millis(10)),
            }
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // One that has stopped already cannot be killed, which is as well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn log(folder: &Path) -> Result<String> {
    Ok(String::from_utf8_lossy(&fs::read(folder.join("log"))?).into_owned())
}

fn wait_for_address(child: &mut Child, folder: &Path) -> Result<SocketAddr> {
    let end = Instant::now() + PATIENCE;
    loop {
        let log = log(folder)?;
        if let Some(address) = address(&log) {
            return Ok(address);
        }
        if let Some(status) = child.try_wait()? {
            bail!("the agent ended with {status} before it listened:\n{log}");
        }
        if Instant::now() > end {
            bail!("the agent does not listen after {PATIENCE:?}:\n{log}");
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn address(log: &str) -> Option<SocketAddr> {
    log.lines().find_map(|line| {
        let (_, rest) = line.split_once(LISTENING)?;
        rest.split_whitespace().next()?.parse().ok()
    })
}

/// The status and the body of a GET over HTTP/1.0, whose body ends with the connection.
fn get(address: SocketAddr, path: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).context("connect to the agent")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).with_context(|| format!("read the answer to {path}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer without a head")?;
    let status =
        head.split(' ').nth(1).and_then(|code| code.parse().ok()).context("an answer without a status")?;
    Ok((status, body.to_owned()))
}
