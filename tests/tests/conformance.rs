//! Others' suites that lie beside the repository, a test for each of their files or folders. Where they do not, they are
//! counted as ignored.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tests::conformance::{self, File, Verdict};
use tests::pod_security::{Level, broken};
use tests::yaml;

const CEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance/cel");
/// Kubernetes' own Pods: a folder for each level, version and verdict.
const POD_SECURITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance/pod-security");

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let mut trials =
        suite("cel", CEL, |folder| Ok(conformance::read(folder)?.into_iter().map(expressions).collect()))?;
    trials.extend(suite("pod-security", POD_SECURITY, |folder| Ok(vec![pods(folder)]))?);
    libtest_mimic::run(&arguments, trials).exit()
}

fn suite(
    name: &str,
    folder: &'static str,
    trials: impl FnOnce(&'static Path) -> Result<Vec<Trial>>,
) -> Result<Vec<Trial>> {
    if Path::new(folder).is_dir() {
        return trials(Path::new(folder));
    }
    let ignored = move || Ok(Completion::ignored_with(format!("there is no suite at {folder}")));
    Ok(vec![Trial::ignorable_test(name, ignored)])
}

fn expressions(file: File) -> Trial {
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

fn pods(folder: &'static Path) -> Trial {
    let judged = || every_pod_is_judged(folder).map_err(|error| Failed::from(format!("{error:?}")));
    Trial::test("pod-security", judged)
}

/// The Pod Security Standards, as the expressions that the bench takes say them.
fn every_pod_is_judged(folder: &Path) -> Result<()> {
    let mut pods = 0;
    for (level, name) in [(Level::Baseline, "baseline"), (Level::Restricted, "restricted")] {
        for verdict in ["pass", "fail"] {
            let folder = folder.join(name).join("v1.37").join(verdict);
            for entry in fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))? {
                let path = entry?.path();
                let pod = yaml::read(&path)?.remove(0);
                let broken = broken(level, &pod)?;
                ensure!(broken.is_empty() == (verdict == "pass"), "{}: {broken:?}", path.display());
                pods += 1;
            }
        }
    }
    ensure!(pods > 100, "only {pods} Pods");
    Ok(())
}
