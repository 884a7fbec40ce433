use super::*;

const POD: Target<'_> =
    Target { group: "", version: "v1", resource: "pods", subresource: "", operation: Operation::Create };

fn rule(groups: &[&str], versions: &[&str], resources: &[&str], operations: &[Operation]) -> ResourceRule {
    let owned = |list: &[&str]| list.iter().map(|entry| (*entry).to_owned()).collect();
    ResourceRule {
        api_groups: owned(groups),
        api_versions: owned(versions),
        resources: owned(resources),
        operations: operations.to_vec(),
    }
}

#[test]
fn a_rule_is_about_what_each_of_its_lists_has() {
    let create = [Operation::Create];
    assert!(rule(&[""], &["v1"], &["pods"], &create).is_about(POD));
    assert!(rule(&["apps", "*"], &["*"], &["*"], &[Operation::Any]).is_about(POD));
    assert!(!rule(&["apps"], &["v1"], &["pods"], &create).is_about(POD));
    assert!(!rule(&[""], &["v2"], &["pods"], &create).is_about(POD));
    assert!(!rule(&[""], &["v1"], &["pod"], &create).is_about(POD));
    assert!(!rule(&[""], &["v1"], &["pods"], &[Operation::Update]).is_about(POD));
    assert!(!rule(&[], &["v1"], &["pods"], &create).is_about(POD));
}

#[test]
fn subresources_are_named_or_any() {
    let about = |resource, subresource| {
        let target = Target { subresource, ..POD };
        rule(&["*"], &["*"], &[resource], &[Operation::Any]).is_about(target)
    };
    let table = [
        ("pods", "", true),
        ("pods", "resize", false),
        ("*", "resize", false),
        ("pods/resize", "resize", true),
        ("pods/resize", "", false),
        ("*/resize", "resize", true),
        ("pods/*", "resize", true),
        ("*/*", "", true),
        ("deployments/*", "resize", false),
    ];
    for (resource, subresource, expected) in table {
        assert_eq!(about(resource, subresource), expected, "{resource} {subresource}");
    }
}
