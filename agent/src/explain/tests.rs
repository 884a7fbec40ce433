use super::*;

const OBJECTS: &str = "
kind: Node
metadata: {name: n1}
---
kind: Namespace
metadata: {name: shop, labels: {team: red}}
---
kind: Pod
metadata: {name: web-0, namespace: shop, labels: {app: web}}
spec: {nodeName: n1}
status: {podIP: 10.1.0.1, hostIP: 192.168.0.1}
---
kind: Pod
metadata: {name: db-0, namespace: shop, labels: {app: db}}
spec: {nodeName: n1, containers: [{ports: [{name: sql, containerPort: 5432}]}]}
status: {podIP: 10.1.0.2, hostIP: 192.168.0.1}
---
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: 10.96.0.1, selector: {app: db}, ports: [{port: 5432, targetPort: sql}]}
---
kind: NetworkPolicy
metadata: {name: default-deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress]}
---
kind: NetworkPolicy
metadata: {name: web-to-db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress:
  - {to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: sql}]}
  - {to: [{ipBlock: {cidr: 198.51.100.0/24}}]}
";

fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("objects.yaml"), text).expect("it is written");
    folder
}

fn arguments(folder: &tempfile::TempDir, peer: &str, port: u16) -> Explain {
    Explain {
        declarations: folder.path().to_owned(),
        namespace: "shop".to_owned(),
        pod: "web-0".to_owned(),
        ingress: false,
        peer: peer.to_owned(),
        port,
        protocol: ProtocolWord::Tcp,
        output: Form::Text,
    }
}

fn told(text: &str, peer: &str, port: u16) -> String {
    let folder = folder(text);
    let arguments = arguments(&folder, peer, port);
    let (cluster, _) = folder::read(folder.path()).expect("it is there");
    let (question, explanation) = ask(&cluster, &arguments).expect("they are declared");
    words::text(&name(&arguments), &question, &explanation)
}

#[test]
fn a_service_is_told_with_who_is_behind_it() {
    assert_eq!(
        told(OBJECTS, "shop/db", 5432),
        "shop/web-0 -> 10.96.0.1 (Service shop/db), TCP 5432: allowed by rule 1 of shop/web-to-db
  shop/default-deny selects it and has no rule for egress
  shop/web-to-db selects it
    rule 1: allows it
    rule 2: the peer is none of its peers
  behind it: 10.1.0.2 (Pod shop/db-0), port 5432: allowed by rule 1 of shop/web-to-db
"
    );
}

#[test]
fn a_denial_is_told_with_why_each_rule_does_not_allow_it() {
    assert_eq!(
        told(OBJECTS, "shop/db-0", 22),
        "shop/web-0 -> 10.1.0.2 (Pod shop/db-0), TCP 22: denied, since no rule allows it
  shop/default-deny selects it and has no rule for egress
  shop/web-to-db selects it
    rule 1: the port is none of its ports
    rule 2: the peer is none of its peers
"
    );
}

fn code(text: &str, peer: &str, port: u16) -> String {
    let folder = folder(text);
    format!("{:?}", explain(&arguments(&folder, peer, port)).expect("it can be asked"))
}

#[test]
fn the_exit_status_is_the_answer_unless_something_could_not_be_read() {
    let is = |number: u8| format!("{:?}", ExitCode::from(number));
    assert_eq!(code(OBJECTS, "shop/db", 5432), is(0));
    assert_eq!(code(OBJECTS, "203.0.113.1", 443), is(1));
    let unknown = OBJECTS.replace("kind: Node\n", "kind: Other\n");
    assert_eq!(code(&unknown, "203.0.113.1", 5432), is(0), "without nodes it may be a Pod");
    let broken = format!(
        "{OBJECTS}---\nkind: NetworkPolicy\nmetadata: {{name: broken, namespace: shop}}\nspec: {{egress: [{{to: [{{}}]}}]}}\n"
    );
    assert_eq!(code(&broken, "shop/db", 5432), is(2));
}

#[test]
fn who_is_not_declared_is_told() {
    let folder = folder(OBJECTS);
    let error = explain(&arguments(&folder, "shop/cache", 1)).expect_err("nobody is called so");
    assert_eq!(error.to_string(), "no Pod and no Service shop/cache is declared");
    let error = explain(&arguments(&folder, "cache", 1)).expect_err("it is no name");
    assert_eq!(error.to_string(), "the peer `cache` is neither an address nor a namespace/name");
}
