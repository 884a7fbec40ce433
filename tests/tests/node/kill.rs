//! Tasks killed after the fact: for a capability that they used, by the kernel side; for what only user space can tell, by
//! the agent. And those that must not be.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tests::agent::Agent;
use tests::cgroup::{self, ContainerGroup};
use tests::container::{self, Container};
use tests::kernel::HiddenFunctions;
use tests::machine;
use tests::marks::{self, Ended};
use tests::overlay::Overlay;
use tests::records::{container_id, policy, task, text};
use tests::runc::Plan;
use tests::scene::Scene;

crate::theme![
    task_that_uses_what_is_denied_never_takes_its_next_step,
    declared_capability_is_used_freely_beside_one_that_is_denied,
    denied_use_is_only_counted_in_audit,
    task_from_outside_is_killed_for_a_use_and_the_containers_own_are_not,
    runtime_is_never_killed_for_a_use,
    nobody_is_killed_for_a_use_where_the_kernel_hides_its_functions,
    mode_decides_of_each_use_and_each_has_its_record,
    kills_for_uses_outlive_the_agent_until_they_are_detached,
    program_that_only_user_space_can_judge_is_killed_each_time,
    audit_kills_nothing_after_the_fact,
    script_that_is_not_of_the_image_is_killed_after_the_fact,
    runtime_is_never_killed_after_the_fact_and_neither_is_who_is_outside,
];

/// How often a test uses a capability.
const TIMES: u64 = 200;
const KILLED: Ended = Ended { killed: TIMES, ran: 0 };
const RAN: Ended = Ended { killed: 0, ran: TIMES };

const BLOCK: &str = "  action: Block\n";
const UNDECLARED: &str = "event.capability in container.capabilities.allowed";
/// Needs a path, which the kernel side does not compare.
const NOT_VICTIM: &str = "event.executable.path != '/bin/victim'";

/// Sets the scene with one policy, `kill`.
fn scene(kind: &str, action: &str, condition: &str, expression: &str) -> Result<Scene> {
    let scene = Scene::set()?;
    let text = format!(
        "apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {{name: kill}}\nspec:\n  title: Some tasks are killed\n  \
         severity: Low\n{action}  match: {{events: {{kinds: [{kind}]}}}}\n  matchConditions: [{{name: c, expression: \
         \"{condition}\"}}]\n  validations: [{{name: v, expression: \"{expression}\"}}]\n"
    );
    scene.write_policy("kill.yaml", &text)?;
    Ok(scene)
}

/// About capabilities that a container does not declare.
fn undeclared(expression: &str) -> Result<Scene> {
    scene("CapabilityUse", BLOCK, "event.task != 'Runtime' && event.userNamespace != 'Child'", expression)
}

/// A group whose Pod declares one capability. An agent that begins later knows it from the start; one that runs reads it
/// within a second.
fn declaring(scene: &Scene, capability: &str) -> Result<ContainerGroup> {
    let group = scene.subtree.container()?;
    let uid = &group.pod_uid;
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: user-{uid}, namespace: tests, uid: {uid}}}\nspec:\n  containers:\n  \
         - name: only\n    image: registry.test/sample:1\n    securityContext: {{capabilities: {{drop: [ALL], add: \
         [{capability}]}}}}\n"
    );
    fs::write(scene.declarations.path().join(format!("{uid}.yaml")), pod)?;
    Ok(group)
}

/// What becomes of the children of a container's own program that use SYS_CHROOT.
fn own_uses(scene: &Scene, group: &ContainerGroup) -> Result<Ended> {
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    let mut output = container::run(group, &overlay.root(), &marks::uses("SYS_CHROOT", TIMES))?;
    // The runtime says the init's pid before all else.
    let init = output.stdout.iter().position(|byte| *byte == b'\n').context("no pid")?;
    output.stdout.drain(..=init);
    Ended::of(&output, &overlay.root())
}

fn uses_from_outside(container: &Container) -> Result<Ended> {
    Ended::of(&container.exec(&marks::uses("SYS_CHROOT", TIMES))?, &container.overlay.root())
}

fn record(agent: &Agent, id: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
    agent.record("telling of it", |record| {
        policy(record) == Some("kill") && container_id(record) == Some(id) && wanted(record)
    })
}

/// The decision of the only failure.
fn is_decided(record: &Value, because: &str, kill: Option<&str>) -> Result<()> {
    let decision = &record["decision"];
    ensure!(decision["action"] == "Audit" && decision["wouldBlock"] == true, "{decision}");
    ensure!(text(decision, "/becauseOf") == Some(because), "{decision}");
    ensure!(text(decision, "/kill") == kill, "{decision}");
    Ok(())
}

fn counted(agent: &Agent, metric: &str, outcome: &str, times: u64) -> Result<()> {
    agent.wait_until(&format!("counting {times} {outcome} of {metric}"), |agent| {
        let counted =
            agent.metrics()?.sum(&format!("plumbline_agent_{metric}_total"), &[("outcome", outcome)]);
        Ok(counted? == times)
    })
}

/// Waits until the status has these counts of a container: how often a task would have been killed, and was.
fn has_counts(agent: &Agent, id: &str, would_kill: u64, killed: u64) -> Result<()> {
    agent.wait_until("counting for the container", |agent| {
        let container = told_of(agent, id)?;
        let is = |name, count: u64| text(&container, name) == Some(&count.to_string());
        Ok(is("/wouldKill", would_kill) && is("/killed", killed))
    })
}

/// What the status says of a container.
fn told_of(agent: &Agent, id: &str) -> Result<Value> {
    let status = agent.status()?;
    let containers = status["containers"].as_array().context("no containers")?;
    let is_it = |container: &&Value| container_id(&json!({"subject": container})) == Some(id);
    containers.iter().find(is_it).cloned().with_context(|| format!("{status:#}"))
}

/// What it says of its only policy there.
fn enforced(agent: &Agent, id: &str) -> Result<Value> {
    Ok(told_of(agent, id)?["policies"][0].clone())
}

/// Waits until the declaration was read and the kernel side was told.
fn are_told(agent: &Agent, id: &str) -> Result<()> {
    agent.wait_until("told of the declaration", |agent| {
        Ok(enforced(agent, id).is_ok_and(|told| told["capabilities"].is_array()))
    })
}

/// The mark is the step after the call, so that no mark means: the call was the last thing that the task did.
fn task_that_uses_what_is_denied_never_takes_its_next_step() -> Result<()> {
    let scene = undeclared(UNDECLARED)?;
    let group = declaring(&scene, "NET_RAW")?;
    let agent = scene.agent(&["--enforce"])?;
    ensure!(own_uses(&scene, &group)? == KILLED);
    let record = record(&agent, &group.container_id, |_| true)?;
    is_decided(&record, "AfterTheFact", Some("Killed"))?;
    ensure!(text(&record, "/evidence/capability") == Some("SYS_CHROOT"), "{record}");
    ensure!(task(&record) == Some("Container"), "{record}");
    counted(&agent, "denials", "killed", TIMES)?;
    counted(&agent, "kills", "killed", 0)?;
    // An exec of the same container is no use.
    counted(&agent, "denials", "denied", 0)?;
    agent.settled("capability")?.check()?;
    let records = agent.stop()?;
    let of_it = |record: &&Value| policy(record) == Some("kill");
    ensure!(records.iter().filter(of_it).count() == 1, "each is told once and counted: {records:#?}");
    let repeats = records.iter().filter_map(|record| text(record, "/count/count")?.parse::<u64>().ok());
    ensure!(repeats.sum::<u64>() == TIMES - 1, "{records:#?}");
    Ok(())
}

fn declared_capability_is_used_freely_beside_one_that_is_denied() -> Result<()> {
    let scene = undeclared(UNDECLARED)?;
    let (denied, declared) = (declaring(&scene, "NET_RAW")?, declaring(&scene, "SYS_CHROOT")?);
    let agent = scene.agent(&["--enforce"])?;
    ensure!(own_uses(&scene, &declared)? == RAN);
    ensure!(own_uses(&scene, &denied)? == KILLED);
    counted(&agent, "denials", "killed", TIMES)?;
    let records = agent.stop()?;
    let failed = |record: &Value| {
        policy(record) == Some("kill") && container_id(record) == Some(&declared.container_id)
    };
    ensure!(!records.iter().any(failed), "{records:#?}");
    Ok(())
}

fn denied_use_is_only_counted_in_audit() -> Result<()> {
    let scene = undeclared(UNDECLARED)?;
    let group = declaring(&scene, "NET_RAW")?;
    let agent = scene.agent(&[])?;
    let container = Container::start_in(group, Overlay::mount(&scene.programs.sample, &[])?, &[])?;
    ensure!(uses_from_outside(&container)? == RAN);
    let id = &container.group.container_id;
    is_decided(&record(&agent, id, |_| true)?, "NotEnforcing", None)?;
    counted(&agent, "denials", "would_kill", TIMES)?;
    counted(&agent, "denials", "killed", 0)?;
    has_counts(&agent, id, TIMES, 0)?;
    ensure!(enforced(&agent, id)?["enforcement"] == "Observe only");
    Ok(())
}

/// By a real runtime, which uses many capabilities to bring the task in.
fn task_from_outside_is_killed_for_a_use_and_the_containers_own_are_not() -> Result<()> {
    let scene = undeclared(&format!("event.task != 'Injected' || {UNDECLARED}"))?;
    let agent = scene.agent(&["--enforce"])?;
    let mut plan =
        Plan::new(&scene, &["/bin/sample", "after", "/data/go", "uses", "SYS_CHROOT", "/data/marks", "200"])?;
    plan.spec["process"]["user"] = json!({"uid": 0, "gid": 0});
    plan.allow(&["CAP_SYS_CHROOT"]);
    let container = plan.start(&scene)?;
    are_told(&agent, container.id())?;
    let from_outside = ["/bin/sample", "capability", "SYS_CHROOT"];
    let refused = container.exec(&["--user", "0", "--cap", "CAP_SYS_CHROOT"], &from_outside).err();
    let refused = refused.context("it was not killed")?.to_string();
    ensure!(refused.contains("137"), "{refused}");
    let record = record(&agent, container.id(), |record| text(record, "/decision/kill") == Some("Killed"))?;
    ensure!(task(&record) == Some("Injected"), "{record}");
    container.exec(&[], &["/bin/sample", "hello"])?;
    fs::write(container.volume().join("go"), "")?;
    let marks = container.volume().join("marks");
    agent.wait_until("beside a container that goes on", |_| {
        Ok(fs::metadata(&marks).is_ok_and(|marks| marks.len() == TIMES))
    })?;
    counted(&agent, "denials", "killed", 1)?;
    let told = enforced(&agent, container.id())?;
    ensure!(told["enforcement"] == "Kill after the fact", "{told:#}");
    let by = told["capabilities"][0]["by"].as_array().context("no capabilities")?;
    ensure!(by.iter().all(|by| by.as_str().is_some_and(|by| by.starts_with("Injected"))), "{told:#}");
    Ok(())
}

/// A policy that no use passes, whoever's it is.
fn runtime_is_never_killed_for_a_use() -> Result<()> {
    let scene = scene("CapabilityUse", BLOCK, "true", "false")?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    let (output, quiet) =
        (container.exec(&marks::uses("SYS_CHROOT", 1))?, container.exec(&["/bin/sample", "hello"])?);
    ensure!(Ended::of(&output, &container.overlay.root())? == Ended { killed: 1, ran: 0 });
    ensure!(quiet.status.success(), "who uses nothing lives: {quiet:?}");
    let mut plan = Plan::new(&scene, &["/bin/sample", "sleep"])?;
    plan.allow(&["CAP_CHOWN"]);
    let by_runc = plan.start(&scene)?;
    by_runc.exec(&["--user", "0"], &["/bin/sample", "hello"])?;
    ensure!(Command::new("true").status()?.success(), "a task outside containers was killed");
    counted(&agent, "denials", "killed", 1)?;
    ensure!(agent.ready()?, "the agent goes on");
    Ok(())
}

/// What the kernel asks by itself is not told from what a task means then.
fn nobody_is_killed_for_a_use_where_the_kernel_hides_its_functions() -> Result<()> {
    let scene = Scene::set()?;
    ship_as_block(&scene, "undeclared-capability-use")?;
    let group = declaring(&scene, "NET_RAW")?;
    let id = group.container_id.clone();
    let hidden = HiddenFunctions::hide()?;
    let agent = scene.agent(&["--enforce"])?;
    drop(hidden);
    let container = Container::start_in(group, Overlay::mount(&scene.programs.sample, &[])?, &[])?;
    agent.wait_until("told of the declaration and why it denies nothing", |agent| {
        let is_known = told_of(agent, &id).is_ok_and(|told| told["pod"].is_object());
        let told = enforced(agent, &id).unwrap_or_default();
        let because = text(&told, "/because").is_some_and(|because| because.contains("kptr_restrict"));
        Ok(is_known && because && told["capabilities"].is_null())
    })?;
    let ended = uses_from_outside(&container)?;
    ensure!(ended.ran == TIMES, "{ended:?}");
    let record = agent.record("telling of the use", |record| {
        policy(record) == Some("undeclared-capability-use")
            && text(record, "/evidence/capability") == Some("SYS_CHROOT")
    })?;
    ensure!(record["decision"]["wouldBlock"] == true, "{record:#}");
    agent.settled("capability")?.check()?;
    counted(&agent, "denials", "killed", 0)?;
    counted(&agent, "kills", "killed", 0)?;
    container.sample(&["hello"])
}

fn mode_decides_of_each_use_and_each_has_its_record() -> Result<()> {
    let scene = undeclared(UNDECLARED)?;
    let group = declaring(&scene, "NET_RAW")?;
    let agent = scene.agent(&["--enforce"])?;
    let container = Container::start_in(group, Overlay::mount(&scene.programs.sample, &["victim"])?, &[])?;
    let id = container.group.container_id.clone();
    set_mode("0")?;
    ensure!(uses_from_outside(&container)? == RAN);
    is_decided(&record(&agent, &id, |_| true)?, "NotEnforcing", None)?;
    set_mode("1")?;
    ensure!(uses_from_outside(&container)? == KILLED);
    let killed = record(&agent, &id, |record| text(record, "/decision/kill").is_some())?;
    is_decided(&killed, "AfterTheFact", Some("Killed"))?;
    has_counts(&agent, &id, TIMES, TIMES)
}

fn set_mode(value: &str) -> Result<()> {
    let update = ["map", "update", "pinned", "/sys/fs/bpf/plumbline/mode", "key", "0", "0", "0", "0"];
    let arguments = [&update[..], &["value", value, "0", "0", "0"]].concat();
    let output = Command::new(machine::program("bpftool")?).args(arguments).output()?;
    ensure!(output.status.success(), "{output:?}");
    Ok(())
}

fn kills_for_uses_outlive_the_agent_until_they_are_detached() -> Result<()> {
    let scene = undeclared(UNDECLARED)?;
    let group = declaring(&scene, "NET_RAW")?;
    let agent = scene.agent(&["--enforce"])?;
    let container = Container::start_in(group, Overlay::mount(&scene.programs.sample, &[])?, &[])?;
    are_told(&agent, &container.group.container_id)?;
    agent.stop()?;
    ensure!(uses_from_outside(&container)? == KILLED, "after a stop");
    scene.detach()?;
    ensure!(uses_from_outside(&container)? == RAN, "after detach");
    Ok(())
}

/// Guards against an answer to the first time alone, when the rest is only counted.
fn program_that_only_user_space_can_judge_is_killed_each_time() -> Result<()> {
    let scene = scene("Exec", BLOCK, "true", NOT_VICTIM)?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    for times in 1..=3 {
        let output = container.exec(&["/bin/sample", "start", "/bin/victim"])?;
        ensure!(!output.status.success() && said(&output).contains("SIGKILL"), "{output:?}");
        counted(&agent, "kills", "killed", times)?;
    }
    let id = &container.group.container_id;
    is_decided(&record(&agent, id, |_| true)?, "AfterTheFact", Some("Killed"))?;
    let told = enforced(&agent, id)?;
    ensure!(told["enforcement"] == "Kill after the fact", "{told:#}");
    ensure!(text(&told, "/because").is_some_and(|why| why.contains("event.executable.path")), "{told:#}");
    container.sample(&["run", "/bin/changed"])?;
    counted(&agent, "kills", "refused", 0)?;
    let records = agent.stop()?;
    ensure!(records.iter().filter(|record| policy(record) == Some("kill")).count() == 1, "{records:#?}");
    Ok(())
}

fn audit_kills_nothing_after_the_fact() -> Result<()> {
    let scene = scene("Exec", BLOCK, "true", NOT_VICTIM)?;
    let agent = scene.agent(&[])?;
    let container = scene.container()?;
    thread::scope(|scope| -> Result<()> {
        let running = scope.spawn(|| container.exec(&["/bin/sample", "start", "/bin/victim"]));
        let record = record(&agent, &container.group.container_id, |_| true)?;
        is_decided(&record, "NotEnforcing", None)?;
        // Far longer than an answer takes.
        thread::sleep(Duration::from_millis(500));
        let victim = running_victim(&container)?.context("it does not run any more")?;
        kill(Pid::from_raw(victim.cast_signed()), Signal::SIGTERM)?;
        let output = running.join().map_err(|_| anyhow::anyhow!("it panicked"))??;
        ensure!(output.status.success(), "it lived until it was told to end: {output:?}");
        Ok(())
    })?;
    for outcome in ["killed", "gone", "refused"] {
        counted(&agent, "kills", outcome, 0)?;
    }
    Ok(())
}

fn running_victim(container: &Container) -> Result<Option<u32>> {
    let is_victim = |pid: &u32| {
        fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"/bin/victim\0"))
    };
    Ok(cgroup::processes(container.group.path())?.into_iter().find(is_victim))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Adds a policy that ships, made one that blocks.
fn ship_as_block(scene: &Scene, name: &str) -> Result<()> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../policies/runtime-drift")
        .join(name)
        .join("policy.yaml");
    let text_of_it =
        fs::read_to_string(shipped)?.replace("  severity: High\n", "  severity: High\n  action: Block\n");
    ensure!(text_of_it.contains("action: Block"), "the policy has another form");
    scene.write_policy("shipped.yaml", &text_of_it)
}

/// What the shipped policy fails, the script, is not in the kernel's view at all.
fn script_that_is_not_of_the_image_is_killed_after_the_fact() -> Result<()> {
    let scene = Scene::set()?;
    ship_as_block(&scene, "executable-not-from-image")?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    let script = write_script(&container)?;
    let began = Instant::now();
    let output = container.exec(&[&script])?;
    ensure!(output.status.code() == Some(128 + 9) || output.status.signal() == Some(9), "{output:?}");
    println!("the script was killed after {:?}", began.elapsed());
    counted(&agent, "kills", "killed", 1)?;
    counted(&agent, "denials", "denied", 0)?;
    let record = agent
        .record("telling of the script", |record| policy(record) == Some("executable-not-from-image"))?;
    is_decided(&record, "AfterTheFact", Some("Killed"))?;
    ensure!(text(&record, "/evidence/executable/script/origin") == Some("Upper"), "{record:#}");
    // The image's own programs run on.
    container.sample(&["run", "/bin/victim"])
}

fn write_script(container: &Container) -> Result<PathBuf> {
    let path = container.overlay.root().join("tmp/script");
    fs::write(&path, "#!/bin/sample sleep\n")?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(PathBuf::from("/tmp/script"))
}

/// A policy that nothing passes, and that the kernel side cannot answer.
fn runtime_is_never_killed_after_the_fact_and_neither_is_who_is_outside() -> Result<()> {
    let scene = scene("Exec", BLOCK, "true", "event.executable.path == '/nowhere'")?;
    let agent = scene.agent(&["--enforce"])?;
    let (group, overlay) = (scene.subtree.container()?, Overlay::mount(&scene.programs.sample, &[])?);
    let output = container::run(&group, &overlay.root(), &["/bin/sample", "sleep"])?;
    // The runtime lives to tell that its container's first program did not.
    ensure!(output.status.code() == Some(128 + 9), "{output:?}");
    counted(&agent, "kills", "killed", 1)?;
    // In the container's group, and still in the node's mount namespace: as a runtime's own steps are.
    let script = format!("echo $$ > {}/cgroup.procs && exec sleep 1", group.path().display());
    let entered = Command::new("sh").args(["-c", &script]).output()?;
    ensure!(entered.status.success(), "{entered:?}");
    ensure!(Command::new("true").status()?.success(), "a task outside containers was killed");
    agent.settled("exec")?;
    counted(&agent, "kills", "killed", 1)?;
    ensure!(agent.ready()?, "the agent goes on");
    Ok(())
}
