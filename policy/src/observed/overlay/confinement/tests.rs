use serde_json::{Value, json};

use crate::known::Known;
use crate::observed::overlay::tests::{facts, only, pod, spec};
use crate::observed::{Facts, Label, OciSpec, Seccomp};

type Found = Option<(String, Value, &'static str)>;

fn changed(field: &str, observed: Value, step: &'static str) -> Found {
    Some((format!("securityContext/{field}"), observed, step))
}

#[test]
fn a_declared_filter_that_is_not_there_is_unconfined() {
    let off = Facts { seccomp: Seccomp::Disabled.into(), ..facts() };
    let mut untold = spec();
    untold.linux.as_mut().expect("linux").seccomp = None;
    let unconfined = |step| changed("seccompProfile", json!({"type": "Unconfined"}), step);
    for profile in [json!({"type": "RuntimeDefault"}), json!({"type": "Localhost", "localhostProfile": "x"})]
    {
        let mut of_pod = pod(&json!({}));
        of_pod["spec"]["securityContext"] = json!({"seccompProfile": profile});
        for pod in [of_pod, pod(&json!({"seccompProfile": profile}))] {
            assert_eq!(only(&pod, Some(&spec()), &off), unconfined("OciToKernel"));
            assert_eq!(only(&pod, Some(&untold), &off), unconfined("PodToOci"));
            assert_eq!(only(&pod, None, &off), unconfined("?"));
            for seccomp in [Known::Known(Seccomp::Filter), Known::Known(Seccomp::Strict), Known::Unknown] {
                assert_eq!(only(&pod, Some(&spec()), &Facts { seccomp, ..facts() }), None);
            }
        }
    }
    for undeclared in [json!({}), json!({"seccompProfile": {"type": "Unconfined"}})] {
        assert_eq!(only(&pod(&undeclared), Some(&untold), &off), None);
    }
}

fn apparmor(context: &Value, spec: Option<&OciSpec>, label: &str) -> Found {
    let facts = Facts { apparmor: Label::On(label.to_owned()).into(), ..facts() };
    only(&pod(context), spec, &facts)
}

#[test]
fn a_declared_apparmor_profile_that_is_not_there_is_shown() {
    let default = json!({"appArmorProfile": {"type": "RuntimeDefault"}});
    let own = json!({"appArmorProfile": {"type": "Localhost", "localhostProfile": "mine"}});
    let spec = spec();
    let mut untold = spec.clone();
    untold.process.as_mut().expect("a process").apparmor_profile = None;
    let unconfined = |step| changed("appArmorProfile", json!({"type": "Unconfined"}), step);
    let other = |name: &str, step| {
        changed("appArmorProfile", json!({"type": "Localhost", "localhostProfile": name}), step)
    };
    assert_eq!(apparmor(&default, Some(&spec), "unconfined"), unconfined("OciToKernel"));
    assert_eq!(apparmor(&default, Some(&untold), "unconfined"), unconfined("PodToOci"));
    assert_eq!(apparmor(&default, None, "x (unconfined)"), unconfined("?"));
    assert_eq!(apparmor(&default, Some(&spec), "lenient (enforce)"), other("lenient", "OciToKernel"));
    assert_eq!(
        apparmor(&own, Some(&spec), "cri-containerd.apparmor.d (enforce)"),
        other("cri-containerd.apparmor.d", "PodToOci")
    );
    assert_eq!(apparmor(&own, None, "lenient (enforce)"), other("lenient", "?"));
}

#[test]
fn an_apparmor_profile_that_is_as_declared_or_not_known_is_no_change() {
    let default = json!({"appArmorProfile": {"type": "RuntimeDefault"}});
    let own = json!({"appArmorProfile": {"type": "Localhost", "localhostProfile": "mine"}});
    let spec = spec();
    let table = [
        (&default, Some(&spec), "cri-containerd.apparmor.d (enforce)"),
        (&default, Some(&spec), "cri-containerd.apparmor.d//child (enforce)"),
        (&default, None, "crio-default (enforce)"),
        (&own, Some(&spec), "mine (enforce)"),
        (&own, None, "mine (complain)"),
        (&json!({}), Some(&spec), "unconfined"),
        (&json!({"appArmorProfile": {"type": "Unconfined"}}), Some(&spec), "unconfined"),
        (
            &json!({"privileged": true, "appArmorProfile": {"type": "RuntimeDefault"}}),
            Some(&spec),
            "unconfined",
        ),
    ];
    for (context, spec, label) in table {
        assert_eq!(apparmor(context, spec, label), None, "{context} {label}");
    }
    for apparmor in [Known::Known(Label::Off), Known::Unknown] {
        assert_eq!(only(&pod(&default), None, &Facts { apparmor, ..facts() }), None);
    }
}

#[test]
fn a_pods_apparmor_profile_is_that_of_its_containers() {
    let mut pod = pod(&json!({}));
    pod["spec"]["securityContext"] = json!({"appArmorProfile": {"type": "RuntimeDefault"}});
    let facts = Facts { apparmor: Label::On("unconfined".to_owned()).into(), ..facts() };
    let unconfined = changed("appArmorProfile", json!({"type": "Unconfined"}), "?");
    assert_eq!(only(&pod, None, &facts), unconfined);
    pod["spec"]["containers"][1]["securityContext"] = json!({"appArmorProfile": {"type": "Unconfined"}});
    assert_eq!(only(&pod, None, &facts), None);
}

#[test]
fn the_annotation_of_older_pods_declares_an_apparmor_profile() {
    let facts = Facts { apparmor: Label::On("unconfined".to_owned()).into(), ..facts() };
    let found = |value: &str, context: &Value| {
        let mut pod = pod(context);
        pod["metadata"]["annotations"] = json!({"container.apparmor.security.beta.kubernetes.io/app": value});
        only(&pod, None, &facts).is_some()
    };
    assert!(found("runtime/default", &json!({})) && found("localhost/mine", &json!({})));
    assert!(!found("unconfined", &json!({})));
    assert!(!found("runtime/default", &json!({"appArmorProfile": {"type": "Unconfined"}})));
}

fn selinux(options: &Value, spec: Option<&OciSpec>, label: &str) -> Found {
    let facts = Facts { selinux: Label::On(label.to_owned()).into(), ..facts() };
    only(&pod(&json!({"seLinuxOptions": options})), spec, &facts)
}

#[test]
fn declared_selinux_options_that_are_not_there_are_shown() {
    let options = json!({"type": "container_t", "level": "s0:c9"});
    let spc = |step| changed("seLinuxOptions", json!({"type": "spc_t", "level": "s0:c9"}), step);
    let mut told = spec();
    told.process.as_mut().expect("a process").selinux_label = Some("system_u:system_r:spc_t:s0".to_owned());
    assert_eq!(selinux(&options, Some(&spec()), "system_u:system_r:spc_t:s0"), spc("OciToKernel"));
    assert_eq!(selinux(&options, Some(&told), "system_u:system_r:spc_t:s0"), spc("PodToOci"));
    assert_eq!(selinux(&options, None, "system_u:system_r:spc_t:s0"), spc("?"));
    let user = selinux(&json!({"user": "u", "role": "r"}), None, "x:r:container_t:s0");
    assert_eq!(user, changed("seLinuxOptions", json!({"user": "x", "role": "r"}), "?"));
}

#[test]
fn selinux_options_that_are_as_declared_or_not_known_are_no_change() {
    let options = json!({"type": "container_t", "level": "s0:c9"});
    assert_eq!(
        selinux(&options, None, "system_u:system_r:container_t:s0:c1,c2"),
        None,
        "levels are not compared"
    );
    assert_eq!(selinux(&json!({"level": "s0"}), None, "a:b:spc_t:s1"), None);
    assert_eq!(selinux(&json!({"type": "spc_t"}), None, "a:b:unconfined_t:s1"), None);
    assert_eq!(selinux(&options, None, "kernel"), None, "no label of this form");
    for selinux in [Known::Known(Label::Off), Known::Unknown] {
        assert_eq!(
            only(&pod(&json!({"seLinuxOptions": options})), None, &Facts { selinux, ..facts() }),
            None
        );
    }
    let privileged = json!({"privileged": true, "seLinuxOptions": options});
    let facts = Facts { selinux: Label::On("a:b:spc_t:s0".to_owned()).into(), ..facts() };
    assert_eq!(only(&pod(&privileged), None, &facts), None);
}
