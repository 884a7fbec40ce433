//! The other judge: the Go program in `oracle/`, asked in lines of JSON.

use std::env;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::machine::{Lacking, lacking};

/// Who is not asked is told by this variable where the program is.
const PROGRAM: &str = "PLUMBLINE_ORACLE";

/// What is asked. It is answered from cel-go alone: nothing of ours has a part in it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Request {
    /// `standard` or `kubernetes`.
    pub environment: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub container: String,
    /// The variables' types, as cel-go writes them.
    pub variables: Map<String, Json>,
    pub expr: String,
    /// Whether the expression is checked, or only parsed.
    pub check: bool,
    /// The variables' values in the form of `cel.expr.Value`.
    pub input: Map<String, Json>,
    /// The variables' values as plain JSON; goes before `input`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Json>,
    /// What is unknown: a variable, then fields and indices, null for any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknowns: Vec<Vec<Json>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bench: Option<Bench>,
}

/// What is timed, instead of answered.
#[derive(Debug, Clone, Serialize)]
pub struct Bench {
    /// `parse`, `check`, `program`, `compile` (the three together) or `evaluate`.
    pub what: &'static str,
    pub times: u64,
}

/// The answer. One of `compile_error`, `value`, `error`, `unknown` and `timed` is there.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Response {
    pub compile_error: Option<String>,
    #[serde(rename = "type")]
    pub deduced: Option<String>,
    pub value: Option<Json>,
    pub error: Option<String>,
    /// Trails of what is unknown: a variable, then fields and indices.
    pub unknown: Option<Vec<Vec<Json>>>,
    pub timed: Option<Timed>,
}

/// What doing it all the times took.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Timed {
    pub nanoseconds: u64,
    pub allocations: u64,
}

/// A running oracle. Dropping it ends it.
#[derive(Debug)]
pub struct Oracle {
    child: Child,
    /// None once the end of the questions was told.
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts the program that the environment names.
    pub fn start() -> Result<Self> {
        let program = program()?;
        let mut command = Command::new(&program);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {}", program.display()))?;
        let input = child.stdin.take().map(BufWriter::new);
        let output = child.stdout.take().map(BufReader::new).context("the oracle has no output")?;
        Ok(Self { child, input, output })
    }

    /// Asks one thing.
    pub fn ask(&mut self, request: &Request) -> Result<Response> {
        let input = self.input.as_mut().context("the oracle was told the end")?;
        write_line(input, request)?;
        input.flush().context("ask the oracle")?;
        read_line(&mut self.output)
    }

    /// Asks many things at once, and shows each answer with its place as it comes.
    pub fn ask_all(&mut self, requests: &[Request], mut answered: impl FnMut(usize, Response)) -> Result<()> {
        let Self { child: _, input, output } = self;
        let input = input.as_mut().context("the oracle was told the end")?;
        thread::scope(|scope| {
            // It answers before it has read everything, and would wait for who reads its answers.
            let asking = scope.spawn(move || -> Result<()> {
                for request in requests {
                    write_line(input, request)?;
                }
                input.flush().context("ask the oracle")
            });
            for index in 0..requests.len() {
                answered(index, read_line(output)?);
            }
            asking.join().map_err(|_| anyhow::anyhow!("who asks the oracle panicked"))?
        })
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // The end of its input is the oracle's end.
        drop(self.input.take());
        if let Err(error) = self.child.wait() {
            eprintln!("the oracle did not end: {error}");
        }
    }
}

fn program() -> Result<PathBuf, Lacking> {
    let Some(path) = env::var_os(PROGRAM).map(PathBuf::from) else {
        return lacking(format!(
            "no oracle: {PROGRAM} names none (`cargo xtask test` builds it where there is Go)"
        ));
    };
    if path.is_file() {
        Ok(path)
    } else {
        lacking(format!("{PROGRAM} names {}, which is no file", path.display()))
    }
}

fn write_line(to: &mut impl Write, request: &Request) -> Result<()> {
    serde_json::to_writer(&mut *to, request)?;
    to.write_all(b"\n").context("ask the oracle")
}

fn read_line(from: &mut impl BufRead) -> Result<Response> {
    let mut line = String::new();
    from.read_line(&mut line).context("read the oracle's answer")?;
    ensure!(!line.is_empty(), "the oracle ended before it answered everything; what it said is above");
    serde_json::from_str(&line).with_context(|| format!("the oracle said {line:?}"))
}
