//! Running commands: each is shown before it runs, and one that fails is explained.

use std::ffi::OsStr;
use std::fs::File;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use nix::unistd::Uid;

/// How much of a failed command's output its error repeats.
const LAST_LINES: usize = 20;

/// A command to run, with what to do if it fails.
#[derive(Debug)]
pub(crate) struct Cmd {
    inner: Command,
    hint: Option<String>,
}

impl Cmd {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self { inner: Command::new(program), hint: None }
    }

    /// The same with root's rights: as it is for root, through sudo for others.
    pub(crate) fn root(program: impl AsRef<OsStr>) -> Result<Self> {
        match privilege() {
            Privilege::Root => Ok(Self::new(program)),
            Privilege::Sudo => Ok(Self::new("sudo").arg(program)),
            Privilege::None => bail!("{} needs root, and there is no sudo here", show(program.as_ref())),
        }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.inner.arg(arg);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.inner.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(name, value);
        self
    }

    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.inner.current_dir(dir);
        self
    }

    /// What a person can do when this command fails.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Hands the command out to who needs more of it than to run it.
    pub(crate) fn into_inner(self) -> Command {
        self.inner
    }

    /// Runs it in the open: the command line and its output are for the reader.
    pub(crate) fn run(mut self) -> Result<()> {
        self.announce();
        let status = self.inner.status().with_context(|| self.cannot_start())?;
        self.judge(status, "")
    }

    /// Runs it unseen, and shows the end of its output only when it fails.
    pub(crate) fn run_quietly(self) -> Result<()> {
        self.read().map(drop)
    }

    /// Runs it unseen and returns what it wrote to standard output.
    pub(crate) fn read(mut self) -> Result<String> {
        let output = self.inner.stdin(Stdio::null()).output().with_context(|| self.cannot_start())?;
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr);
        self.judge(output.status, &format!("{stdout}{stderr}"))?;
        Ok(stdout)
    }

    /// Runs it with its output going to `file`, which its own children may keep open for as long as they live.
    pub(crate) fn run_into(mut self, file: &Path) -> Result<()> {
        let output = File::options().create(true).append(true).open(file);
        let output = output.with_context(|| format!("cannot write {}", file.display()))?;
        self.inner.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let status = self.inner.status().with_context(|| self.cannot_start())?;
        let output = std::fs::read(file).unwrap_or_default();
        self.judge(status, &String::from_utf8_lossy(&output))
    }

    /// Whether it runs and succeeds; its output is of no interest.
    pub(crate) fn succeeds(self) -> bool {
        self.read().is_ok()
    }

    pub(crate) fn announce(&self) {
        eprintln!("{}", dim(&format!("$ {}", self.line())));
    }

    /// The command line as one would type it, without its environment.
    pub(crate) fn line(&self) -> String {
        let words = std::iter::once(self.inner.get_program()).chain(self.inner.get_args());
        words.map(show).collect::<Vec<_>>().join(" ")
    }

    fn cannot_start(&self) -> String {
        format!("cannot start `{}`{}", self.line(), self.what_to_do())
    }

    fn what_to_do(&self) -> String {
        self.hint.as_ref().map(|hint| format!("\n  to do: {hint}\n ")).unwrap_or_default()
    }

    fn judge(&self, status: ExitStatus, output: &str) -> Result<()> {
        if status.success() {
            return Ok(());
        }
        let mut message = format!("`{}` failed ({status})", self.line());
        for line in last_lines(output) {
            message.push_str("\n    ");
            message.push_str(line);
        }
        message.push_str(self.what_to_do().trim_end());
        bail!(message)
    }
}

/// By what right a command that needs root can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Privilege {
    Root,
    Sudo,
    None,
}

pub(crate) fn privilege() -> Privilege {
    if Uid::effective().is_root() {
        Privilege::Root
    } else if which("sudo").is_some() {
        Privilege::Sudo
    } else {
        Privilege::None
    }
}

/// Where PATH, with the folders that only root's has, leads for `program`.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let sbin = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(sbin).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// Text that is not the message, where a terminal can show the difference.
pub(crate) fn dim(text: &str) -> String {
    if std::io::stderr().is_terminal() { format!("\x1b[2m{text}\x1b[0m") } else { text.to_owned() }
}

fn last_lines(output: &str) -> impl Iterator<Item = &str> {
    let lines: Vec<_> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    let skipped = lines.len().saturating_sub(LAST_LINES);
    lines.into_iter().skip(skipped)
}

fn show(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into_owned() } else { format!("'{word}'") }
}

#[cfg(test)]
mod tests;
