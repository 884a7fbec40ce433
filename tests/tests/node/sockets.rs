//! Calls on sockets: each once, with its count, for who made it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::agent::Agent;
use tests::container;
use tests::overlay::Overlay;
use tests::records::{container_id, is_failure, path, policy, task, text};
use tests::scene::Scene;

crate::theme![
    each_call_on_sockets_is_seen_once_with_the_count_that_its_maker_reports,
    raw_socket_that_is_not_declared_is_told_and_what_is_ordinary_is_not,
    connection_that_no_network_policy_allows_is_told_and_one_that_is_allowed_is_not,
];

/// Fails for every call, so that each is told.
const EVERY_CALL: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: every-call}
spec:
  title: Every call on a socket is recorded
  severity: Low
  remediation: None; this policy is a test's.
  match: {events: {kinds: [Connect, SendTo, Bind, Listen, Accept, RawSocket]}}
  validations:
  - {name: seen, expression: \"event.socket.protocol == 'none'\", message: a call was seen}
";

/// By kind, protocol, address and port, how often each was made.
type Calls = BTreeMap<String, u64>;

/// Guards against calls of the node's own processes taken for a container's, against IPv4 in IPv6 sockets told apart,
/// and against what is sent over a connection.
fn each_call_on_sockets_is_seen_once_with_the_count_that_its_maker_reports() -> Result<()> {
    let scene = Scene::set()?;
    scene.write_policy("every-call.yaml", EVERY_CALL)?;
    let agent = scene.agent(&[])?;
    let group = scene.subtree.container()?;
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    let output = container::run(&group, &overlay.root(), &["/bin/sample", "sockets"])?;
    ensure!(output.status.success(), "{output:?}");
    let reported = reported(&String::from_utf8(output.stdout)?)?;
    for class in ["socket", "tcp"] {
        let account = agent.settled(class)?;
        account.check()?;
        ensure!(account.lost == 0 && account.over_budget == 0, "{class}: {account:?}");
    }
    let records = agent.stop()?;
    let seen = calls(&records, &group.container_id)?;
    ensure!(seen == reported, "reported {reported:#?}\nseen     {seen:#?}");
    Ok(())
}

/// The container drops ALL and has NET_RAW all the same: the call is one of its own.
fn raw_socket_that_is_not_declared_is_told_and_what_is_ordinary_is_not() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let group = scene.subtree.container()?;
    let uid = &group.pod_uid;
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: user, namespace: tests, uid: {uid}}}\nspec:\n  \
         containers:\n  - name: only\n    image: registry.test/sample:1\n    \
         securityContext: {{capabilities: {{drop: [ALL]}}}}\n"
    );
    std::fs::write(scene.declarations.path().join("pod.yaml"), pod).context("write the declaration")?;
    let agent = scene.agent(&[])?;
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    let output = container::run(&group, &overlay.root(), &["/bin/sample", "sockets"])?;
    ensure!(output.status.success(), "{output:?}");
    let told = agent.record("telling of the raw socket", |record| {
        policy(record) == Some("undeclared-raw-socket") && is_failure(record)
    })?;
    ensure!(path(&told) == Some("/bin/sample") && task(&told) == Some("Container"), "{told:#}");
    ensure!(text(&told, "/evidence/socket/protocol") == Some("ICMP"), "{told:#}");
    agent.settled("tcp")?;
    let failed: Vec<_> = failures(agent)?;
    ensure!(failed == ["undeclared-capability-use", "undeclared-raw-socket"], "{failed:?}");
    Ok(())
}

/// A Pod that may connect to `db` on 5432 alone, beside one that no policy selects.
const CLUSTER: &str = "\
apiVersion: v1
kind: Node
metadata: {name: worker}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {nodeName: other, containers: [{name: only, image: x}]}
status: {podIP: 10.1.0.2, podIPs: [{ip: 10.1.0.2}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress: [{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}]
";

/// Guards against every connection being told, and against a Pod that no policy selects being taken for one that may
/// nothing.
fn connection_that_no_network_policy_allows_is_told_and_one_that_is_allowed_is_not() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let (web, free) = (scene.subtree.container()?, scene.subtree.container()?);
    let pod = |name: &str, uid: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, uid: {uid}, labels: {{app: {name}}}}}\n\
             spec:\n  nodeName: worker\n  containers:\n  - name: only\n    image: registry.test/sample:1\n    \
             securityContext: {{capabilities: {{add: [SYS_ADMIN]}}}}\n"
        )
    };
    let all = [CLUSTER, &pod("web", &web.pod_uid), &pod("free", &free.pod_uid)].concat();
    std::fs::write(scene.declarations.path().join("cluster.yaml"), all).context("write the declarations")?;
    let agent = scene.agent(&[])?;
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    for (group, peer) in [(&web, "10.1.0.2:5432"), (&free, "10.1.0.2:22"), (&web, "10.1.0.2:22")] {
        let output = container::run(group, &overlay.root(), &["/bin/sample", "call", peer])?;
        ensure!(output.status.success(), "{output:?}");
    }
    let told = agent.record("telling of the connection", |record| {
        policy(record) == Some("undeclared-egress") && is_failure(record)
    })?;
    let peer = &told["evidence"]["socket"]["peer"];
    ensure!(container_id(&told) == Some(&web.container_id) && peer["port"] == 22, "{told:#}");
    ensure!(peer["pod"] == "db" && peer["namespace"] == "shop", "{told:#}");
    let records = agent.stop()?;
    let of_egress = records.iter().filter(|record| policy(record) == Some("undeclared-egress"));
    let told = of_egress.count();
    ensure!(told == 1, "{told} records: {records:#?}");
    Ok(())
}

fn failures(agent: Agent) -> Result<Vec<String>> {
    let records = agent.stop()?;
    let mut failed: Vec<_> =
        records.iter().filter(|record| is_failure(record)).filter_map(policy).map(str::to_owned).collect();
    failed.sort_unstable();
    failed.dedup();
    Ok(failed)
}

fn reported(lines: &str) -> Result<Calls> {
    // Before what it reports stands its pid.
    let calls = lines.lines().filter_map(|line| line.rsplit_once(' '));
    calls.map(|(what, times)| Ok((what.to_owned(), times.parse()?))).collect()
}

/// What was told of a container, each with how often it came.
fn calls(records: &[Value], id: &str) -> Result<Calls> {
    let mut calls = Calls::new();
    for record in records.iter().filter(|record| is_failure(record) && container_id(record) == Some(id)) {
        let sequence = text(record, "/source/sequence").context("no sequence")?;
        let of_it =
            |count: &&Value| text(count, "/count/of").is_some_and(|of| of.ends_with(&format!("/{sequence}")));
        let repeats = records.iter().filter(of_it);
        let repeats = repeats.filter_map(|count| text(count, "/count/count")?.parse::<u64>().ok());
        let before = calls.insert(call(record)?, 1 + repeats.sum::<u64>());
        ensure!(before.is_none(), "told twice: {record:#}");
    }
    Ok(calls)
}

fn call(record: &Value) -> Result<String> {
    let socket = &record["evidence"]["socket"];
    let kind = text(record, "/evidence/kind").context("no kind")?;
    let protocol = socket["protocol"].as_str().context("no protocol")?;
    let side = if socket["peer"].is_object() { "peer" } else { "local" };
    let ip = socket[side]["ip"].as_str().unwrap_or("-");
    // The port of who connects is the other side's to choose.
    let port = socket[side]["port"].as_u64().or_else(|| socket["local"]["port"].as_u64());
    Ok(format!("{kind} {protocol} {ip} {}", port.map_or("-".to_owned(), |port| port.to_string())))
}
