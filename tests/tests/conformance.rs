//! Others' suites that lie beside the repository, a test for each of their files or folders. Where they do not, they are
//! counted as ignored.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use policy::evaluate::verdicts;
use policy::set::Source;
use policy::{Input, Known, PolicySet, ResourceInput, Which, evaluate};
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
    trials.extend(suite("pod-security", POD_SECURITY, |folder| Ok(vec![pods(folder), shipped(folder)]))?);
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

fn shipped(folder: &'static Path) -> Trial {
    let judged =
        || every_pod_is_judged_as_kubernetes_does(folder).map_err(|error| Failed::from(format!("{error:?}")));
    Trial::test("pod-security/shipped", judged)
}

const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/pod-security-baseline");

/// Policies that ship, with the beginnings of the names of the Pods that break them. A process on a Windows node is only
/// one in the node's network.
const SHIPPED: [(&str, &[&str]); 4] = [
    ("capabilities", &["capabilities_baseline"]),
    ("host-namespaces", &["hostnamespaces", "windowshostprocess"]),
    ("host-path", &["hostpathvolumes"]),
    ("privileged", &["privileged"]),
];

/// Each policy fails exactly the Pods that Kubernetes wrote for its control, and no other; declared or observed.
fn every_pod_is_judged_as_kubernetes_does(folder: &Path) -> Result<()> {
    let (mut pods, mut failed) = (0, 0);
    let policies = shipped_policies()?;
    for (level, version, verdict) in FOLDERS {
        let folder = folder.join(level).join(version).join(verdict);
        for entry in fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))? {
            let path = entry?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let breaks =
                |names: &[&str]| verdict == "fail" && names.iter().any(|start| name.starts_with(start));
            let expected =
                SHIPPED.map(|(policy, names)| (policy, if breaks(names) { "Fail" } else { "Pass" }));
            is_judged(&policies, &path, &expected)?;
            pods += 1;
            failed += usize::from(expected.iter().any(|(_, verdict)| *verdict == "Fail"));
        }
    }
    ensure!(pods > 100 && failed > 10, "only {pods} Pods, {failed} of which fail");
    Ok(())
}

/// Pods that fail restricted may break baseline, too, and their names do not say so.
const FOLDERS: [(&str, &str, &str); 6] = [
    ("baseline", "v1.25", "pass"),
    ("baseline", "v1.25", "fail"),
    ("baseline", "v1.37", "pass"),
    ("baseline", "v1.37", "fail"),
    ("restricted", "v1.25", "pass"),
    ("restricted", "v1.37", "pass"),
];

fn is_judged(policies: &PolicySet, path: &Path, expected: &[(&str, &str)]) -> Result<()> {
    let pod = yaml::read(path)?.remove(0);
    let declared = ResourceInput::declared(&pod, Known::Unknown).context("a Pod")?;
    for input in [declared, ResourceInput::observed(&pod, Known::Unknown)] {
        let judgements = evaluate(policies, &Input::Resource(&input), Which::All);
        let found = verdicts(&judgements).into_iter().map(|(policy, verdict)| (policy, verdict.as_str()));
        let found: Vec<_> = found.collect();
        ensure!(found == expected, "{}: {found:?} instead of {expected:?}", path.display());
    }
    Ok(())
}

fn shipped_policies() -> Result<PolicySet> {
    let source = |(policy, _)| {
        let path = Path::new(BASELINE).join(policy).join("policy.yaml");
        let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        Ok(Source { file: path.display().to_string(), text })
    };
    let sources = SHIPPED.into_iter().map(source).collect::<Result<Vec<_>>>()?;
    let (policies, errors) = PolicySet::compile(&sources);
    ensure!(errors.is_empty(), "{errors:?}");
    Ok(policies)
}
