use std::fs;
use std::os::unix::fs::symlink;

use super::*;

fn pod(name: &str, uid: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  uid: {uid}\nspec:\n  containers:\n  - name: main\n"
    )
}

fn write(root: &Path, file: &str, text: &str) {
    fs::write(root.join(file), text).unwrap();
}

fn open(root: &Path) -> Folder {
    Folder::open(root, Limits::default()).unwrap()
}

fn name_of(folder: &Folder, uid: &str) -> Option<String> {
    folder.pod_by_uid(uid).map(|pod| pod.name.to_string())
}

#[test]
fn pods_are_found_by_uid_hash_and_container_id() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        "pod.json",
        r#"{"kind": "Pod", "metadata": {"name": "web", "uid": "u",
            "annotations": {"kubernetes.io/config.hash": "hash"}},
            "spec": {"containers": [{"name": "main"}]},
            "status": {"containerStatuses": [{"name": "main", "containerID": "containerd://c1"}]}}"#,
    );
    let folder = open(root.path());
    let all = [folder.pod_by_uid("u"), folder.pod_by_config_hash("hash"), folder.pod_by_container_id("c1")];
    assert!(all.iter().all(|pod| pod.as_ref().is_some_and(|pod| &*pod.name == "web")));
    assert_eq!(folder.pod_by_uid("c1"), None);
}

#[test]
fn several_documents_lists_and_folders_within_are_read() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("team")).unwrap();
    write(root.path(), "team/two.yml", &format!("{}---\n{}", pod("a", "ua"), pod("b", "ub")));
    write(
        root.path(),
        "list.yaml",
        "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: c, uid: uc}\n- metadata: {name: d, uid: ud}\n",
    );
    write(
        root.path(),
        "mixed.yaml",
        "kind: List\nitems:\n- {kind: Pod, metadata: {name: e, uid: ue}}\n- {kind: ConfigMap}\n",
    );
    let folder = open(root.path());
    let names: Vec<_> =
        ["ua", "ub", "uc", "ud", "ue"].iter().filter_map(|uid| name_of(&folder, uid)).collect();
    assert_eq!((names.join(""), folder.errors()), ("abcde".to_owned(), vec![]));
}

/// What depends on it is Unknown then (policy::network): it is not as if the policy were not there.
#[test]
fn network_policy_with_a_mistake_is_named_and_counts_as_one_that_may_allow_anything() {
    use policy::network::{Direction, Name, Protocol, Question, Verdict};

    let root = tempfile::tempdir().unwrap();
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n  podSelector: {}\n  \
                  policyTypes: [Egress]\n  egress: [{to: [{ipBlock: {cidr: CIDR}}]}]\n";
    let on_node = pod("a", "ua") + "  nodeName: worker\n";
    write(root.path(), "pod.yaml", &on_node);
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: worker}\nstatus: {addresses: [{type: InternalIP, address: 10.9.0.1}]}\n";
    write(root.path(), "node.yaml", node);
    write(root.path(), "policy.yaml", &policy.replace("CIDR", "10.0.0.0/99"));
    let folder = open(root.path());
    let asked = |folder: &Folder| {
        let cluster = folder.network();
        let peer = "192.0.2.1".parse().unwrap();
        let question = Question { direction: Direction::Egress, peer, port: 80, protocol: Protocol::Tcp };
        cluster.answer(cluster.find(&Name::new("default", "a")).unwrap(), &question).verdict()
    };
    let errors = folder.errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].to_string().starts_with("policy.yaml:7:35: "), "{}", errors[0]);
    assert_eq!((asked(&folder), name_of(&folder, "ua").as_deref()), (Verdict::Unknown, Some("a")));
    write(root.path(), "policy.yaml", &policy.replace("CIDR", "10.0.0.0/8"));
    assert!(folder.reload());
    assert_eq!((asked(&folder), folder.errors()), (Verdict::Denied, vec![]));
}

#[test]
fn owners_are_followed_to_what_a_person_wrote() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        "all.yaml",
        "kind: Deployment\nmetadata: {name: web, namespace: shop}\n---\n\
         kind: ReplicaSet\nmetadata: {name: web-7d, namespace: shop, ownerReferences: [{kind: Deployment, name: web, controller: true}]}\n---\n\
         kind: Pod\nmetadata: {name: web-7d-x, namespace: shop, uid: u, ownerReferences: [{kind: ReplicaSet, name: web-7d, controller: true}]}\n",
    );
    let folder = open(root.path());
    let owner = super::super::root_owner(&folder.pod_by_uid("u").unwrap(), &folder).unwrap();
    assert_eq!((&*owner.kind, &*owner.name), ("Deployment", "web"));
    assert!(folder.workload("default", "ReplicaSet", "web-7d").is_none(), "another namespace's");
}

#[test]
fn owners_that_name_each_other_end() {
    let root = tempfile::tempdir().unwrap();
    let own = |name: &str, owner: &str| {
        format!(
            "{{kind: Job, metadata: {{name: {name}, ownerReferences: [{{kind: Job, name: {owner}, controller: true}}]}}}}"
        )
    };
    let pod =
        "{kind: Pod, metadata: {name: p, uid: u, ownerReferences: [{kind: Job, name: a, controller: true}]}}";
    write(root.path(), "loop.yaml", &format!("{}\n---\n{}\n---\n{pod}\n", own("a", "b"), own("b", "a")));
    let folder = open(root.path());
    assert!(super::super::root_owner(&folder.pod_by_uid("u").unwrap(), &folder).is_some());
}

#[test]
fn a_broken_file_is_an_error_and_the_rest_loads() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "bad.yaml", "kind: Pod\nmetadata: {name: [\n");
    write(root.path(), "good.yaml", &pod("good", "u"));
    let folder = open(root.path());
    assert_eq!(name_of(&folder, "u").as_deref(), Some("good"));
    let errors = folder.errors();
    assert_eq!((errors.len(), errors[0].file.as_str()), (1, "bad.yaml"));
    assert!(errors[0].line >= 2 && !errors[0].message.is_empty(), "{}", errors[0]);
}

#[test]
fn a_file_that_breaks_keeps_what_it_said_until_it_is_mended() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "a.yaml", &pod("first", "ua"));
    write(root.path(), "b.yaml", &pod("other", "ub"));
    let folder = open(root.path());
    write(root.path(), "a.yaml", "kind: {{{");
    assert!(folder.reload());
    assert_eq!((name_of(&folder, "ua").as_deref(), folder.errors().len()), (Some("first"), 1));
    assert_eq!(name_of(&folder, "ub").as_deref(), Some("other"));
    write(root.path(), "a.yaml", &pod("mended", "ua"));
    assert!(folder.reload());
    assert_eq!((name_of(&folder, "ua").as_deref(), folder.errors().len()), (Some("mended"), 0));
}

#[test]
fn a_removed_file_takes_its_objects_along() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "a.yaml", &pod("a", "ua"));
    let folder = open(root.path());
    fs::remove_file(root.path().join("a.yaml")).unwrap();
    assert!(folder.reload());
    assert_eq!((name_of(&folder, "ua"), folder.bytes()), (None, 0));
}

#[test]
fn nothing_is_read_again_while_nothing_changes() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "a.yaml", &pod("a", "ua"));
    let folder = open(root.path());
    let mut changes = folder.changes();
    changes.mark_unchanged();
    assert!(!folder.reload());
    assert!(!changes.has_changed().unwrap());
    write(root.path(), "b.yaml", &pod("b", "ub"));
    assert!(folder.reload());
    assert!(changes.has_changed().unwrap());
}

#[test]
fn a_file_replaced_by_rename_is_seen() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "a.yaml", &pod("old", "ua"));
    let folder = open(root.path());
    write(root.path(), ".a.yaml.new", &pod("new", "ua"));
    fs::rename(root.path().join(".a.yaml.new"), root.path().join("a.yaml")).unwrap();
    assert!(folder.reload());
    assert_eq!(name_of(&folder, "ua").as_deref(), Some("new"));
}

#[test]
fn a_config_map_s_folder_is_seen_once_and_its_swap_is_seen() {
    let root = tempfile::tempdir().unwrap();
    for (dated, name) in [("..2026_01", "old"), ("..2026_02", "new")] {
        fs::create_dir(root.path().join(dated)).unwrap();
        write(root.path(), &format!("{dated}/a.yaml"), &pod(name, "ua"));
    }
    symlink("..2026_01", root.path().join("..data")).unwrap();
    symlink("..data/a.yaml", root.path().join("a.yaml")).unwrap();
    let folder = open(root.path());
    assert_eq!((name_of(&folder, "ua").as_deref(), folder.files.lock().unwrap().len()), (Some("old"), 1));
    symlink("..2026_02", root.path().join("..data_tmp")).unwrap();
    fs::rename(root.path().join("..data_tmp"), root.path().join("..data")).unwrap();
    assert!(folder.reload());
    assert_eq!(name_of(&folder, "ua").as_deref(), Some("new"));
}

#[test]
fn what_exceeds_the_limits_is_an_error_of_its_file() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "a.yaml", &pod("a", "ua"));
    write(root.path(), "b.yaml", &pod("b", "ub"));
    write(root.path(), "c.yaml", &format!("{}# {}", pod("c", "uc"), "x".repeat(2000)));
    let one = open(root.path()).bytes() / 3;
    let folder = Folder::open(root.path(), Limits { file_bytes: 1000, total_bytes: one * 3 / 2 }).unwrap();
    assert_eq!(name_of(&folder, "ua").as_deref(), Some("a"));
    let files: Vec<_> = folder.errors().iter().map(|error| error.file.clone()).collect();
    assert_eq!(files, ["b.yaml", "c.yaml"]);
    assert!(folder.bytes() <= one * 3 / 2);
    fs::remove_file(root.path().join("a.yaml")).unwrap();
    assert!(folder.reload());
    assert_eq!(name_of(&folder, "ub").as_deref(), Some("b"), "there is room now");
}

#[test]
fn bytes_that_are_not_utf8_are_an_error() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.yaml"), b"kind: \xff").unwrap();
    assert_eq!(open(root.path()).errors()[0].to_string(), "a.yaml:1:1: it is not UTF-8 after byte 6");
}

#[test]
fn a_folder_that_is_not_there_is_refused_at_start_and_survived_later() {
    assert!(Folder::open(Path::new("/no/such/folder"), Limits::default()).is_err());
    let parent = tempfile::tempdir().unwrap();
    let root = parent.path().join("declarations");
    fs::create_dir(&root).unwrap();
    write(&root, "a.yaml", &pod("a", "ua"));
    let folder = open(&root);
    fs::rename(&root, parent.path().join("away")).unwrap();
    assert!(!folder.reload());
    assert_eq!(name_of(&folder, "ua").as_deref(), Some("a"));
}

#[test]
fn heap_bytes_are_not_less_than_what_a_value_holds() {
    let text = "x".repeat(1000);
    assert!(read::heap_bytes(&serde_json::json!({"key": text})) > 1000 + 2 * size_of::<serde_json::Value>());
}

#[tokio::test(start_paused = true)]
async fn a_watched_folder_is_read_again_by_itself() {
    let root = tempfile::tempdir().unwrap();
    let folder = Arc::new(open(root.path()));
    let mut changes = folder.changes();
    let watching = tokio::spawn(Arc::clone(&folder).watch());
    write(root.path(), "a.yaml", &pod("a", "ua"));
    changes.changed().await.unwrap();
    assert_eq!(name_of(&folder, "ua").as_deref(), Some("a"));
    watching.abort();
}

#[test]
fn addresses_of_the_nodes_interfaces_are_its_own_whatever_objects_say() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        "cluster.yaml",
        "kind: Pod\nmetadata: {name: web, namespace: a}\nspec: {nodeName: n1}\nstatus: {podIP: 10.1.0.1}\n---\n\
         kind: Node\nmetadata: {name: n2}\n---\n\
         kind: NetworkPolicy\nmetadata: {name: deny, namespace: a}\nspec: {podSelector: {}}\n",
    );
    let proc = tempfile::tempdir().unwrap();
    let list = |text: &str| fs::write(proc.path().join("1/net/fib_trie"), text).unwrap();
    fs::create_dir_all(proc.path().join("1/ns")).unwrap();
    fs::create_dir_all(proc.path().join("1/net")).unwrap();
    symlink("net:[7]", proc.path().join("1/ns/net")).unwrap();
    list("|-- 192.0.2.1\n   /32 host LOCAL\n");
    let interfaces = Interfaces::below(proc.path(), Some(7), "n1");
    let folder = Folder::open_on(root.path(), Limits::default(), Some(interfaces)).unwrap();
    let permits = |peer: &str| {
        use policy::network::{Direction, Name, Protocol, Question, Verdict};
        let cluster = folder.network();
        let peer = peer.parse().unwrap();
        let question = Question { direction: Direction::Ingress, peer, port: 80, protocol: Protocol::Tcp };
        cluster.answer(cluster.find(&Name::new("a", "web")).unwrap(), &question).verdict() == Verdict::Allowed
    };
    assert!(permits("192.0.2.1") && !permits("10.1.0.254"));
    assert!(!folder.reload(), "nothing changed");
    // A bridge comes with the first Pod.
    list("|-- 192.0.2.1\n   /32 host LOCAL\n|-- 10.1.0.254\n   /32 host LOCAL\n");
    assert!(folder.reload());
    assert!(permits("192.0.2.1") && permits("10.1.0.254"));
}
