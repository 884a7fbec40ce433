use super::*;
use serde_json::json;

const FULL: [&str; 5] = ["CHOWN", "NET_ADMIN", "NET_BIND_SERVICE", "NET_RAW", "SYS_ADMIN"];
const DEFAULTS: [&str; 3] = ["CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW"];

fn set(names: &[&str]) -> Set {
    names.iter().copied().collect()
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What a container with this security context may use, where the spec says these; `?` is Unknown.
fn allowed(context: &Value, bounding: Option<&[&str]>) -> String {
    let found = of(Some(context), Runtime { bounding: bounding.map(set), full: set(&FULL) });
    found.allowed.known().map_or("?".to_owned(), |set| set.names().collect::<Vec<_>>().join(" "))
}

#[test]
fn what_is_allowed_follows_from_the_declaration_and_the_spec() {
    let table = [
        (json!({}), "CHOWN NET_BIND_SERVICE NET_RAW"),
        (json!(null), "CHOWN NET_BIND_SERVICE NET_RAW"),
        (json!({"capabilities": {"drop": ["NET_RAW"]}}), "CHOWN NET_BIND_SERVICE"),
        (json!({"capabilities": {"drop": ["cap_net_raw"]}}), "CHOWN NET_BIND_SERVICE"),
        (json!({"capabilities": {"drop": ["ALL"]}}), ""),
        (json!({"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}), "NET_BIND_SERVICE"),
        (
            json!({"capabilities": {"add": ["ALL"], "drop": ["SYS_ADMIN"]}}),
            "CHOWN NET_ADMIN NET_BIND_SERVICE NET_RAW",
        ),
        // What the spec lacks of what was added is the runtime's doing, not the container's right.
        (json!({"capabilities": {"add": ["NET_ADMIN"]}}), "CHOWN NET_BIND_SERVICE NET_RAW"),
        (json!({"privileged": true, "capabilities": {"drop": ["ALL"]}}), "CHOWN NET_BIND_SERVICE NET_RAW"),
        (json!({"capabilities": {"add": "nonsense", "drop": 7}}), "CHOWN NET_BIND_SERVICE NET_RAW"),
    ];
    for (context, expected) in table {
        assert_eq!(allowed(&context, Some(&DEFAULTS)), expected, "{context}");
    }
}

#[test]
fn without_the_spec_only_what_is_listed_in_full_is_known() {
    assert_eq!(allowed(&json!({}), None), "?");
    assert_eq!(allowed(&json!({"capabilities": {"drop": ["NET_RAW"]}}), None), "?");
    assert_eq!(allowed(&json!({"capabilities": {"drop": ["ALL"]}}), None), "");
    assert_eq!(allowed(&json!({"privileged": true}), None), FULL.join(" "));
    assert_eq!(allowed(&json!({"capabilities": {"add": ["ALL"]}}), None), FULL.join(" "));
}

#[test]
fn what_was_added_is_what_was_asked_for_by_name() {
    let runtime = Runtime { bounding: None, full: set(&FULL) };
    let context = json!({"capabilities": {"add": ["net_admin", "CAP_CHOWN"]}});
    assert_eq!(of(Some(&context), runtime).added, Known::Known(owned(&["CHOWN", "NET_ADMIN"])));
}

#[test]
fn a_container_without_a_pod_may_use_what_its_runtime_was_told() {
    let found = of(None, Runtime { bounding: Some(set(&DEFAULTS)), full: set(&FULL) });
    assert_eq!(found.allowed, Known::Known(set(&["CHOWN", "NET_BIND_SERVICE", "NET_RAW"])));
    assert_eq!(found.added, Known::Unknown);
    assert_eq!(of(None, Runtime { bounding: None, full: set(&FULL) }).allowed, Known::Unknown);
}
