use serde_json::json;

use super::*;

fn broken(importer: &str, imported: &str, kind: Option<&str>) -> Vec<String> {
    broken_rules(&json!({"name": importer, "dependencies": [{"name": imported, "kind": kind}]}))
}

#[test]
fn an_arrow_of_the_design_is_allowed() {
    assert!(broken("plumbline-policy", "plumbline-cel", None).is_empty());
    assert!(broken("plumbline-agent", "plumbline-agent-ebpf", Some("build")).is_empty());
    assert!(broken("plumbline-tests", "plumbline-agent", None).is_empty());
}

#[test]
fn an_arrow_the_other_way_is_refused() {
    let expected = ["cel imports plumbline-policy (normal): not among the crates that it may import"];
    assert_eq!(broken("plumbline-cel", "plumbline-policy", None), expected);
    assert_eq!(broken("plumbline-cel", "plumbline-policy", Some("dev")).len(), 1);
}

#[test]
fn the_kernel_half_is_imported_by_the_build_script_only() {
    assert_eq!(broken("plumbline-agent", "plumbline-agent-ebpf", None).len(), 1);
}

#[test]
fn tests_are_imported_by_nothing_and_xtask_imports_nothing() {
    assert_eq!(broken("plumbline-agent", "plumbline-tests", Some("dev")).len(), 1);
    assert_eq!(broken("plumbline-xtask", "plumbline-policy", None).len(), 1);
}

#[test]
fn only_the_agent_links_aya() {
    assert!(broken("plumbline-agent", "aya", None).is_empty());
    assert!(broken("plumbline-agent-ebpf", "aya-ebpf", None).is_empty());
    assert_eq!(
        broken("plumbline-tests", "aya", Some("dev")),
        ["tests imports aya (dev): only agent links aya"]
    );
}

#[test]
fn the_core_does_no_io() {
    assert_eq!(
        broken("plumbline-policy", "tokio", None),
        ["policy imports tokio (normal): the core does no IO"]
    );
    assert!(broken("plumbline-policy", "tempfile", Some("dev")).is_empty());
    assert!(broken("plumbline-agent", "tokio", None).is_empty());
}

#[test]
fn opting_into_the_lints_is_the_key_in_its_own_section() {
    assert!(opts_into_lints("[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n"));
    assert!(!opts_into_lints("[package]\nedition.workspace = true\n"));
    assert!(!opts_into_lints("[lints]\n[other]\nworkspace = true\n"));
}
