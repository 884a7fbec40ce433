//! Every policy that ships, held against its own tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use policy::set::Source;

fn packs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies")
}

/// `policies/PACK/NAME`, sorted.
fn folders() -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder that can be read");
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect()
    };
    let mut folders: Vec<_> = list(&packs()).iter().flat_map(|pack| list(pack)).collect();
    folders.sort();
    folders
}

fn source(path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = path.strip_prefix(packs()).expect("under policies").display().to_string();
    Source { file, text }
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

#[test]
fn every_policy_passes_its_tests() {
    let folders = folders();
    assert!(!folders.is_empty(), "policies ship");
    for folder in folders {
        let (policy, tests) = (source(&folder.join("policy.yaml")), source(&folder.join("tests.yaml")));
        let results = policy::test::run(&policy, &tests).unwrap_or_else(|errors| panic!("{}", errors[0]));
        assert!(!results.is_empty(), "{} has tests", folder.display());
        for result in results {
            let place = format!("{}:{}: {}", tests.file, result.position.line, result.name);
            assert!(result.failure.is_none(), "{place}: {}", result.failure.expect("checked"));
        }
    }
}

#[test]
fn every_policy_is_named_as_its_folder_and_says_what_people_need() {
    let mut names = BTreeSet::new();
    for folder in folders() {
        let (policies, errors) = policy::PolicySet::compile(&[source(&folder.join("policy.yaml"))]);
        assert!(errors.is_empty(), "{}", errors[0]);
        let policy =
            policies.get(&name(&folder)).unwrap_or_else(|| panic!("{} holds that policy", folder.display()));
        let about = policy.about();
        assert!(about.description.is_some() && about.remediation.is_some(), "{}", policy.name());
        assert!(!about.controls.is_empty(), "{}", policy.name());
        assert_eq!(policy.ceiling(), None, "shipped packs leave the action to the point: {}", policy.name());
        assert!(names.insert(policy.name().to_owned()), "{} is there twice", policy.name());
    }
}

#[test]
fn the_drift_policies_are_judged_once_for_an_executable() {
    let files: Vec<_> = folders().iter().map(|folder| source(&folder.join("policy.yaml"))).collect();
    let (policies, _) = policy::PolicySet::compile(&files);
    for name in ["executable-not-from-image", "fileless-execution"] {
        assert!(policies.get(name).expect("ships").judged_per_executable(), "{name}");
    }
}
