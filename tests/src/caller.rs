//! A container that makes the calls on sockets that it is asked for, in a network in which it is every address.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context, Result, ensure};
use policy::network::Protocol;

use crate::cgroup::ContainerGroup;
use crate::machine;

/// How a peer is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    TcpConnect,
    UdpConnect,
    /// A datagram by a socket that is not connected.
    UdpSend,
    MptcpConnect,
    /// What is sent by TCP Fast Open asks for the connection, too.
    TcpFastOpen,
    /// A datagram by a socket that is connected to somebody else.
    UdpStray,
}

impl Way {
    /// What programs do as a rule.
    pub const ORDINARY: [Self; 3] = [Self::TcpConnect, Self::UdpConnect, Self::UdpSend];
    /// Other ways to the same peers.
    pub const OTHERS: [Self; 3] = [Self::MptcpConnect, Self::TcpFastOpen, Self::UdpStray];

    pub fn protocol(self) -> Protocol {
        match self {
            Self::TcpConnect | Self::MptcpConnect | Self::TcpFastOpen => Protocol::Tcp,
            Self::UdpConnect | Self::UdpSend | Self::UdpStray => Protocol::Udp,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::TcpConnect => "tcp",
            Self::UdpConnect => "udp",
            Self::UdpSend => "send",
            Self::MptcpConnect => "mptcp",
            Self::TcpFastOpen => "fast",
            Self::UdpStray => "stray",
        }
    }
}

/// A call, or the same one several times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    pub way: Way,
    /// An IPv4 address written as an IPv6 one goes through a socket of IPv6.
    pub peer: SocketAddr,
    pub times: u32,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { way, peer, times } = self;
        write!(f, "{} {} {} {times}", way.word(), peer.ip(), peer.port())
    }
}

/// What the kernel said to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// How often it said EPERM.
    pub denied: u32,
    /// The last other errno, 0 for none.
    pub errno: i32,
}

/// `sample peers` as the first program of a container. Dropping it ends the container.
#[derive(Debug)]
pub struct Caller {
    runtime: Child,
    /// None once it is to end.
    asked: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    denied: u64,
}

impl Caller {
    /// Starts it in `group`, with `root` as its root.
    pub fn start(group: &ContainerGroup, root: &Path) -> Result<Self> {
        let mut command = machine::beside("small-runtime")?;
        command.arg("run").arg("--root").arg(root).arg("--cgroup").arg(group.path());
        command.args(["--", "/bin/sample", "peers"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut runtime = command.spawn().context("start small-runtime")?;
        let asked = runtime.stdin.take();
        let answers = BufReader::new(runtime.stdout.take().context("no standard output")?);
        let mut caller = Self { runtime, asked, answers, denied: 0 };
        // What the runtime says first is its init's pid.
        caller.line()?;
        Ok(caller)
    }

    /// Makes the calls, one after the other.
    pub fn call(&mut self, calls: &[Call]) -> Result<Vec<Said>> {
        let lines: Vec<String> = calls.iter().map(Call::to_string).collect();
        let said: Vec<Said> = self.ask(&lines)?.iter().map(|answer| said(answer)).collect::<Result<_>>()?;
        self.denied += said.iter().map(|said| u64::from(said.denied)).sum::<u64>();
        Ok(said)
    }

    /// Makes one call, and says whether it got EPERM.
    pub fn is_denied(&mut self, way: Way, peer: SocketAddr) -> Result<bool> {
        Ok(self.call(&[Call { way, peer, times: 1 }])?[0].denied > 0)
    }

    /// Connects to the peer, which is the program itself, over TCP, and keeps the connection.
    pub fn keep(&mut self, peer: SocketAddr) -> Result<()> {
        let answer = self.ask(&[format!("keep {} {}", peer.ip(), peer.port())])?;
        ensure!(answer == ["0"], "a connection to {peer} ended with errno {answer:?}");
        Ok(())
    }

    /// Sends a byte over each connection that it keeps, and reads it at the other end.
    pub fn talk(&mut self) -> Result<()> {
        let answer = self.ask(&["talk".to_owned()])?;
        ensure!(answer == ["0"], "connections that lived ended with errno {answer:?}");
        Ok(())
    }

    /// How many of its calls got EPERM so far.
    pub fn denied(&self) -> u64 {
        self.denied
    }

    fn ask(&mut self, lines: &[String]) -> Result<Vec<String>> {
        let asked = self.asked.as_mut().context("it has ended")?;
        asked.write_all(format!("{}\n\n", lines.join("\n")).as_bytes()).context("ask for calls")?;
        lines.iter().map(|_| self.line()).collect()
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).context("read an answer")?;
        ensure!(line.ends_with('\n'), "it ended after {line:?}");
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        // It ends as nobody asks any more, and its runtime with it.
        self.asked = None;
        drop(self.runtime.wait());
    }
}

fn said(answer: &str) -> Result<Said> {
    let (denied, errno) = answer.split_once(' ').with_context(|| format!("no answer: {answer:?}"))?;
    Ok(Said { denied: denied.parse()?, errno: errno.parse()? })
}
