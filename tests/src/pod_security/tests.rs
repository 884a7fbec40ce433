use serde_json::json;

use super::*;

#[test]
fn a_pod_that_says_nothing_keeps_baseline_only() {
    let pod =
        json!({"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}});
    assert_eq!(broken(Level::Baseline, &pod).unwrap(), Vec::<&str>::new());
    assert_eq!(
        broken(Level::Restricted, &pod).unwrap(),
        [
            "privilege escalation",
            "running as non-root",
            "seccomp profiles that must be set",
            "capabilities that must be dropped"
        ]
    );
}
