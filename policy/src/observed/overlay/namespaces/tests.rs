use serde_json::{Value, json};

use crate::known::Known;
use crate::observed::overlay::tests::{changes, facts, pod, spec, word};
use crate::observed::{Facts, Namespaces};

/// The namespaces that are shown, with their steps.
fn shown(declared: &Value, namespaces: Namespaces) -> Vec<(String, &'static str)> {
    let mut pod = pod(&json!({}));
    if let (Some(spec), Value::Object(fields)) = (pod["spec"].as_object_mut(), declared.clone()) {
        spec.extend(fields);
    }
    let mut spec = spec();
    spec.linux.as_mut().expect("linux").namespaces.retain(|namespace| namespace.kind != "ipc");
    let changes = changes(&pod, Some(&spec), &Facts { namespaces, ..facts() });
    assert!(changes.iter().all(|change| change.observed == true));
    changes.into_iter().map(|change| (change.path, word(change.step))).collect()
}

fn all(answer: Known<bool>) -> Namespaces {
    Namespaces { pid: answer, ipc: answer, network: answer, user: answer }
}

#[test]
fn namespaces_of_the_node_that_no_pod_asks_for_are_shown() {
    let expected =
        [("/spec/hostPID", "OciToKernel"), ("/spec/hostIPC", "PodToOci"), ("/spec/hostNetwork", "?")];
    let expected = expected.map(|(path, step)| (path.to_owned(), step));
    assert_eq!(shown(&json!({}), all(true.into())), expected);
    let declined = json!({"hostPID": false, "hostIPC": false, "hostNetwork": false});
    assert_eq!(shown(&declined, all(true.into())), expected);
}

#[test]
fn users_of_the_node_are_shown_only_where_they_are_declined() {
    let user = Namespaces { user: true.into(), ..all(false.into()) };
    assert_eq!(shown(&json!({"hostUsers": false}), user), [("/spec/hostUsers".to_owned(), "OciToKernel")]);
    assert_eq!(shown(&json!({"hostUsers": true}), user), []);
    assert_eq!(shown(&json!({}), user), []);
}

#[test]
fn namespaces_that_are_declared_its_own_or_not_known_are_no_change() {
    let declared = json!({"hostPID": true, "hostIPC": true, "hostNetwork": true});
    assert_eq!(shown(&declared, all(true.into())), []);
    assert_eq!(shown(&declared, all(false.into())), [], "stricter is fine");
    for answer in [Known::Known(false), Known::Unknown] {
        assert_eq!(shown(&json!({"hostUsers": false}), all(answer)), []);
    }
}

/// As containerd and CRI-O have it: the network by a path.
#[test]
fn a_namespace_that_was_joined_by_a_path_was_lost_before_it_if_it_is_the_nodes() {
    let step = |joined: Known<bool>| {
        let network = |network| Namespaces { network, ..Namespaces::default() };
        let facts = Facts { namespaces: network(true.into()), joined: network(joined), ..facts() };
        let changes = changes(&pod(&json!({})), Some(&spec()), &facts);
        changes.iter().map(|change| (change.field().to_owned(), word(change.step))).collect::<Vec<_>>()
    };
    let network = |step| vec![("hostNetwork".to_owned(), step)];
    assert_eq!(step(true.into()), network("PodToOci"));
    assert_eq!(step(false.into()), network("OciToKernel"));
    assert_eq!(step(Known::Unknown), network("?"));
}

/// What a storage driver runs by `nsenter -t 1` is its child; who starts in the node's namespace is in it for good.
#[test]
fn a_child_in_the_nodes_namespaces_counts_unless_the_container_may_enter_them() {
    let count = |spec: Value, security: Value, facts: &Facts| {
        let mut pod = pod(&security);
        pod["spec"].as_object_mut().expect("a spec").extend(spec.as_object().expect("fields").clone());
        let namespaces =
            changes(&pod, None, facts).into_iter().filter(|change| change.field().starts_with("host"));
        namespaces.map(|change| change.field().to_owned()).collect::<Vec<_>>()
    };
    let child = Facts { descended: all(true.into()), ..facts() };
    let all_three = ["hostPID", "hostIPC", "hostNetwork"];
    for ordinary in [json!({}), json!({"capabilities": {"add": ["NET_ADMIN"]}}), json!({"privileged": false})]
    {
        assert_eq!(count(json!({}), ordinary.clone(), &child), all_three, "{ordinary}");
    }
    let unread = Facts { namespaces: all(Known::Unknown), ..child.clone() };
    assert_eq!(count(json!({}), json!({}), &unread), all_three, "a child's is enough");
    let powerful = [
        json!({"privileged": true}),
        json!({"capabilities": {"add": ["SYS_ADMIN"]}}),
        json!({"capabilities": {"drop": ["ALL"], "add": ["CAP_SYS_ADMIN"]}}),
        json!({"capabilities": {"add": ["ALL"]}}),
    ];
    let first = Facts { namespaces: Namespaces { user: Known::Unknown, ..all(true.into()) }, ..facts() };
    for powerful in powerful {
        assert_eq!(count(json!({}), powerful.clone(), &child), <[&str; 0]>::default(), "{powerful}");
        assert_eq!(count(json!({}), powerful.clone(), &first), all_three, "{powerful}");
    }
    assert_eq!(count(json!({"hostPID": true}), json!({}), &child), <[&str; 0]>::default());
    assert_eq!(
        count(json!({"hostUsers": false}), json!({}), &child),
        all_three,
        "users are the first process's"
    );
}
