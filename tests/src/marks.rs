//! A program that leaves a mark before all else, run by the sample in a container again and again.

use std::fs;
use std::path::Path;
use std::process::Output;

use anyhow::{Result, bail, ensure};

/// The command that writes the program, runs it so often, and says what became of it.
#[must_use]
pub fn command(times: u64) -> Vec<String> {
    let words = ["/bin/sample", "marks", "/tmp/program", "/tmp/marks", &times.to_string()];
    words.map(str::to_owned).to_vec()
}

/// The command that uses a capability in a child so often, each of which then leaves a mark, and says what became of them.
#[must_use]
pub fn uses(capability: &str, times: u64) -> Vec<String> {
    let words = ["/bin/sample", "uses", capability, "/tmp/marks", &times.to_string()];
    words.map(str::to_owned).to_vec()
}

/// How often a program was killed, and how often it ran.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    pub killed: u64,
    pub ran: u64,
}

impl Ended {
    /// As the command says, if the marks below the container's root say so too.
    pub fn of(output: &Output, root: &Path) -> Result<Self> {
        ensure!(output.status.success(), "{output:?}");
        let said = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<u64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [killed, ran] = numbers[..] else { bail!("the sample said {said:?}") };
        let marks = root.join("tmp/marks");
        let left = fs::metadata(&marks)?.len();
        fs::remove_file(marks)?;
        ensure!(left == ran, "{ran} ran, and {left} left a mark");
        Ok(Self { killed, ran })
    }
}
