//! Every policy that ships, held against its own tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use policy::event::{
    Ancestor, Ancestry, Capabilities, Container, ContainerKind, Detail, Event, Executable, FieldChange,
    Image, Node, Origin,
};
use policy::observed::Change;
use policy::set::Source;
use policy::{EventInput, Input, Known, PolicySet, ResourceInput, Verdict, Which, evaluate};
use serde_json::{Value, json};

fn packs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies")
}

/// `policies/PACK/NAME`, sorted.
fn folders() -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder that can be read");
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect()
    };
    let mut folders: Vec<_> = list(&packs()).iter().flat_map(|pack| list(pack)).collect();
    folders.sort();
    folders
}

fn source(path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = path.strip_prefix(packs()).expect("under policies").display().to_string();
    Source { file, text }
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

#[test]
fn every_policy_passes_its_tests() {
    let folders = folders();
    assert!(!folders.is_empty(), "policies ship");
    for folder in folders {
        let (policy, tests) = (source(&folder.join("policy.yaml")), source(&folder.join("tests.yaml")));
        let results = policy::test::run(&policy, &tests).unwrap_or_else(|errors| panic!("{}", errors[0]));
        assert!(!results.is_empty(), "{} has tests", folder.display());
        for result in results {
            let place = format!("{}:{}: {}", tests.file, result.position.line, result.name);
            assert!(result.failure.is_none(), "{place}: {}", result.failure.expect("checked"));
        }
    }
}

#[test]
fn every_policy_is_named_as_its_folder_and_says_what_people_need() {
    let mut names = BTreeSet::new();
    for folder in folders() {
        let (policies, errors) = PolicySet::compile(&[source(&folder.join("policy.yaml"))]);
        assert!(errors.is_empty(), "{}", errors[0]);
        let policy =
            policies.get(&name(&folder)).unwrap_or_else(|| panic!("{} holds that policy", folder.display()));
        let about = policy.about();
        assert!(about.description.is_some() && about.remediation.is_some(), "{}", policy.name());
        assert!(!about.controls.is_empty(), "{}", policy.name());
        assert_eq!(policy.ceiling(), None, "shipped packs leave the action to the point: {}", policy.name());
        assert!(names.insert(policy.name().to_owned()), "{} is there twice", policy.name());
    }
}

#[test]
fn the_drift_policies_are_judged_once_for_an_executable() {
    let files: Vec<_> = folders().iter().map(|folder| source(&folder.join("policy.yaml"))).collect();
    let (policies, _) = PolicySet::compile(&files);
    for name in ["executable-not-from-image", "fileless-execution"] {
        assert!(policies.get(name).expect("ships").judged_per_executable(), "{name}");
    }
}

/// What a container is weaker in is told by one policy: as an event, or of the observed Pod. Two would be two alerts for
/// one drift, and none leaves people without a remedy.
#[test]
fn each_drift_fails_one_policy() {
    let files: Vec<_> = folders().iter().map(|folder| source(&folder.join("policy.yaml"))).collect();
    let (policies, errors) = PolicySet::compile(&files);
    assert!(errors.is_empty());
    let context = |field: &str| format!("/spec/containers/0/securityContext/{field}");
    let unconfined = json!({"type": "Unconfined"});
    let table = [
        (context("privileged"), None, json!(true), "privileged"),
        (context("capabilities/add"), None, json!(["SYS_ADMIN"]), "capabilities"),
        (context("capabilities/add"), Some(json!(["CHOWN"])), json!(["CHOWN", "NET_RAW"]), "capabilities"),
        (context("capabilities/add"), None, json!(["CHOWN"]), "privileged-creep"),
        (context("allowPrivilegeEscalation"), Some(json!(false)), json!(true), "privileged-creep"),
        (context("runAsNonRoot"), Some(json!(true)), json!(false), "root-under-run-as-non-root"),
        (context("readOnlyRootFilesystem"), Some(json!(true)), json!(false), "root-made-writable"),
        (
            context("seccompProfile"),
            Some(json!({"type": "RuntimeDefault"})),
            unconfined.clone(),
            "declared-seccomp-missing",
        ),
        ("/spec/hostPID".to_owned(), None, json!(true), "host-namespaces"),
        ("/spec/hostIPC".to_owned(), Some(json!(false)), json!(true), "host-namespaces"),
        ("/spec/hostNetwork".to_owned(), None, json!(true), "host-namespaces"),
        ("/spec/hostUsers".to_owned(), Some(json!(false)), json!(true), "privileged-creep"),
        ("/spec/volumes/-".to_owned(), None, json!({"name": "x", "hostPath": {"path": "/"}}), "host-path"),
    ];
    for (path, declared, observed, policy) in table {
        let change = Change { path, declared, observed, reason: String::new(), step: Known::Unknown };
        assert_eq!(failing(&policies, &change), [policy], "{}", change.path);
    }
}

/// Two lists say which capabilities are usual; one that only one of them has would be told twice or not at all.
#[test]
fn each_capability_fails_one_policy() {
    let files: Vec<_> = folders().iter().map(|folder| source(&folder.join("policy.yaml"))).collect();
    let (policies, _) = PolicySet::compile(&files);
    let listed =
        files.iter().flat_map(|file| file.text.lines()).filter_map(|line| line.trim().strip_prefix("- "));
    let is_name = |word: &&str| word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let names: BTreeSet<&str> = listed.filter(is_name).chain(["NET_RAW", "SYS_ADMIN"]).collect();
    assert!(names.len() > 13, "{names:?}");
    for name in names {
        let path = "/spec/containers/0/securityContext/capabilities/add".to_owned();
        let observed = json!([name]);
        let change = Change { path, declared: None, observed, reason: String::new(), step: Known::Unknown };
        assert_eq!(failing(&policies, &change).len(), 1, "{name}");
    }
}

/// The names of the policies that fail where this is the only change.
fn failing(policies: &PolicySet, change: &Change) -> Vec<String> {
    let event = Event {
        task: Known::Unknown,
        executable: Executable { path: Known::Unknown, origin: Origin::Unknown, script: None },
        ancestry: Ancestry(vec![Ancestor::UNKNOWN]),
        uid: Known::Unknown,
        gid: Known::Unknown,
        detail: Detail::FactsChange(FieldChange::from(change)),
    };
    let container = Container {
        name: Known::Known("app".to_owned()),
        kind: ContainerKind::Container.into(),
        id: String::new(),
        runtime: Known::Unknown,
        image: Image::default(),
        capabilities: Capabilities::default(),
    };
    let node = Node { name: String::new(), labels: Known::Unknown, kernel: String::new() };
    let pod = observed(change);
    let event = EventInput { event: &event, container: &container, pod: Known::Known(&pod), node: &node };
    let resource = ResourceInput::observed(&pod, Known::Unknown);
    let inputs = [Input::Event(event), Input::Resource(&resource)];
    let judgements = inputs.iter().flat_map(|input| evaluate(policies, input, Which::All));
    let failed = judgements.filter(|judgement| judgement.verdict == Verdict::Fail);
    failed.map(|judgement| judgement.policy.to_string()).collect()
}

/// A Pod that says what was observed.
fn observed(change: &Change) -> Value {
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "spec": {"containers": [{"name": "app", "securityContext": {"capabilities": {}}}], "volumes": [{}]},
    });
    let path = change.path.replace("/-", "/0");
    let (parent, name) = path.rsplit_once('/').expect("a pointer");
    let parent = pod.pointer_mut(parent).expect("it is there");
    match name.parse::<usize>() {
        Ok(index) => parent[index] = change.observed.clone(),
        Err(_) => parent[name] = change.observed.clone(),
    }
    pod
}
