//! Others' suites of tests, read from a folder that is named.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

mod cel;
#[cfg(test)]
mod tests;

pub use self::cel::{Test, Verdict};

/// A file of the suite.
#[derive(Debug)]
pub struct File {
    /// Its name without the extension.
    pub name: String,
    pub tests: Vec<Test>,
}

/// How many tests came to what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Tally {
    pub fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed(_) => self.failed += 1,
            Verdict::Skipped(_) => self.skipped += 1,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// Every `*.jsonl` of the folder, in the order of the names.
pub fn read(folder: &Path) -> Result<Vec<File>> {
    let mut paths = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read the folder {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            paths.push(path);
        }
    }
    ensure!(!paths.is_empty(), "there is no *.jsonl in {}", folder.display());
    paths.sort();
    paths.iter().map(read_file).collect()
}

fn read_file(path: &PathBuf) -> Result<File> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut tests = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let test = Test::read(line).with_context(|| format!("{}:{}", path.display(), index + 1))?;
        tests.push(test);
    }
    Ok(File { name, tests })
}
