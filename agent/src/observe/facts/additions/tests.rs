use std::fs;

use super::*;

const SECOND: u64 = 1_000_000_000;

fn write(node: &Path, target: &str) {
    let device = format!("containerEdits: {{mounts: [{{hostPath: /x, containerPath: {target}}}]}}\n");
    fs::create_dir_all(node.join("etc/cdi")).unwrap();
    fs::write(node.join("etc/cdi/vendor.yaml"), device).unwrap();
}

#[test]
fn one_reading_serves_containers_that_were_made_before_it_for_a_moment() {
    let node = tempfile::tempdir().unwrap();
    let mut kept = Kept::default();
    let mut targets = |made, now| kept.of(made, now, node.path(), node.path()).cdi_targets.known().unwrap();
    write(node.path(), "/a");
    assert_eq!(targets(3 * SECOND, 5 * SECOND), ["/a"]);
    write(node.path(), "/b");
    assert_eq!(targets(4 * SECOND, 6 * SECOND - 1), ["/a"], "made before the reading");
    assert_eq!(
        targets(5 * SECOND + 1, 5 * SECOND + 2),
        ["/b"],
        "what is written for a container precedes it"
    );
    write(node.path(), "/c");
    assert_eq!(targets(4 * SECOND, 6 * SECOND + 2), ["/c"], "after a second");
}
