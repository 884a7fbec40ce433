//! Stages of a verb: all are run, each is timed, and the summary has one line for each.

use std::time::{Duration, Instant};

use anyhow::Result;

/// What came of a stage.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It ran; how many tests passed, failed and were skipped is known where it ran tests.
    Ran(Tally),
    /// It did not run, for this reason.
    Skipped(String),
}

impl Outcome {
    /// For a stage whose skipped tests are another stage's to run, or to give the reason for.
    pub(crate) fn without_skipped(self) -> Self {
        match self {
            Self::Ran(tally) => Self::Ran(Tally { skipped: 0, ..tally }),
            Self::Skipped(reason) => Self::Skipped(reason),
        }
    }
}

/// Tests, or a stage that counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Tally {
    pub(crate) const PASSED: Self = Self { passed: 1, failed: 0, skipped: 0 };

    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// A stage that is a single check: it passed if it returned.
pub(crate) fn check(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Ran(Tally::PASSED))
}

#[derive(Debug)]
struct Stage {
    name: &'static str,
    took: Duration,
    result: Result<Outcome>,
}

/// The stages so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    stages: Vec<Stage>,
}

impl Report {
    /// Runs a stage. Its failure is shown at once and does not stop the next.
    pub(crate) fn stage(&mut self, name: &'static str, run: impl FnOnce() -> Result<Outcome>) {
        eprintln!("\n== {name}");
        let begin = Instant::now();
        let result = run();
        if let Err(error) = &result {
            eprintln!("error: {error:#}");
        }
        self.stages.push(Stage { name, took: begin.elapsed(), result });
    }

    pub(crate) fn tally(&self) -> Tally {
        let mut sum = Tally::default();
        for stage in &self.stages {
            sum.add(stage.tally());
        }
        sum
    }

    pub(crate) fn summary(&self) -> String {
        self.stages.iter().map(Stage::line).collect()
    }

    /// The summary, and for the last line what a machine looks for. True when nothing failed.
    pub(crate) fn finish(&self) -> bool {
        let Tally { passed, failed, skipped } = self.tally();
        println!("\n{}\n{passed} passed, {failed} failed, {skipped} skipped", self.summary().trim_end());
        failed == 0
    }
}

impl Stage {
    fn tally(&self) -> Tally {
        match &self.result {
            Ok(Outcome::Ran(tally)) => *tally,
            Ok(Outcome::Skipped(_)) => Tally { skipped: 1, ..Tally::default() },
            Err(_) => Tally { failed: 1, ..Tally::default() },
        }
    }

    fn line(&self) -> String {
        let (word, note) = match &self.result {
            Ok(Outcome::Ran(Tally { failed: 0, skipped: 0, .. })) => ("ok", String::new()),
            Ok(Outcome::Ran(Tally { failed: 0, skipped, .. })) => {
                ("ok", format!("{skipped} skipped, see above"))
            }
            Ok(Outcome::Ran(Tally { failed, .. })) => ("FAILED", format!("{failed} tests")),
            Ok(Outcome::Skipped(reason)) => ("skipped", reason.clone()),
            Err(error) => ("FAILED", error.to_string().lines().next().unwrap_or_default().to_owned()),
        };
        let line = format!("{:<16} {:>7.1} s  {word:<8} {note}", self.name, self.took.as_secs_f64());
        format!("{}\n", line.trim_end())
    }
}

#[cfg(test)]
mod tests;
