use serde_json::json;

use super::*;

#[test]
fn resources_are_named_as_the_api_server_names_them() {
    let table = [
        ("Pod", "pods"),
        ("DaemonSet", "daemonsets"),
        ("NetworkPolicy", "networkpolicies"),
        ("Ingress", "ingresses"),
        ("StorageClass", "storageclasses"),
        ("Endpoints", "endpoints"),
        ("", "s"),
    ];
    for (kind, resource) in table {
        assert_eq!(plural(kind), resource);
    }
}

#[test]
fn an_object_stands_for_the_request_that_creates_it() {
    let object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}});
    let input = ResourceInput::declared(&object, Known::Unknown).expect("an object");
    let Target { group, version, resource, subresource, operation } = input.target();
    assert_eq!((group, version, resource, subresource), ("apps", "v1", "deployments", ""));
    assert_eq!((operation, input.is_observed()), (Operation::Create, false));
    let core = json!({"apiVersion": "v1", "kind": "Pod"});
    let input = ResourceInput::declared(&core, Known::Unknown).expect("an object");
    assert_eq!((input.target().group, input.target().resource), ("", "pods"));
    for nonsense in
        [json!({}), json!(7), json!({"apiVersion": 1, "kind": "Pod"}), json!({"apiVersion": "v1"})]
    {
        assert!(ResourceInput::declared(&nonsense, Known::Unknown).is_none(), "{nonsense}");
    }
}

#[test]
fn a_field_that_is_null_is_not_there() {
    let object = json!({"kind": "Pod", "apiVersion": "v1", "spec": {"a": null, "b": [{"c": null, "d": 1}, null], "e": {}}});
    let without = json!({"kind": "Pod", "apiVersion": "v1", "spec": {"b": [{"d": 1}, null], "e": {}}});
    let input = ResourceInput::observed(&object, Known::Known(&object));
    assert_eq!(*input.object, without);
    assert_eq!(
        input.namespace_object.as_ref().map(|object| (**object).clone()),
        Known::Known(without.clone())
    );
    let input = ResourceInput::declared(&without, Known::Unknown).expect("an object");
    assert!(matches!(input.object, Cow::Borrowed(_)), "nothing is copied without need");
}

#[test]
fn whether_a_pod_is_observed_is_nothing_that_is_judged() {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}});
    let declared = ResourceInput::declared(&pod, Known::Unknown).expect("an object");
    let observed = ResourceInput::observed(&pod, Known::Unknown);
    assert!(observed.is_observed());
    assert_eq!(crate::Input::Resource(&declared).digest(), crate::Input::Resource(&observed).digest());
    let expected = json!({
        "object": pod,
        "oldObject": null,
        "request": {
            "operation": "CREATE",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "name": "web",
            "namespace": "shop",
        },
        "namespaceObject": null,
    });
    assert_eq!(serde_json::to_value(&observed).expect("JSON"), expected);
}
