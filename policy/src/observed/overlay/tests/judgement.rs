//! An overlay changes the verdicts of those policies alone that read what it lies over.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{arbitrary, facts, names, node, pod, spec};
use crate::evaluate::{Which, evaluate};
use crate::event::ContainerKind;
use crate::known::Known;
use crate::observed::{CapabilitySets, Facts, Observation, ObservedContainer, Overlay, overlay};
use crate::set::Source;
use crate::{Input, Judgement, PolicySet, ResourceInput, Verdict};

/// The policies that ship, and more, each of which reads a field or two, some of them fields that nothing lies over.
fn policies() -> PolicySet {
    let shipped = ["privileged", "capabilities", "host-namespaces", "host-path"].map(|name| {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/pod-security-baseline");
        std::fs::read_to_string(folder.join(name).join("policy.yaml")).expect("a policy that ships")
    });
    let own = EXPRESSIONS.iter().enumerate().map(|(index, expression)| {
        format!(
            "apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {{name: own-{index}}}\nspec:\n  title: t\n  severity: Low\n  match: {{resources: {{observed: true}}}}\n  validations: [{{expression: \"{expression}\"}}]\n"
        )
    });
    let source = |text| Source { file: "p.yaml".to_owned(), text };
    let sources: Vec<_> = shipped.into_iter().chain(own).map(source).collect();
    let (policies, errors) = PolicySet::compile(&sources);
    assert!(errors.is_empty(), "{}", errors[0]);
    assert_eq!(policies.policies().len(), 4 + EXPRESSIONS.len());
    policies
}

const EXPRESSIONS: [&str; 12] = [
    "object.metadata.name == 'web'",
    "!has(object.spec.nodeName) && request.name == 'web'",
    "object.spec.?securityContext.?runAsNonRoot.orValue(false)",
    "!object.spec.?hostPID.orValue(false)",
    "!has(object.spec.hostIPC)",
    "object.spec.?hostUsers.orValue(true)",
    "object.spec.containers.all(c, c.?securityContext.?readOnlyRootFilesystem.orValue(false))",
    "object.spec.containers.all(c, c.?securityContext.?seccompProfile.?type.orValue('') != 'Unconfined')",
    "object.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.runAsUser))",
    "object.spec.containers[1].image.contains('app')",
    "object.spec.?volumes.orValue([]).size() == 0",
    "size(object.spec) < 4",
];

fn judge(policies: &PolicySet, pod: &Value) -> Vec<Judgement> {
    evaluate(policies, &Input::Resource(&ResourceInput::observed(pod, Known::Unknown)), Which::All)
}

/// Whether what an expression reads and what a change lies over have something in common.
fn meet(read: &str, change: &str) -> bool {
    let Some(read) = read.strip_prefix("/object") else { return false };
    let change = change.strip_suffix("/-").unwrap_or(change);
    let is_within = |path: &str, above: &str| {
        path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_within(read, change) || is_within(change, read)
}

/// How many verdicts an overlay changes. Panics if one of them is of a policy that reads nothing of what it lies over.
fn changed(policies: &PolicySet, pod: &Value, overlay: &Overlay) -> usize {
    let (declared, observed) = (judge(policies, pod), judge(policies, &overlay.apply(pod)));
    assert_eq!(declared.len(), observed.len());
    let pairs =
        declared.iter().zip(&observed).filter(|(declared, observed)| declared.verdict != observed.verdict);
    pairs
        .map(|(declared, observed)| {
            let touches = |read: &String| overlay.changes().iter().any(|change| meet(read, &change.path));
            assert!(
                declared.paths.iter().any(touches),
                "{declared:?}\n{observed:?}\n{:?}",
                overlay.changes()
            );
        })
        .count()
}

#[test]
fn the_policies_that_ship_see_what_the_kernel_shows() {
    let pod = pod(&json!({"capabilities": {"drop": ["ALL"]}}));
    let mut facts = Facts {
        capabilities: CapabilitySets { permitted: names(&[]), bounding: names(&["NET_ADMIN"]) }.into(),
        ..facts()
    };
    facts.namespaces.pid = true.into();
    let container = ObservedContainer { pod: &pod, kind: ContainerKind::Container, name: "app" };
    let overlay = overlay(container, Observation { spec: Some(&spec()), facts: &facts, node: &node() });
    let failing: Vec<_> = judge(&policies(), &overlay.apply(&pod))
        .into_iter()
        .filter(|judgement| judgement.verdict == Verdict::Fail && !judgement.policy.starts_with("own-"))
        .map(|judgement| (judgement.policy.to_string(), judgement.message.unwrap_or_default()))
        .collect();
    let expected = [
        ("capabilities", "app adds NET_ADMIN"),
        ("host-namespaces", "it shares the node's process namespace (hostPID)"),
    ];
    assert_eq!(failing, expected.map(|(policy, message)| (policy.to_owned(), message.to_owned())));
    assert!(changed(&policies(), &pod, &overlay) >= 3);
}

proptest! {
    #[test]
    fn an_overlay_changes_only_verdicts_of_policies_that_read_what_it_lies_over(
        pod in arbitrary::nonsense(), spec in arbitrary::spec(), facts in arbitrary::facts()
    ) {
        let container = ObservedContainer { pod: &pod, kind: ContainerKind::Container, name: "app" };
        let overlay = overlay(container, Observation { spec: spec.as_ref(), facts: &facts, node: &node() });
        thread_local!(static POLICIES: PolicySet = policies());
        POLICIES.with(|policies| changed(policies, &pod, &overlay));
    }
}
