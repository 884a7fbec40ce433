use serde_json::{Value, json};

use crate::event::ContainerKind;
use crate::known::Known;
use crate::observed::overlay::tests::{FULL, facts, names, node, only, pod, spec};
use crate::observed::overlay::{Observation, ObservedContainer, overlay};
use crate::observed::{CapabilitySets, Facts, NodeFacts, OciSpec, Seccomp};

const ADD: &str = "securityContext/capabilities/add";

fn holding(permitted: &[&'static str], bounding: &[&'static str]) -> Facts {
    let sets = CapabilitySets { permitted: names(permitted), bounding: names(bounding) };
    Facts { capabilities: sets.into(), ..facts() }
}

#[test]
fn capabilities_beyond_those_allowed_are_added() {
    let spec = spec();
    let (none, drop_raw) = (json!(null), json!({"capabilities": {"drop": ["NET_RAW"]}}));
    let drop_all = json!({"capabilities": {"drop": ["ALL"], "add": ["CAP_KILL"]}});
    let add_admin = json!({"capabilities": {"add": ["NET_ADMIN"]}});
    let told = Some(&spec);
    type Row<'a> = (&'a Value, Option<&'a OciSpec>, Facts, Option<(Value, &'a str)>);
    let table: [Row<'_>; 12] = [
        (&none, told, holding(&["CHOWN"], &["CHOWN", "NET_RAW"]), None),
        (&none, told, holding(&[], &["KILL"]), Some((json!(["KILL"]), "OciToKernel"))),
        (&none, told, holding(&["KILL"], &[]), Some((json!(["KILL"]), "OciToKernel"))),
        // Without the runtime's defaults nobody knows what is more than they.
        (&none, None, holding(&["KILL"], &["KILL"]), None),
        (&add_admin, told, holding(&[], &["NET_ADMIN"]), None),
        (&drop_raw, told, holding(&[], &["CHOWN"]), None),
        (&drop_raw, told, holding(&[], &["CHOWN", "NET_RAW"]), Some((json!(["NET_RAW"]), "PodToOci"))),
        (&drop_all, None, holding(&["KILL"], &["KILL"]), None),
        (
            &drop_all,
            None,
            holding(&[], &["CHOWN", "NET_RAW"]),
            Some((json!(["CAP_KILL", "CHOWN", "NET_RAW"]), "?")),
        ),
        (
            &drop_all,
            told,
            holding(&[], &["CHOWN", "SYS_ADMIN"]),
            Some((json!(["CAP_KILL", "CHOWN", "SYS_ADMIN"]), "PodToOci")),
        ),
        (
            &drop_all,
            told,
            holding(&["SYS_ADMIN"], &[]),
            Some((json!(["CAP_KILL", "SYS_ADMIN"]), "OciToKernel")),
        ),
        (&drop_all, told, Facts { capabilities: Known::Unknown, ..facts() }, None),
    ];
    for (index, (context, spec, facts, expected)) in table.into_iter().enumerate() {
        let found = only(&pod(context), spec, &facts);
        let expected = expected.map(|(add, step)| (ADD.to_owned(), add, step));
        assert_eq!(found, expected, "row {index}");
    }
}

/// The four signs of a privileged container.
fn unconfined() -> Facts {
    Facts {
        seccomp: Seccomp::Disabled.into(),
        sys_writable: true.into(),
        masked: Known::Known(Default::default()),
        ..holding(&FULL, &FULL)
    }
}

/// A runtime that was told to hide nothing, so that procMount is not what is wrong.
fn told_nothing(capabilities: &[&str]) -> OciSpec {
    let mut spec = spec();
    let linux = spec.linux.as_mut().expect("linux");
    linux.seccomp = None;
    linux.masked_paths.clear();
    let process = spec.process.as_mut().expect("a process");
    let names = capabilities.iter().map(|name| format!("CAP_{name}")).collect();
    process.capabilities.as_mut().expect("capabilities").bounding = names;
    spec
}

#[test]
fn all_four_signs_make_a_container_privileged() {
    let pod = pod(&json!({"procMount": "Unmasked", "privileged": false}));
    let privileged = |step| Some(("securityContext/privileged".to_owned(), json!(true), step));
    assert_eq!(only(&pod, Some(&told_nothing(&FULL)), &unconfined()), privileged("PodToOci"));
    assert_eq!(only(&pod, Some(&spec()), &unconfined()), privileged("OciToKernel"));
    assert_eq!(only(&pod, None, &unconfined()), privileged("?"));
}

#[test]
fn three_signs_are_no_more_than_what_else_says_them() {
    let pod = pod(&json!({"procMount": "Unmasked"}));
    let excess = Some((ADD.to_owned(), json!(["KILL", "NET_ADMIN", "SYS_ADMIN"]), "OciToKernel"));
    let fewer = [
        Facts { seccomp: Seccomp::Filter.into(), ..unconfined() },
        Facts { seccomp: Known::Unknown, ..unconfined() },
        Facts { sys_writable: false.into(), ..unconfined() },
        Facts { sys_writable: Known::Unknown, ..unconfined() },
        Facts { masked: Known::Known(["/proc/kcore".to_owned()].into()), ..unconfined() },
        Facts { masked: Known::Unknown, ..unconfined() },
    ];
    for facts in fewer {
        assert_eq!(only(&pod, Some(&spec()), &facts), excess);
    }
    let capabilities = holding(&[], &["CHOWN"]).capabilities;
    assert_eq!(only(&pod, Some(&spec()), &Facts { capabilities, ..unconfined() }), None);
}

#[test]
fn on_a_node_whose_capabilities_are_not_known_nothing_is_privileged() {
    let pod = pod(&json!({"procMount": "Unmasked"}));
    let node = NodeFacts { capabilities: Vec::new(), ..node() };
    let container = ObservedContainer { pod: &pod, kind: ContainerKind::Container, name: "app" };
    let facts = unconfined();
    let observed = overlay(container, Observation { spec: None, facts: &facts, node: &node });
    assert!(observed.is_empty(), "{observed:?}");
}

#[test]
fn a_container_that_is_declared_privileged_is_as_declared() {
    let pod = pod(
        &json!({"privileged": true, "seccompProfile": {"type": "RuntimeDefault"}, "allowPrivilegeEscalation": false}),
    );
    let facts = Facts { no_new_privileges: false.into(), ..unconfined() };
    assert_eq!(only(&pod, Some(&told_nothing(&FULL)), &facts), None);
    assert_eq!(only(&pod, None, &facts), None);
}

#[test]
fn escalation_that_is_forbidden_and_possible_is_allowed() {
    let forbidden = json!({"allowPrivilegeEscalation": false});
    let more = Facts { no_new_privileges: false.into(), ..facts() };
    fn found(
        context: &Value,
        spec: Option<&OciSpec>,
        facts: &Facts,
    ) -> Option<(String, Value, &'static str)> {
        only(&pod(context), spec, facts)
    }
    let allowed = |step| Some(("securityContext/allowPrivilegeEscalation".to_owned(), json!(true), step));
    let mut untold = spec();
    untold.process.as_mut().expect("a process").no_new_privileges = false;
    assert_eq!(found(&forbidden, Some(&spec()), &more), allowed("OciToKernel"));
    assert_eq!(found(&forbidden, Some(&untold), &more), allowed("PodToOci"));
    assert_eq!(found(&forbidden, None, &more), allowed("?"));
    assert_eq!(found(&forbidden, Some(&spec()), &facts()), None);
    assert_eq!(
        found(&forbidden, Some(&spec()), &Facts { no_new_privileges: Known::Unknown, ..facts() }),
        None
    );
    assert_eq!(found(&json!({}), Some(&spec()), &more), None);
    assert_eq!(found(&json!({"allowPrivilegeEscalation": true}), Some(&spec()), &more), None);
    let powerful = json!({"allowPrivilegeEscalation": false, "capabilities": {"add": ["CAP_SYS_ADMIN"]}});
    assert_eq!(found(&powerful, Some(&spec()), &more), None);
}
