//! Pods, specifications and facts: such as agree, and any.

use std::borrow::Cow;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::{FULL, facts as agreeing_facts, pod, spec as agreeing_spec};
use crate::known::Known;
use crate::observed::{
    CapabilitySets, Facts, IdMap, IdRange, Label, Mount, MountSource, Namespaces, OciSpec, Seccomp,
};

fn known<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Known<T>> {
    prop_oneof![1 => Just(Known::Unknown), 3 => value.prop_map(Known::Known)].boxed()
}

/// Fields that the agreeing container keeps, each there or not.
fn kept() -> impl Strategy<Value = Value> {
    let fields = [
        ("privileged", json!(false)),
        ("allowPrivilegeEscalation", json!(false)),
        ("allowPrivilegeEscalation", json!(true)),
        ("readOnlyRootFilesystem", json!(true)),
        ("readOnlyRootFilesystem", json!(false)),
        ("runAsNonRoot", json!(true)),
        ("runAsUser", json!(1000)),
        ("runAsUser", json!(0)),
        ("runAsGroup", json!(1000)),
        ("seccompProfile", json!({"type": "RuntimeDefault"})),
        ("seccompProfile", json!({"type": "Localhost", "localhostProfile": "x"})),
        ("appArmorProfile", json!({"type": "RuntimeDefault"})),
        ("seLinuxOptions", json!({"type": "container_t", "level": "s0:c7"})),
        ("procMount", json!("Default")),
        ("capabilities", json!({"drop": ["ALL"], "add": ["CHOWN", "NET_RAW"]})),
        ("capabilities", json!({"drop": ["KILL"]})),
        ("capabilities", json!({"add": ["SYS_ADMIN"]})),
    ];
    let count = fields.len();
    subsequence(fields.to_vec(), 0..=count).prop_map(|fields| {
        Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    })
}

/// What the kernel may show of the agreeing container: as declared, stricter, or nothing.
fn no_weaker_facts() -> impl Strategy<Value = Facts> {
    agreeing_facts();
    let sets = subsequence(vec!["CHOWN", "NET_RAW"], 0..=2).prop_map(|bounding| CapabilitySets {
        permitted: Default::default(),
        bounding: bounding.into_iter().map(Cow::from).collect(),
    });
    let apparmor = select(vec![
        Label::Off,
        Label::On("cri-containerd.apparmor.d (enforce)".to_owned()),
        Label::On("cri-containerd.apparmor.d (complain)".to_owned()),
    ]);
    (known(sets), known(select(vec![Seccomp::Filter, Seccomp::Strict])), known(apparmor), any::<[bool; 10]>())
        .prop_map(|(capabilities, seccomp, apparmor, hide)| {
            let facts = agreeing_facts();
            fn unless<T>(hide: bool, value: Known<T>) -> Known<T> {
                if hide { Known::Unknown } else { value }
            }
            Facts {
                capabilities,
                seccomp,
                apparmor,
                no_new_privileges: unless(hide[0], facts.no_new_privileges),
                uid: unless(hide[1], facts.uid),
                gid: unless(hide[2], facts.gid),
                uid_map: unless(hide[3], facts.uid_map),
                gid_map: unless(hide[4], facts.gid_map),
                selinux: unless(hide[5], facts.selinux),
                root_writable: unless(hide[6], facts.root_writable),
                masked: unless(hide[7], facts.masked),
                mounts: unless(hide[8], facts.mounts),
                image_digests: unless(hide[9], facts.image_digests),
                ..facts
            }
        })
}

pub(super) fn agreement() -> impl Strategy<Value = (Value, Option<OciSpec>, Facts)> {
    let spec = proptest::option::of(Just(agreeing_spec()));
    (kept(), spec, no_weaker_facts(), any::<bool>()).prop_map(|(context, spec, facts, of_pod)| {
        let mut pod = pod(&context);
        if of_pod {
            pod["spec"]["securityContext"] = context;
            pod["spec"]["containers"][1]["image"] = json!("mirror/app:2@sha256:aa");
            pod["spec"]["hostUsers"] = json!(false);
        }
        (pod, spec, facts)
    })
}

/// Any value, and often one that means something somewhere.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(vec!["", "app", "RuntimeDefault", "Localhost", "Unmasked", "ALL", "/", "a@sha256:aa", "-"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let names = select(vec!["type", "name", "add", "drop", "path", "hostPath", "mountPath", "0", "-"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(names.prop_map(str::to_owned), inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A Pod with nonsense in some of the fields that are looked at.
pub(super) fn nonsense() -> impl Strategy<Value = Value> {
    let places = [
        "/metadata",
        "/metadata/uid",
        "/metadata/annotations",
        "/spec",
        "/spec/hostPID",
        "/spec/hostUsers",
        "/spec/securityContext",
        "/spec/volumes",
        "/spec/containers",
        "/spec/containers/1",
        "/spec/containers/1/securityContext",
        "/spec/containers/1/securityContext/capabilities",
        "/spec/containers/1/securityContext/capabilities/add",
        "/spec/containers/1/securityContext/runAsUser",
        "/spec/containers/1/securityContext/seccompProfile",
        "/spec/containers/1/securityContext/appArmorProfile",
        "/spec/containers/1/securityContext/seLinuxOptions",
        "/spec/containers/1/volumeMounts",
        "/spec/containers/1/image",
    ];
    let slips = prop::collection::vec((select(places.to_vec()), value()), 0..4);
    (kept(), slips).prop_map(|(context, slips)| {
        let mut pod = pod(&context);
        for (place, value) in slips {
            super::super::lay(&mut pod, place, value);
        }
        pod
    })
}

pub(super) fn spec() -> impl Strategy<Value = Option<OciSpec>> {
    let paths = vec!["", "/", "/proc", "/etc", "relative", "/var/lib/kubelet/pods/uid-1/x", "/run/../etc"];
    let mounts = prop::collection::vec((select(paths.clone()), select(paths)), 0..4);
    let spec = (mounts, any::<[bool; 4]>()).prop_map(|(mounts, has)| {
        let mut spec = agreeing_spec();
        let binds = mounts.into_iter().map(|(source, destination)| crate::observed::OciMount {
            destination: destination.to_owned(),
            kind: None,
            source: Some(source.to_owned()),
            options: vec!["bind".to_owned()],
        });
        spec.mounts.extend(binds);
        spec.process = spec.process.filter(|_| has[0]);
        spec.linux = spec.linux.filter(|_| has[1]);
        if let (Some(linux), true) = (&mut spec.linux, has[2]) {
            linux.masked_paths.clear();
            linux.namespaces.clear();
        }
        spec.root = spec.root.filter(|_| has[3]);
        spec
    });
    proptest::option::of(spec)
}

fn label() -> BoxedStrategy<Known<Label>> {
    let labels = ["", "unconfined", "x (unconfined)", "a//b (enforce)", "u:r:t", "u:r:spc_t:s0", ":::", " ("];
    let on = select(labels.to_vec()).prop_map(|text| Label::On(text.to_owned()));
    known(prop_oneof![Just(Label::Off), on])
}

fn map() -> BoxedStrategy<Known<IdMap>> {
    let range = (any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(inside, outside, length)| IdRange {
        inside,
        outside,
        length,
    });
    known(prop::collection::vec(range, 0..3).prop_map(IdMap))
}

fn mounts() -> BoxedStrategy<Known<Vec<Mount>>> {
    let paths = vec!["", "/", "/etc", "/proc/x", "/dev/null", "/var/lib/kubelet/pods/uid-1/x", "x/../y"];
    let source = prop_oneof![
        Just(MountSource::Own),
        Just(MountSource::Unknown),
        prop::collection::vec(select(paths.clone()).prop_map(str::to_owned), 0..3)
            .prop_map(MountSource::Node),
    ];
    let mount =
        (select(paths), source).prop_map(|(target, source)| Mount { target: target.to_owned(), source });
    known(prop::collection::vec(mount, 0..100))
}

pub(super) fn facts() -> impl Strategy<Value = Facts> {
    let set = || {
        subsequence(FULL.to_vec(), 0..=FULL.len())
            .prop_map(|names| names.into_iter().map(Cow::from).collect::<std::collections::BTreeSet<_>>())
    };
    let sets = known((set(), set()).prop_map(|(permitted, bounding)| CapabilitySets { permitted, bounding }));
    let bit = || known(any::<bool>());
    let seccomp = known(select(vec![Seccomp::Disabled, Seccomp::Strict, Seccomp::Filter]));
    let effective = prop::collection::btree_set(any::<u32>(), 0..3);
    let ids = (known(any::<u32>()), known(any::<u32>()), effective, map(), map());
    let namespaces = || {
        [bit(), bit(), bit(), bit()].prop_map(|[pid, ipc, network, user]| Namespaces {
            pid,
            ipc,
            network,
            user,
        })
    };
    let namespaces = [namespaces(), namespaces(), namespaces()];
    let masked = known(subsequence(vec!["/proc/kcore".to_owned(), "/sys/firmware".to_owned()], 0..=2));
    let digests =
        known(prop::collection::vec(select(vec!["x", "a@sha256:bb", "@"]).prop_map(str::to_owned), 0..3));
    let labels = (label(), label());
    let bits = [bit(), bit(), bit(), bit()];
    (sets, seccomp, ids, labels, namespaces, bits, masked, mounts(), digests).prop_map(
        |(capabilities, seccomp, ids, labels, namespaces, bits, masked, mounts, image_digests)| {
            let (uid, gid, effective_uids, uid_map, gid_map) = ids;
            let (apparmor, selinux) = labels;
            let [namespaces, descended, joined] = namespaces;
            let [runs_here, no_new_privileges, root_writable, sys_writable] = bits;
            let masked = masked.map(|paths| paths.into_iter().collect());
            Facts {
                runs_here,
                capabilities,
                no_new_privileges,
                seccomp,
                uid,
                gid,
                effective_uids,
                uid_map,
                gid_map,
                apparmor,
                selinux,
                namespaces,
                descended,
                joined,
                root_writable,
                sys_writable,
                masked,
                mounts,
                image_digests,
            }
        },
    )
}
