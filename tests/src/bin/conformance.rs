//! `cargo xtask conformance cel DIR`: runs others' tests and prints the names of those that failed.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use tests::conformance::{self, Tally, Verdict};

/// Exit codes: 0 none failed; 1 some did; 2 the tests could not be read.
#[derive(Debug, Parser)]
struct Options {
    #[command(subcommand)]
    suite: Suite,
}

#[derive(Debug, Subcommand)]
enum Suite {
    /// Tests of the specification of the Common Expression Language
    Cel {
        /// The folder whose *.jsonl are run
        folder: PathBuf,
    },
}

fn main() -> ExitCode {
    let Suite::Cel { folder } = Options::parse().suite;
    match run(&folder) {
        Ok(Tally { failed: 0, .. }) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(folder: &Path) -> Result<Tally> {
    let mut tally = Tally::default();
    for file in conformance::read(folder)? {
        for test in &file.tests {
            let verdict = test.run();
            tally.count(&verdict);
            let (what, why) = match &verdict {
                Verdict::Passed => continue,
                Verdict::Failed(why) => ("failed", why),
                Verdict::Skipped(why) => ("skipped", why),
            };
            println!("{what}: {}/{}: {}", file.name, test.name(), one_line(why));
        }
    }
    println!("{tally}");
    Ok(tally)
}

fn one_line(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join("; ")
}
