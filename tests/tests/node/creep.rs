//! What a running container becomes that its Pod does not allow. Each is one failure of one policy that ships, and its
//! ordinary neighbour none.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::agent::Agent;
use tests::records::{container_id, is_failure, path, policy, task, text};
use tests::runc::{Container, Plan};
use tests::scene::Scene;

crate::theme![
    program_that_becomes_root_where_none_may_is_told_with_its_name,
    program_that_becomes_another_user_is_ordinary,
    program_with_capabilities_of_its_own_makes_a_look,
    root_that_is_made_writable_fails_its_policy,
    use_of_what_could_have_made_the_root_writable_is_ordinary,
    container_that_joins_the_network_of_the_node_fails_the_baseline,
    child_that_joins_the_network_of_the_node_is_the_containers,
    child_that_joins_them_where_its_container_may_is_ordinary,
    container_that_joins_its_own_network_is_ordinary,
    container_that_was_started_without_its_seccomp_fails_its_policy,
    container_that_holds_more_than_it_declares_creeps,
    foreign_program_that_is_run_from_outside_is_told_as_such,
    program_of_the_image_that_is_run_from_outside_is_ordinary,
    capability_that_is_used_from_outside_is_told_as_such,
    declared_capability_that_is_used_from_outside_is_ordinary,
];

const SLEEP: [&str; 2] = ["/bin/sample", "sleep"];
/// Asked each second whether a container used what lets it change.
const A_LOOK: Duration = Duration::from_millis(1500);

/// Guards against an overlay that only knows how a container began, against a record that leaves out who it was, and
/// against one more of it at each look.
fn program_that_becomes_root_where_none_may_is_told_with_its_name() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let container = setuid(&scene, &agent, 0)?;
    let failure = failure(&agent, &container)?;
    ensure!(path(&failure) == Some("/bin/setuid") && task(&failure) == Some("Container"), "{failure:#}");
    let change = failure.pointer("/evidence/changes/0").context("no change")?;
    ensure!(text(change, "/step") == Some("OciToKernel"), "{change:#}");
    let looks = agent.metrics()?.sum("plumbline_agent_looks_total", &[])?;
    let file = scene.declarations.path().join(format!("{}.json", container.id()));
    let mut pod: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
    pod["metadata"]["labels"] = json!({"declared": "anew"});
    fs::write(&file, pod.to_string())?;
    looked(&agent, looks + 1)?;
    // How it began is as declared.
    only(agent, &container, &["root-under-run-as-non-root"], 0)
}

/// Guards against every setuid program taken for root's.
fn program_that_becomes_another_user_is_ordinary() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let container = setuid(&scene, &agent, 7)?;
    only(agent, &container, &[], 0)
}

/// A container that may run setuid programs and not as root, and has run one of this user.
fn setuid(scene: &Scene, agent: &Agent, owner: u32) -> Result<Container> {
    let mut plan = Plan::new(scene, &after(&["start", "/bin/setuid"]))?;
    plan.declared()["securityContext"]["allowPrivilegeEscalation"] = json!(true);
    plan.spec["process"]["noNewPrivileges"] = json!(false);
    let program = plan.root().join("bin/setuid");
    chown(&program, Some(owner), Some(0)).context("give the program away")?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).context("make it setuid")?;
    let container = plan.start(scene)?;
    go(agent, &container)?;
    Ok(container)
}

/// Guards against ids taken for all that an exec can change.
fn program_with_capabilities_of_its_own_makes_a_look() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &after(&["start", "/bin/setuid"]))?;
    let context = &mut plan.declared()["securityContext"];
    context["allowPrivilegeEscalation"] = json!(true);
    context["capabilities"] = json!({"drop": ["ALL"], "add": ["CHOWN"]});
    plan.spec["process"]["noNewPrivileges"] = json!(false);
    // What the first process may not use, a file may let it.
    plan.spec["process"]["capabilities"]["bounding"] = json!(["CAP_CHOWN"]);
    give_capability(&plan.root().join("bin/setuid"), 0)?;
    let container = plan.start(&scene)?;
    go(&agent, &container)?;
    looked(&agent, 2)?;
    only(agent, &container, &[], 0)
}

/// Lets who runs a file have a capability, as setcap(8) does: `struct vfs_cap_data` of include/uapi/linux/capability.h,
/// of the second revision, to be effective at once.
fn give_capability(file: &Path, capability: u8) -> Result<()> {
    let words: [u32; 5] = [0x0200_0001, 1 << capability, 0, 0, 0];
    let value: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let flags = rustix::fs::XattrFlags::empty();
    rustix::fs::setxattr(file, "security.capability", &value, flags).context("give the file a capability")
}

/// Guards against a drift that nobody is told a remedy of.
fn root_that_is_made_writable_fails_its_policy() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let agent = scene.agent(&[])?;
    let container = powerful(&scene, &after(&["remount"]), "SYS_ADMIN")?.start(&scene)?;
    go(&agent, &container)?;
    only(agent, &container, &["root-made-writable"], 1)
}

/// Guards against a policy that fails whenever a container is looked at again.
fn use_of_what_could_have_made_the_root_writable_is_ordinary() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let agent = scene.agent(&[])?;
    let container = powerful(&scene, &after(&["capability", "SYS_ADMIN"]), "SYS_ADMIN")?.start(&scene)?;
    go(&agent, &container)?;
    only(agent, &container, &[], 0)
}

/// Guards against namespaces that are read at the start alone, and against two policies that tell the same.
fn container_that_joins_the_network_of_the_node_fails_the_baseline() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let container = joining(&scene, &after(&["join", "/node"]))?.start(&scene)?;
    // What the Pod itself says is not the node's to tell: SYS_ADMIN, and a folder of the node.
    go(&agent, &container)?;
    only(agent, &container, &["host-namespaces"], 1)
}

/// Guards against namespaces of the first process alone: who enters the node's starts a shell for it.
fn child_that_joins_the_network_of_the_node_is_the_containers() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let mut plan = joining(&scene, &child(&["join", "/node"]))?;
    plan.declared()["securityContext"]["capabilities"] = json!({"drop": ["ALL"]});
    let container = plan.start(&scene)?;
    // Else one look may tell both.
    ensure!(policy(&failure(&agent, &container)?) == Some("capabilities"), "what it holds is told first");
    go(&agent, &container)?;
    only(agent, &container, &["capabilities", "undeclared-capability-use", "host-namespaces"], 2)
}

/// Guards against drivers of storage and networks, which enter them for what they do there.
fn child_that_joins_them_where_its_container_may_is_ordinary() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let container = joining(&scene, &child(&["join", "/node"]))?.start(&scene)?;
    go(&agent, &container)?;
    // Of two looks the second sees the child where it went.
    looked(&agent, 2)?;
    only(agent, &container, &[], 0)
}

/// A container with SYS_ADMIN that has the node's network as a file.
fn joining(scene: &Scene, command: &[&str]) -> Result<Plan> {
    let mut plan = powerful(scene, command, "SYS_ADMIN")?;
    let namespace = format!("/proc/{}/ns/net", process::id());
    let mount =
        json!({"destination": "/node", "type": "bind", "source": namespace, "options": ["bind", "ro"]});
    plan.spec["mounts"].as_array_mut().context("no mounts")?.push(mount);
    let of_pod = &mut plan.pod["spec"];
    of_pod["volumes"] =
        json!([{"name": "scratch", "emptyDir": {}}, {"name": "node", "hostPath": {"path": namespace}}]);
    of_pod["containers"][0]["volumeMounts"] =
        json!([{"name": "scratch", "mountPath": "/data"}, {"name": "node", "mountPath": "/node"}]);
    Ok(plan)
}

/// Guards against an answer that any setns gives.
fn container_that_joins_its_own_network_is_ordinary() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let container = powerful(&scene, &after(&["join", "/proc/self/ns/net"]), "SYS_ADMIN")?.start(&scene)?;
    go(&agent, &container)?;
    only(agent, &container, &[], 0)
}

/// Guards against an event that is made only where something changes between two looks.
fn container_that_was_started_without_its_seccomp_fails_its_policy() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &SLEEP)?;
    plan.spec["linux"]["seccomp"] = Value::Null;
    let container = plan.start(&scene)?;
    let failure = failure(&agent, &container)?;
    ensure!(text(&failure, "/evidence/change/from/type") == Some("RuntimeDefault"), "{failure:#}");
    ensure!(text(&failure, "/evidence/changes/0/step") == Some("PodToOci"), "{failure:#}");
    only(agent, &container, &["declared-seccomp-missing"], 1)
}

/// Guards against a capability that the baseline lets pass and nobody else tells.
fn container_that_holds_more_than_it_declares_creeps() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let mut plan = Plan::new(&scene, &SLEEP)?;
    plan.allow(&["CAP_CHOWN"]);
    let container = plan.start(&scene)?;
    only(agent, &container, &["privileged-creep"], 1)
}

/// Guards against an exec from outside that is taken for the runtime's own, and against two policies that tell it.
fn foreign_program_that_is_run_from_outside_is_told_as_such() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let container = Plan::new(&scene, &SLEEP)?.start(&scene)?;
    fs::copy(&scene.programs.sample, container.root().join("tmp/dropped")).context("write the program")?;
    for _ in 0..3 {
        container.exec(&[], &["/tmp/dropped", "hello"])?;
    }
    let failure = failure(&agent, &container)?;
    ensure!(path(&failure) == Some("/tmp/dropped") && task(&failure) == Some("Injected"), "{failure:#}");
    let drift = injected(&agent, &container)?;
    ensure!(text(&drift, "/evidence/event/executable/path") == Some("/tmp/dropped"), "{drift:#}");
    only(agent, &container, &["executable-not-from-image"], 1)
}

/// Guards against kubectl exec that is an alert by itself.
fn program_of_the_image_that_is_run_from_outside_is_ordinary() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let container = Plan::new(&scene, &SLEEP)?.start(&scene)?;
    container.exec(&[], &["/bin/sample", "hello"])?;
    // Nor are its ids or its capabilities the container's.
    container.exec(&["--user", "0", "--cap", "CAP_CHOWN"], &["/bin/sample", "hello"])?;
    only(agent, &container, &[], 0)
}

/// Guards against capabilities of the container alone, and against what an Injected task holds taken for the container's.
fn capability_that_is_used_from_outside_is_told_as_such() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let container = Plan::new(&scene, &SLEEP)?.start(&scene)?;
    chroot_from_outside(&container)?;
    let failure = failure(&agent, &container)?;
    ensure!(text(&failure, "/evidence/capability") == Some("SYS_CHROOT"), "{failure:#}");
    ensure!(path(&failure) == Some("/bin/sample") && task(&failure) == Some("Injected"), "{failure:#}");
    let drift = injected(&agent, &container)?;
    ensure!(text(&drift, "/evidence/event/capability") == Some("SYS_CHROOT"), "{drift:#}");
    only(agent, &container, &["undeclared-capability-use"], 1)
}

/// Guards against a policy that takes who uses it for what is used.
fn declared_capability_that_is_used_from_outside_is_ordinary() -> Result<()> {
    let scene = shipped()?;
    let agent = scene.agent(&[])?;
    let container = powerful(&scene, &SLEEP, "SYS_CHROOT")?.start(&scene)?;
    chroot_from_outside(&container)?;
    only(agent, &container, &[], 0)
}

fn chroot_from_outside(container: &Container) -> Result<()> {
    container.exec(&["--user", "0", "--cap", "CAP_SYS_CHROOT"], &["/bin/sample", "capability", "SYS_CHROOT"])
}

/// Both packs: what one policy of either tells, none of the other may.
fn shipped() -> Result<Scene> {
    let scene = Scene::with_shipped_policies()?;
    scene.ship("pod-security-baseline")?;
    Ok(scene)
}

/// The command of a container that does this once it is told to.
fn after<'a>(verb: &[&'a str]) -> Vec<&'a str> {
    [&["/bin/sample", "after", "/data/go"], verb].concat()
}

/// The same, done by a child of its first process.
fn child<'a>(verb: &[&'a str]) -> Vec<&'a str> {
    [&["/bin/sample", "child", "after", "/data/go"], verb].concat()
}

/// A container of root's that declares a capability and has it.
fn powerful(scene: &Scene, command: &[&str], capability: &str) -> Result<Plan> {
    let mut plan = Plan::new(scene, command)?;
    plan.declared()["securityContext"] = json!({
        "readOnlyRootFilesystem": true,
        "capabilities": {"drop": ["ALL"], "add": [capability]},
        "seccompProfile": {"type": "RuntimeDefault"},
    });
    plan.allow(&[&format!("CAP_{capability}")]);
    plan.spec["process"]["user"] = json!({"uid": 0, "gid": 0});
    plan.spec["process"]["noNewPrivileges"] = json!(false);
    Ok(plan)
}

/// Lets a container begin that was looked at as it was started.
fn go(agent: &Agent, container: &Container) -> Result<()> {
    looked(agent, 1)?;
    fs::write(container.volume().join("go"), "").context("tell the container to begin")
}

fn looked(agent: &Agent, times: u64) -> Result<()> {
    agent.wait_until("looking at the container", |agent| {
        Ok(agent.metrics()?.sum("plumbline_agent_looks_total", &[])? >= times)
    })
}

fn failure(agent: &Agent, container: &Container) -> Result<Value> {
    agent.record("failing a policy", |record| {
        is_failure(record) && container_id(record) == Some(container.id())
    })
}

/// What entered a container, as a drift.
fn injected(agent: &Agent, container: &Container) -> Result<Value> {
    agent.record("a drift by what entered", |record| {
        text(record, "/evidence/kind") == Some("Injected") && container_id(record) == Some(container.id())
    })
}

/// Waits for what may still come; then these policies have failed, each once, and this many drifts were told.
fn only(agent: Agent, container: &Container, expected: &[&str], drifts: usize) -> Result<()> {
    looked(&agent, 1)?;
    agent.wait_until("failing what is to fail", |agent| {
        Ok(failures(&agent.records()?, container).len() >= expected.len())
    })?;
    thread::sleep(A_LOOK);
    agent.settled("exec")?;
    let records = agent.stop()?;
    let failed = failures(&records, container);
    ensure!(failed == expected, "{failed:?} failed, not {expected:?}: {records:#?}");
    let is_drift = |record: &&Value| {
        text(record, "/kind") == Some("Drift") && container_id(record) == Some(container.id())
    };
    let found = records.iter().filter(is_drift).count();
    ensure!(found == drifts, "{found} drifts, not {drifts}: {records:#?}");
    Ok(())
}

/// The policies that failed for a container, in the order in which it was told.
fn failures<'a>(records: &'a [Value], container: &Container) -> Vec<&'a str> {
    let of_it =
        records.iter().filter(|record| is_failure(record) && container_id(record) == Some(container.id()));
    of_it.filter_map(policy).collect()
}
