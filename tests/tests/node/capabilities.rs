//! Capabilities used: each once, with its count, and only those that mean something.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use policy::capabilities::NAMES;
use serde_json::Value;
use tests::agent::Agent;
use tests::cgroup::ContainerGroup;
use tests::container;
use tests::kernel::HiddenFunctions;
use tests::overlay::Overlay;
use tests::records::{is_failure, path, policy, task, text};
use tests::scene::Scene;

crate::theme![
    each_capability_is_seen_once_with_the_count_that_its_user_reports,
    capability_that_is_declared_raises_nothing,
    capability_of_a_container_without_a_declaration_is_unknown_and_raises_nothing,
    what_somebody_from_outside_uses_is_told_apart,
    kernel_that_hides_its_functions_leaves_uses_of_sys_admin_unknown,
];

const UNDECLARED: &str = "undeclared-capability-use";

/// By name, how often each was used.
type Uses = BTreeMap<String, u64>;

/// What the sample does not use wherever it is granted; `why` of each stands there.
const NEVER_USED: [&str; 6] =
    ["AUDIT_WRITE", "BLOCK_SUSPEND", "MAC_ADMIN", "MAC_OVERRIDE", "NET_BROADCAST", "SYS_RESOURCE"];

fn each_capability_is_seen_once_with_the_count_that_its_user_reports() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let group = scene.subtree.container()?;
    declare(&scene, &group, "capabilities: {drop: [ALL]}")?;
    let agent = scene.agent(&[])?;
    let reported = use_all(&scene, &group)?;
    let granted = granted()?;
    let missing: Vec<_> = granted.iter().filter(|name| !reported.contains_key(**name)).collect();
    // A kernel without modules has neither the file nor who would ask.
    let modules = Path::new("/proc/modules").exists();
    let is_left_out = |name: &&&str| NEVER_USED.contains(name) || **name == "SYS_MODULE" && !modules;
    let expected: Vec<_> = granted.iter().filter(is_left_out).collect();
    ensure!(missing == expected, "left out {missing:?}, and not {expected:?}");
    settle(&agent)?;
    let seen = alerts(agent)?;
    ensure!(seen == reported, "reported {reported:?}\nseen     {seen:?}");
    Ok(())
}

fn capability_that_is_declared_raises_nothing() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let group = scene.subtree.container()?;
    declare(&scene, &group, "capabilities: {drop: [SYS_ADMIN], add: [ALL]}")?;
    let agent = scene.agent(&[])?;
    let reported = use_all(&scene, &group)?;
    let of_it = reported.get("SYS_ADMIN").context("SYS_ADMIN is not to be used here")?;
    settle(&agent)?;
    let seen = alerts(agent)?;
    ensure!(seen == Uses::from([("SYS_ADMIN".to_owned(), *of_it)]), "{seen:?}");
    Ok(())
}

fn capability_of_a_container_without_a_declaration_is_unknown_and_raises_nothing() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let group = scene.subtree.container()?;
    let agent = scene.agent(&[])?;
    let reported = use_all(&scene, &group)?;
    settle(&agent)?;
    let seen = agent.settled("capability")?;
    ensure!(seen.submitted == reported.len() as u64, "{seen:?}, {reported:?}");
    let records = agent.stop()?;
    ensure!(!records.iter().any(is_failure), "{records:?}");
    let unknown = |record: &&Value| policy(record) == Some(UNDECLARED);
    ensure!(records.iter().any(|record| unknown(&record)), "an Unknown is told once: {records:?}");
    Ok(())
}

fn what_somebody_from_outside_uses_is_told_apart() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let group = scene.subtree.container()?;
    declare(&scene, &group, "capabilities: {drop: [ALL]}")?;
    let agent = scene.agent(&[])?;
    let files = files(&scene)?;
    let container = container::Container::start_in(group, files, &[])?;
    container.sample(&["capabilities", "/data"])?;
    let used = agent.record("telling of the capability", |record| {
        policy(record) == Some(UNDECLARED) && text(record, "/evidence/capability") == Some("SYS_ADMIN")
    })?;
    ensure!(task(&used) == Some("Injected") && path(&used) == Some("/bin/sample"), "{used}");
    ensure!(text(&used, "/evidence/userNamespace") == Some("Container"), "{used}");
    agent.stop().map(drop)
}

/// The others are named as ever.
fn kernel_that_hides_its_functions_leaves_uses_of_sys_admin_unknown() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let group = scene.subtree.container()?;
    declare(&scene, &group, "capabilities: {drop: [ALL]}")?;
    let hidden = HiddenFunctions::hide()?;
    let agent = scene.agent(&[])?;
    drop(hidden);
    let reported = use_all(&scene, &group)?;
    settle(&agent)?;
    let unknown = agent.record("telling what it does not know", |record| {
        policy(record) == Some(UNDECLARED) && !is_failure(record)
    })?;
    ensure!(text(&unknown, "/judgement/verdict") == Some("Unknown"), "{unknown}");
    ensure!(unknown.pointer("/evidence/capability").is_some_and(Value::is_null), "{unknown}");
    let records = agent.stop()?;
    let failed = records.iter().filter(|record| policy(record) == Some(UNDECLARED) && is_failure(record));
    let told: BTreeSet<_> = failed.map(|record| text(record, "/evidence/capability")).collect();
    let mut named: BTreeSet<_> = reported.keys().map(|name| Some(name.as_str())).collect();
    ensure!(
        named.remove(&Some("SYS_ADMIN"))
            && named.contains(&Some("CHOWN"))
            && named.contains(&Some("NET_RAW"))
    );
    // What the kernel asks by itself may be there, too.
    ensure!(named.is_subset(&told), "{named:?} {told:?}");
    ensure!(!told.contains(&None) && !told.contains(&Some("SYS_ADMIN")), "{told:?}");
    Ok(())
}

fn declare(scene: &Scene, group: &ContainerGroup, security: &str) -> Result<()> {
    let uid = &group.pod_uid;
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: user, namespace: tests, uid: {uid}}}\nspec:\n  \
         containers:\n  - name: only\n    image: registry.test/sample:1\n    securityContext: {{{security}}}\n"
    );
    fs::write(scene.declarations.path().join("pod.yaml"), pod).context("write the declaration")
}

/// A root with the files that `sample capabilities` asks for.
fn files(scene: &Scene) -> Result<Overlay> {
    let overlay = Overlay::mount(&scene.programs.sample, &[])?;
    let of_files = [
        ("own", 0o600, 0, 0),
        ("strangers", 0o000, 65_534, 0),
        ("lent", 0o644, 65_534, 0),
        ("groups", 0o644, 0, 65_534),
    ];
    for (name, mode, owner, group) in of_files {
        let file = overlay.root().join("data").join(name);
        fs::write(&file, "")?;
        fs::set_permissions(&file, fs::Permissions::from_mode(mode))?;
        chown(&file, Some(owner), Some(group))?;
    }
    Ok(overlay)
}

/// Uses every capability in a new container, and gives what its user says of it.
fn use_all(scene: &Scene, group: &ContainerGroup) -> Result<Uses> {
    let overlay = files(scene)?;
    let output = container::run(group, &overlay.root(), &["/bin/sample", "capabilities", "/data"])?;
    ensure!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout)?;
    for line in lines.lines().filter(|line| line.contains("not used")) {
        println!("{line}");
    }
    let used = |line: &str| {
        let (name, times) = line.split_once(' ')?;
        Some((name.to_owned(), times.parse().ok()?))
    };
    Ok(lines.lines().filter_map(used).collect())
}

/// What is in the bounding set of this process, which a container gets from it.
fn granted() -> Result<Vec<&'static str>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let bounding = status.lines().find_map(|line| line.strip_prefix("CapBnd:")).context("no CapBnd")?;
    let bounding = u64::from_str_radix(bounding.trim(), 16)?;
    Ok(NAMES
        .iter()
        .enumerate()
        .filter(|(number, _)| bounding >> number & 1 == 1)
        .map(|(_, name)| *name)
        .collect())
}

fn settle(agent: &Agent) -> Result<()> {
    let account = agent.settled("capability")?;
    account.check()?;
    ensure!(account.lost == 0 && account.dropped == 0 && account.over_budget == 0, "{account:?}");
    Ok(())
}

/// The alerts of undeclared use, each with how often it came.
fn alerts(agent: Agent) -> Result<Uses> {
    let records = agent.stop()?;
    let mut uses = Uses::new();
    for record in records.iter().filter(|record| policy(record) == Some(UNDECLARED)) {
        ensure!(is_failure(record), "{record}");
        let name = text(record, "/evidence/capability").context("no capability")?;
        let sequence = text(record, "/source/sequence").context("no sequence")?;
        let of_it =
            |count: &&Value| text(count, "/count/of").is_some_and(|of| of.ends_with(&format!("/{sequence}")));
        let repeats = records.iter().filter(of_it);
        let repeats = repeats.filter_map(|count| text(count, "/count/count")?.parse::<u64>().ok());
        let before = uses.insert(name.to_owned(), 1 + repeats.sum::<u64>());
        ensure!(before.is_none(), "{name} was told twice");
    }
    Ok(uses)
}
