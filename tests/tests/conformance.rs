//! The suite that lies beside the repository, a test for each of its files. Where it does not, they are counted as
//! ignored.

use std::path::Path;

use anyhow::Result;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tests::conformance::{self, File, Verdict};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance/cel");

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let folder = Path::new(FOLDER);
    let trials = if folder.is_dir() {
        conformance::read(folder)?.into_iter().map(trial).collect()
    } else {
        let ignored = || Ok(Completion::ignored_with(format!("there is no suite at {FOLDER}")));
        vec![Trial::ignorable_test("suite", ignored)]
    };
    libtest_mimic::run(&arguments, trials).exit()
}

fn trial(file: File) -> Trial {
    Trial::test(format!("cel/{}", file.name), move || every_test_passes(&file))
}

/// The suite beside the repository needs nothing that the language does not have, so none may be skipped.
fn every_test_passes(file: &File) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for test in &file.tests {
        match test.run() {
            Verdict::Passed => {}
            Verdict::Failed(why) => wrong.push(format!("{}/{}: {why}", file.name, test.name())),
            Verdict::Skipped(why) => wrong.push(format!("{}/{} was skipped: {why}", file.name, test.name())),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failed::from(wrong.join("\n"))) }
}
