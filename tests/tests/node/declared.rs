//! Connections whose answer depends on what is declared late, or by no object at all.

use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::cgroup::ContainerGroup;
use tests::container;
use tests::machine::{self, Lacking};
use tests::overlay::Overlay;
use tests::records::{container_id, is_failure, policy, text};
use tests::scene::Scene;

crate::theme![
    call_is_told_once_when_its_peer_is_declared_later,
    connection_with_the_nodes_own_address_is_not_told,
];

/// A node whose Pods have addresses of 10.9.0.0/16, and a Pod that may connect to `db` alone and be connected to by
/// nobody.
const CLUSTER: &str = "\
apiVersion: v1
kind: Node
metadata: {name: worker}
spec: {podCIDR: 10.9.0.0/16}
status: {addresses: [{type: InternalIP, address: 10.0.0.1}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]
";

fn pod(name: &str, more: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}{more}\n"
    )
}

fn declare(scene: &Scene, group: &ContainerGroup) -> Result<()> {
    let more = format!(
        ", uid: {}}}\nspec:\n  nodeName: worker\n  containers:\n  - name: only\n    image: registry.test/sample:1\n    \
         securityContext: {{capabilities: {{add: [SYS_ADMIN]}}}}",
        group.pod_uid
    );
    write(scene, "cluster.yaml", &format!("{CLUSTER}{}", pod("web", &more)))
}

fn write(scene: &Scene, file: &str, text: &str) -> Result<()> {
    std::fs::write(scene.declarations.path().join(file), text).with_context(|| format!("write {file}"))
}

fn call(scene: &Scene, group: &ContainerGroup, peer: &str) -> Result<()> {
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    let output = container::run(group, &overlay.root(), &["/bin/sample", "call", peer])?;
    ensure!(output.status.success(), "{output:?}");
    Ok(())
}

fn peers(records: &[Value]) -> Vec<&str> {
    let told =
        records.iter().filter(|record| policy(record) == Some("undeclared-egress") && is_failure(record));
    told.filter_map(|record| text(record, "/evidence/socket/peer/ip")).collect()
}

/// Guards against a call that stays Unknown for good since it came before its peer's declaration, and against one that is
/// told for each declaration that follows.
fn call_is_told_once_when_its_peer_is_declared_later() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let group = scene.subtree.container()?;
    declare(&scene, &group)?;
    let agent = scene.agent(&["--node-name", "worker"])?;
    for peer in ["10.9.0.2:22", "10.9.0.3:22"] {
        call(&scene, &group, peer)?;
    }
    agent.record("saying that it cannot know", |record| {
        policy(record) == Some("undeclared-egress") && record["judgement"]["verdict"] == "Unknown"
    })?;
    agent.settled("socket")?;
    ensure!(peers(&agent.records()?).is_empty(), "told before it can be known");
    let at = |address: &str| {
        format!("}}\nspec: {{nodeName: other, containers: [{{name: c}}]}}\nstatus: {{podIP: {address}}}")
    };
    write(&scene, "late.yaml", &format!("{}{}", pod("late", &at("10.9.0.2")), pod("db", &at("10.9.0.3"))))?;
    let told = agent.record("telling of the call to the Pod that came late", |record| {
        policy(record) == Some("undeclared-egress") && is_failure(record)
    })?;
    ensure!(container_id(&told) == Some(&group.container_id), "{told:#}");
    let peer = &told["evidence"]["socket"]["peer"];
    ensure!(peer["ip"] == "10.9.0.2" && peer["pod"] == "late", "{told:#}");
    write(&scene, "other.yaml", &pod("other", &at("10.9.0.4")))?;
    // Longer than it takes to look at the folder twice.
    thread::sleep(Duration::from_millis(2500));
    let records = agent.stop()?;
    ensure!(peers(&records) == ["10.9.0.2"], "{:?}", peers(&records));
    Ok(())
}

/// Fails for every accepted connection, so that each is told.
const EVERY_ACCEPT: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: every-accept}
spec:
  title: Every accepted connection is recorded
  severity: Low
  remediation: None; this policy is a test's.
  match: {events: {kinds: [Accept]}}
  validations:
  - {name: seen, expression: \"event.socket.protocol == 'none'\", message: one was seen}
";

/// Guards against a kubelet's probe that is told, where it comes from an address that no object has.
fn connection_with_the_nodes_own_address_is_not_told() -> Result<()> {
    let own = own_address()?;
    let busybox = machine::program("busybox")?;
    let scene = Scene::with_shipped_policies()?;
    scene.write_policy("every-accept.yaml", EVERY_ACCEPT)?;
    let group = scene.subtree.container()?;
    declare(&scene, &group)?;
    let agent = scene.agent(&["--node-name", "worker"])?;
    call(&scene, &group, &format!("{own}:22"))?;
    call(&scene, &group, "203.0.113.9:22")?;
    let overlay = Overlay::mount(&busybox, &["nc"])?;
    let port = free_port(own)?;
    let command = ["/bin/nc".to_owned(), "-l".to_owned(), "-p".to_owned(), port.to_string()];
    thread::scope(|scope| {
        let server = scope.spawn(|| container::run(&group, &overlay.root(), &command));
        connect(own, port)?;
        let output = server.join().map_err(|_| anyhow::anyhow!("the server's thread panicked"))??;
        ensure!(output.status.success(), "{output:?}");
        anyhow::Ok(())
    })?;
    let accepted = agent.record("telling of the accepted connection", |record| {
        policy(record) == Some("every-accept") && is_failure(record)
    })?;
    let socket = &accepted["evidence"]["socket"];
    ensure!(socket["peer"]["ip"] == own.to_string() && socket["permitted"] == true, "{accepted:#}");
    let records = agent.stop()?;
    // An address of nobody's is told, so that silence is the node's own.
    ensure!(peers(&records) == ["203.0.113.9"], "{:?}", peers(&records));
    let ingress =
        records.iter().filter(|record| policy(record) == Some("undeclared-ingress") && is_failure(record));
    ensure!(ingress.count() == 0, "{records:#?}");
    Ok(())
}

/// The address from which this machine would reach others: nothing is sent for it.
fn own_address() -> Result<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    let own = socket.connect((Ipv4Addr::new(203, 0, 113, 1), 9)).and_then(|()| socket.local_addr());
    match own {
        Ok(own) if !own.ip().is_loopback() => Ok(own.ip()),
        _ => Err(Lacking::new("this machine has no address but loopback's").into()),
    }
}

fn free_port(own: IpAddr) -> Result<u16> {
    Ok(TcpListener::bind((own, 0))?.local_addr()?.port())
}

fn connect(own: IpAddr, port: u16) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(20);
    while let Err(refused) = TcpStream::connect((own, port)) {
        ensure!(Instant::now() < end, "nobody listens: {refused}");
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
