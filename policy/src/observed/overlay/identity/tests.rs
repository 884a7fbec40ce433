use serde_json::{Value, json};

use crate::event::ContainerKind;
use crate::known::Known;
use crate::observed::overlay::tests::{facts, node, only, pod, spec, word};
use crate::observed::{Change, Facts, Observation, ObservedContainer, became};

fn found(context: &Value, facts: &Facts) -> Option<(String, Value, &'static str)> {
    only(&pod(context), Some(&spec()), facts)
}

fn changed(field: &str, observed: Value, step: &'static str) -> Option<(String, Value, &'static str)> {
    Some((format!("securityContext/{field}"), observed, step))
}

#[test]
fn another_user_or_group_than_declared_is_shown_as_the_container_sees_it() {
    assert_eq!(found(&json!({"runAsUser": 5}), &facts()), changed("runAsUser", json!(1000), "PodToOci"));
    assert_eq!(found(&json!({"runAsGroup": 5}), &facts()), changed("runAsGroup", json!(1000), "PodToOci"));
    let other = Facts { uid: 100_007.into(), gid: 100_008.into(), ..facts() };
    assert_eq!(found(&json!({"runAsUser": 1000}), &other), changed("runAsUser", json!(7), "OciToKernel"));
    assert_eq!(found(&json!({"runAsGroup": 1000}), &other), changed("runAsGroup", json!(8), "OciToKernel"));
    assert_eq!(only(&pod(&json!({"runAsUser": 5})), None, &facts()), changed("runAsUser", json!(1000), "?"));
}

#[test]
fn the_declared_user_or_a_lesser_one_is_no_change() {
    for context in
        [json!({"runAsUser": 1000, "runAsGroup": 1000}), json!({"runAsUser": 0, "runAsGroup": 0}), json!({})]
    {
        assert_eq!(found(&context, &facts()), None, "{context}");
    }
    let unknown = [
        Facts { uid: Known::Unknown, ..facts() },
        Facts { uid_map: Known::Unknown, ..facts() },
        Facts { uid: 7.into(), ..facts() },
    ];
    for facts in unknown {
        assert_eq!(found(&json!({"runAsUser": 5, "runAsNonRoot": true}), &facts), None);
    }
}

#[test]
fn root_where_root_is_forbidden_is_shown() {
    let root = Facts { uid: 100_000.into(), ..facts() };
    let mut of_pod = pod(&json!({}));
    of_pod["spec"]["securityContext"] = json!({"runAsNonRoot": true});
    let expected = changed("runAsNonRoot", json!(false), "OciToKernel");
    assert_eq!(found(&json!({"runAsNonRoot": true}), &root), expected);
    assert_eq!(only(&of_pod, Some(&spec()), &root), expected);
    assert_eq!(only(&of_pod, Some(&spec()), &facts()), None);
    // The container's own word goes before its Pod's.
    of_pod["spec"]["containers"][1]["securityContext"] = json!({"runAsNonRoot": false});
    assert_eq!(only(&of_pod, Some(&spec()), &root), None);
    assert_eq!(found(&json!({}), &root), None, "an image's USER is no declaration");
}

/// Guards against an overlay that says of a container's start what came later, and against root by its number outside.
#[test]
fn a_program_that_comes_to_run_as_root_is_told_and_leaves_the_observed_pod_as_it_is() {
    let later = |context: Value, facts: &Facts| {
        let pod = pod(&context);
        assert_eq!(only(&pod, Some(&spec()), &Facts { uid: 101_000.into(), ..facts.clone() }), None);
        let container = ObservedContainer { pod: &pod, kind: ContainerKind::Container, name: "app" };
        became(container, Observation { spec: Some(&spec()), facts, node: &node() })
    };
    let forbids = || json!({"runAsNonRoot": true});
    let root = Facts { effective_uids: [101_000, 100_000].into(), ..facts() };
    let Some(Change { path, declared, observed, step, .. }) = later(forbids(), &root) else { panic!("root") };
    assert_eq!(path, "/spec/containers/1/securityContext/runAsNonRoot");
    assert_eq!((declared, observed, word(step)), (Some(json!(true)), json!(false), "OciToKernel"));
    let ran_before = Facts { uid: Known::Unknown, ..root.clone() };
    assert!(later(forbids(), &ran_before).is_some());
    let not = [
        facts(),
        Facts { effective_uids: [0].into(), ..facts() },
        Facts { uid: 100_000.into(), ..root.clone() },
        Facts { uid_map: Known::Unknown, ..root.clone() },
    ];
    for facts in not {
        assert_eq!(later(forbids(), &facts), None, "{facts:?}");
    }
    assert_eq!(later(json!({"runAsNonRoot": false}), &root), None);
    assert_eq!(later(json!({"runAsUser": 1000}), &root), None);
}
