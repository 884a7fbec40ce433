//! The suite that lies beside the repository, a test for each of its files. Where it does not, they are counted as
//! ignored.
//!
//! Tests that do not pass yet are named in `conformance-pending.txt`; one that is not named there and fails, and one
//! that is named and passes, fail the file's test.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tests::conformance::{self, File, Verdict};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance/cel");
const PENDING: &str = include_str!("../conformance-pending.txt");

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let folder = Path::new(FOLDER);
    let trials = if folder.is_dir() {
        let files = conformance::read(folder)?;
        files.into_iter().map(trial).collect()
    } else {
        let ignored = || Ok(Completion::ignored_with(format!("there is no suite at {FOLDER}")));
        vec![Trial::ignorable_test("suite", ignored)]
    };
    libtest_mimic::run(&arguments, trials).exit()
}

fn trial(file: File) -> Trial {
    Trial::test(format!("cel/{}", file.name), move || exactly_the_pending_tests_fail(&file))
}

fn pending() -> impl Iterator<Item = &'static str> {
    PENDING.lines().filter(|line| !line.starts_with('#'))
}

fn exactly_the_pending_tests_fail(file: &File) -> Result<(), Failed> {
    let of_file = format!("{}/", file.name);
    let mut pending: BTreeSet<_> = pending().filter(|name| name.starts_with(&of_file)).collect();
    let mut wrong = Vec::new();
    for test in &file.tests {
        let id = format!("{}/{}", file.name, test.name());
        match (test.run(), pending.remove(id.as_str())) {
            (Verdict::Failed(why), false) => wrong.push(format!("{id}: {why}")),
            (Verdict::Passed, true) => wrong.push(format!("{id} passes, and is named as pending")),
            (Verdict::Skipped(why), _) => wrong.push(format!("{id} was skipped: {why}")),
            (Verdict::Passed, false) | (Verdict::Failed(_), true) => {}
        }
    }
    wrong.extend(
        pending.iter().map(|name| format!("{name} is named as pending, and is no test of the suite")),
    );
    if wrong.is_empty() { Ok(()) } else { Err(Failed::from(wrong.join("\n"))) }
}
