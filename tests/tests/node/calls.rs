//! Calls on sockets that are refused, and those that must not be.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::agent::Agent;
use tests::container::{self, Container};
use tests::kernel;
use tests::overlay::Overlay;
use tests::records::{is_failure, policy, text};
use tests::scene::Scene;

crate::theme![
    connection_that_no_network_policy_allows_is_refused_and_one_that_is_allowed_is_not,
    datagram_that_may_be_an_answer_is_not_refused_and_one_that_is_none_is,
    audit_counts_calls_and_refuses_none,
    refusals_outlive_the_agent_until_they_are_detached,
    bind_and_raw_socket_are_refused_where_a_policy_says_so,
    call_that_no_hook_can_tell_in_advance_is_answered_by_a_kill,
    runtime_and_who_is_outside_may_call_whom_they_like,
];

const NETWORK: &str = "\
apiVersion: v1
kind: Node
metadata: {name: worker}
status: {addresses: [{type: InternalIP, address: 192.168.7.1}]}
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

const ALLOWED: &str = "10.1.0.2:5432";
const FORBIDDEN: &str = "10.1.0.2:22";
const BLOCK: &str = "  action: Block\n";

fn scene(action: &str, kinds: &str, expression: &str) -> Result<Scene> {
    let scene = Scene::set()?;
    let text = format!(
        "apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {{name: deny}}\nspec:\n  title: Some calls are denied\n  \
         severity: Low\n{action}  match: {{events: {{kinds: [{kinds}]}}}}\n  matchConditions: [{{name: c, expression: \
         \"event.task != 'Runtime'\"}}]\n  validations: [{{name: v, expression: \"{expression}\"}}]\n"
    );
    scene.write_policy("deny.yaml", &text)?;
    Ok(scene)
}

/// A container of Pod `web`, which may connect to `db` on one port alone.
fn web(scene: &Scene, agent: &Agent) -> Result<Container> {
    let container = scene.container()?;
    let pod = format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop, uid: {}, labels: {{app: web}}}}\n\
         spec:\n  nodeName: worker\n  containers: [{{name: only, image: 'registry.test/web:1'}}]\n",
        container.group.pod_uid
    );
    fs::write(scene.declarations.path().join("cluster.yaml"), [NETWORK, &pod].concat())?;
    agent.wait_until("told of the declarations", |agent| {
        let status = agent.status()?;
        let all = status["containers"].as_array().context("no containers")?;
        let is_it = |told: &&Value| text(told, "/container/id") == Some(&container.group.container_id);
        Ok(all.iter().find(is_it).is_some_and(|told| told["pod"]["name"] == "web"))
    })?;
    Ok(container)
}

/// What the kernel says to a connection: whether it refuses.
fn is_refused(container: &Container, peer: &str) -> Result<bool> {
    let output = container.exec(&["/bin/sample", "call", peer])?;
    let said = String::from_utf8_lossy(&output.stderr);
    let refused = said.contains("PermissionDenied");
    ensure!(refused || output.status.success(), "{output:?}");
    Ok(refused)
}

fn of_container(agent: &Agent) -> Result<Value> {
    let status = agent.status()?;
    ensure!(status["containers"].as_array().is_some_and(|all| all.len() == 1), "{status}");
    Ok(status["containers"][0].clone())
}

fn are_counted(agent: &Agent, outcome: &str, times: u64) -> Result<()> {
    agent.wait_until(&format!("counting {times} {outcome}"), |agent| {
        let counted = agent.metrics()?.sum("plumbline_agent_denials_total", &[("outcome", outcome)]);
        Ok(counted? == times)
    })
}

fn told(agent: &Agent) -> Result<Value> {
    agent.record("telling of the call", |record| policy(record) == Some("deny"))
}

fn connection_that_no_network_policy_allows_is_refused_and_one_that_is_allowed_is_not() -> Result<()> {
    let scene = scene(BLOCK, "Connect, SendTo", "event.socket.permitted")?;
    let agent = scene.agent(&["--enforce"])?;
    let container = web(&scene, &agent)?;
    ensure!(!is_refused(&container, ALLOWED)?);
    for _ in 0..3 {
        ensure!(is_refused(&container, FORBIDDEN)?);
    }
    // The same peer in an IPv6 socket.
    ensure!(is_refused(&container, "[::ffff:10.1.0.2]:22")?);
    ensure!(!is_refused(&container, "[::ffff:10.1.0.2]:5432")?);
    ensure!(is_refused(&container, "[2001:db8::1]:5432")?);
    let record = told(&agent)?;
    ensure!(record["decision"]["action"] == "Block", "{record:#}");
    ensure!(record["evidence"]["socket"]["peer"]["pod"] == "db", "{record:#}");
    are_counted(&agent, "call_denied", 5)?;
    // What it tells may be a moment old.
    agent.wait_until("telling of 5 calls that were denied", |agent| {
        let status = of_container(agent)?;
        let counts = ["/deniedCalls", "/wouldDenyCalls"].map(|name| text(&status, name));
        Ok(counts == [Some("5"), Some("0")])
    })?;
    let status = of_container(&agent)?;
    let deny = &status["policies"][0];
    ensure!(deny["enforcement"] == "Deny", "{deny:#}");
    Ok(agent.settled("socket")?.check()?)
}

/// Guards against a resolver under default deny that cannot answer, and against taking all datagrams for answers.
fn datagram_that_may_be_an_answer_is_not_refused_and_one_that_is_none_is() -> Result<()> {
    let scene = scene(BLOCK, "SendTo", "event.socket.permitted")?;
    let agent = scene.agent(&["--enforce"])?;
    let container = web(&scene, &agent)?;
    for (port, is_answer) in [("0", false), ("53", true), ("60000", true), ("0", false)] {
        let output = container.exec(&["/bin/sample", "send", port, FORBIDDEN])?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success() || said.contains("PermissionDenied"), "{output:?}");
        ensure!(output.status.success() == is_answer, "from port {port}: {output:?}");
    }
    are_counted(&agent, "call_denied", 2)?;
    let records = agent.stop()?;
    let failed: Vec<_> =
        records.iter().filter(|record| policy(record) == Some("deny") && is_failure(record)).collect();
    ensure!(failed.len() == 1, "{failed:#?}");
    ensure!(failed[0]["evidence"]["socket"]["peer"]["port"] == 22, "{failed:#?}");
    Ok(())
}

fn audit_counts_calls_and_refuses_none() -> Result<()> {
    for (action, arguments) in [(BLOCK, &[][..]), ("", &["--enforce"][..])] {
        let scene = scene(action, "Connect, SendTo", "event.socket.permitted")?;
        let agent = scene.agent(arguments)?;
        let container = web(&scene, &agent)?;
        for peer in [ALLOWED, FORBIDDEN, FORBIDDEN] {
            ensure!(!is_refused(&container, peer)?, "{peer}");
        }
        are_counted(&agent, "would_deny_call", 2)?;
        are_counted(&agent, "call_denied", 0)?;
        let record = told(&agent)?;
        ensure!(record["decision"]["action"] == "Audit", "{record:#}");
        ensure!(record["decision"]["wouldBlock"] == !action.is_empty(), "{record:#}");
    }
    Ok(())
}

fn refusals_outlive_the_agent_until_they_are_detached() -> Result<()> {
    let scene = scene(BLOCK, "Connect, SendTo", "event.socket.permitted")?;
    let before = kernel::objects()?;
    for crash in [false, true] {
        let agent = scene.agent(&["--enforce"])?;
        let container = web(&scene, &agent)?;
        match crash {
            true => drop(agent),
            false => drop(agent.stop()?),
        }
        ensure!(is_refused(&container, FORBIDDEN)?, "after a stop (or crash: {crash})");
        ensure!(!is_refused(&container, ALLOWED)?, "after a stop (or crash: {crash})");
        let said = scene.detach()?;
        ensure!(said.contains("removed /sys/fs/bpf/plumbline/socket_connect4"), "{said}");
        ensure!(!is_refused(&container, FORBIDDEN)?, "after detach");
        kernel::wait_until_freed(&before)?;
    }
    Ok(())
}

fn bind_and_raw_socket_are_refused_where_a_policy_says_so() -> Result<()> {
    for (kind, step) in [("Bind", "listen"), ("RawSocket", "make a raw socket")] {
        let scene = scene(BLOCK, kind, "false")?;
        let agent = scene.agent(&["--enforce"])?;
        let overlay = Overlay::mount(&scene.programs.sample, &[])?;
        let group = scene.subtree.container()?;
        let output = container::run(&group, &overlay.root(), &["/bin/sample", "sockets"])?;
        let said = String::from_utf8_lossy(&output.stderr);
        let is_told = said.contains(step) && (said.contains("EPERM") || said.contains("not permitted"));
        ensure!(!output.status.success() && is_told, "{kind}: {output:?}");
        are_counted(&agent, "call_denied", 1)?;
        ensure!(told(&agent)?["decision"]["action"] == "Block", "{kind}");
    }
    Ok(())
}

/// A policy that reads a port has no mask: it is judged where all is known, and the task is killed if it is still there.
fn call_that_no_hook_can_tell_in_advance_is_answered_by_a_kill() -> Result<()> {
    let scene = scene(BLOCK, "Listen", "event.socket.local.port == 0")?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    let output = container.exec(&["/bin/sample", "listen"])?;
    let said = format!("{:?}", output.status);
    ensure!(said.contains("signal: 9") || output.status.code() == Some(128 + 9), "{output:?}");
    let record = told(&agent)?;
    ensure!(text(&record, "/decision/becauseOf") == Some("AfterTheFact"), "{record:#}");
    let policy = &of_container(&agent)?["policies"][0];
    ensure!(policy["enforcement"] == "Kill after the fact", "{policy:#}");
    Ok(())
}

/// A policy that nothing passes: whoever is no container's task goes on.
fn runtime_and_who_is_outside_may_call_whom_they_like() -> Result<()> {
    let scene = scene(BLOCK, "Connect, Bind", "false")?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    let own = TcpListener::bind("127.0.0.1:0").context("bind outside containers")?;
    TcpStream::connect(own.local_addr()?).context("connect outside containers")?;
    // In the container's group, and still in the node's mount namespace: as a runtime's own steps are.
    let procs = container.group.path().join("cgroup.procs");
    let script =
        format!("echo $$ > {} && exec {} call {FORBIDDEN}", procs.display(), scene.programs.sample.display());
    let entered = Command::new("sh").args(["-c", &script]).output()?;
    ensure!(entered.status.success(), "{entered:?}");
    ensure!(is_refused(&container, ALLOWED)?, "the container's own is not");
    are_counted(&agent, "call_denied", 1)
}
