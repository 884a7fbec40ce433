use std::fs;
use std::path::Path;

use cel::{Budget, Environment, Outcome, Program, StaticType};
use serde_json::json;

use super::*;
use crate::yaml;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance/pod-security");

/// The checks of a level that a Pod does not keep.
fn broken(level: Level, pod: &serde_json::Value) -> Vec<&'static str> {
    let environment = Environment::standard().with_variable("object", StaticType::Dyn);
    let input = json!({"object": pod});
    let is_broken = |check: &&Check| {
        let program = Program::compile(&environment, check.expression).unwrap();
        let outcome = program.evaluate(&input, &mut Budget::default());
        let Outcome::Value(value) = &outcome else { panic!("{}: {outcome:?}", check.name) };
        value.as_bool() != Some(true)
    };
    CHECKS.iter().filter(|check| level.asks(check)).filter(is_broken).map(|check| check.name).collect()
}

#[test]
fn a_pod_that_says_nothing_keeps_baseline_only() {
    let pod =
        json!({"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}});
    assert_eq!(broken(Level::Baseline, &pod), Vec::<&str>::new());
    assert_eq!(
        broken(Level::Restricted, &pod),
        [
            "privilege escalation",
            "running as non-root",
            "seccomp profiles that must be set",
            "capabilities that must be dropped"
        ]
    );
}

#[test]
#[ignore = "reads Kubernetes' own Pods from a folder beside the repository"]
fn every_pod_of_the_standards_own_tests_is_judged_as_they_say() {
    let mut pods = 0;
    for (level, name) in [(Level::Baseline, "baseline"), (Level::Restricted, "restricted")] {
        for verdict in ["pass", "fail"] {
            let folder = Path::new(FIXTURES).join(name).join("v1.37").join(verdict);
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let pod = yaml::read(&path).unwrap().remove(0);
                let broken = broken(level, &pod);
                assert_eq!(broken.is_empty(), verdict == "pass", "{}: {broken:?}", path.display());
                pods += 1;
            }
        }
    }
    assert!(pods > 100, "only {pods} Pods");
}
