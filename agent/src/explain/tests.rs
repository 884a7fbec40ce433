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

/// As it is printed, with a mistake beside it.
#[test]
fn json_has_the_shape_that_is_documented() {
    let folder = folder(OBJECTS);
    let arguments = arguments(&folder, "shop/db", 5432);
    let (cluster, _) = folder::read(folder.path()).expect("it is there");
    let (question, explanation) = ask(&cluster, &arguments).expect("they are declared");
    let mistakes = ["pods.yaml:3:12: a sentence".to_owned()];
    let name = name(&arguments);
    let told = json::Told::new(&name, &question, &explanation, &mistakes);
    let text = serde_json::to_string_pretty(&told).expect("it has no keys but texts");
    assert_eq!(format!("{text}\n"), include_str!("../../tests/golden/explain-connect.json"));
}

fn json(text: &str, change: impl FnOnce(&mut Explain)) -> serde_json::Value {
    let folder = folder(text);
    let mut arguments = arguments(&folder, "shop/db-0", 22);
    change(&mut arguments);
    let (cluster, mistakes) = folder::read(folder.path()).expect("it is there");
    let (question, explanation) = ask(&cluster, &arguments).expect("they are declared");
    let name = name(&arguments);
    serde_json::to_value(json::Told::new(&name, &question, &explanation, &mistakes)).expect("it is JSON")
}

#[test]
fn json_says_the_verdict_and_its_reason_in_a_word() {
    let told = |text, change: fn(&mut Explain)| {
        let told = json(text, change);
        ["verdict", "reason", "cause"]
            .map(|field| told[field].as_str().map(str::to_owned).unwrap_or_default())
    };
    assert_eq!(told(OBJECTS, |_| ()), ["Denied", "NoRule", ""]);
    assert_eq!(told(OBJECTS, |asked| asked.ingress = true), ["Allowed", "NotSelected", ""]);
    assert_eq!(told(OBJECTS, |asked| asked.peer = "192.168.0.1".to_owned()), ["Allowed", "OwnNode", ""]);
    let unwhole = OBJECTS.replace("kind: Node\n", "kind: Other\n");
    assert_eq!(
        told(&unwhole, |asked| (asked.peer, asked.port) = ("203.0.113.1".to_owned(), 5432)),
        ["Unknown", "Unknown", "PeerNotDeclared"]
    );
}

#[test]
fn a_mapped_address_is_the_one_that_it_stands_for() {
    let told = json(OBJECTS, |asked| asked.peer = "::ffff:10.1.0.2".to_owned());
    assert_eq!(told["peer"]["address"], "10.1.0.2");
    assert_eq!(told["peer"]["is"][0]["name"], "db-0");
    let told = json(OBJECTS, |asked| asked.peer = "2001:db8::1".to_owned());
    assert_eq!(told["verdict"], "Denied");
    assert_eq!(told["peer"]["is"][0]["kind"], "Outside");
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
    let told = |peer: &str| {
        let error = explain(&arguments(&folder, peer, 1)).expect_err("nobody is called so");
        error.to_string()
    };
    assert_eq!(told("shop/cache"), "no Pod and no Service shop/cache is declared");
    assert_eq!(told("shop/db-1"), "no Pod and no Service shop/db-1 is declared; did you mean shop/db-0?");
    assert_eq!(told("default/db"), "no Pod and no Service default/db is declared; did you mean shop/db?");
    assert_eq!(told("cache"), "the peer `cache` is neither an address nor a namespace/name");
    assert_eq!(told("10.1.0.0/16"), "the peer `10.1.0.0/16` is a range; ask about one address of it");
    assert_eq!(told("[::1]:80"), "the peer `[::1]:80` has a port, which is to be given as --port");
    let mut arguments = arguments(&folder, "shop/db", 1);
    arguments.pod = "web".to_owned();
    let error = explain(&arguments).expect_err("nobody is called so");
    assert_eq!(error.to_string(), "the Pod shop/web is not declared; did you mean shop/web-0?");
}

#[test]
fn only_a_number_is_a_port() {
    assert_eq!(port("5432"), Ok(5432));
    for wrong in ["sql", "0", "65536", "-1", ""] {
        assert!(port(wrong).expect_err("it is none").contains("1 to 65535"), "{wrong}");
    }
}
